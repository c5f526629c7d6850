"""Metrics whose values somebody else keeps, read off when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client import CollectorRegistry, Metric


class Readings(Collector):
    """A value that only grows is a counter, any other a gauge."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._counters: list[tuple[str, str, Callable[[], float]]] = []
        self._gauges: list[tuple[str, str, Callable[[], float]]] = []
        registry.register(self)

    def counter(self, name: str, says: str, value: Callable[[], float]) -> None:
        self._counters.append((name, says, value))

    def gauge(self, name: str, says: str, value: Callable[[], float]) -> None:
        self._gauges.append((name, says, value))

    def collect(self) -> Iterator[Metric]:
        for name, says, value in self._counters:
            yield CounterMetricFamily(name, says, value=value())
        for name, says, value in self._gauges:
            yield GaugeMetricFamily(name, says, value=value())
