"""Metrics in Prometheus' terms, and the HTTP port that tells them."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Any, cast

from prometheus_client import CollectorRegistry, Counter, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector

from service.interceptors.handlers import Call, Context, Handler, wrapped
from service.observe.readings import Readings
from service.settings import UnusableSettingError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterator
    from threading import Thread
    from wsgiref.simple_server import WSGIServer

    from prometheus_client import Metric

    from service.current import Current, Method

LABELS = ("grpc_service", "grpc_method", "grpc_type")
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
BOUNDS = [*(str(float(bound)) for bound in BUCKETS), "+Inf"]


class Metrics:
    """The metrics of one server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._calls = _Calls()
        self.registry.register(self._calls)
        self.received = self._counter("grpc_server_stream_messages_received", "Of request streams.")
        self.sent = self._counter("grpc_server_stream_messages_sent", "Of streams of replies.")
        self.readings = Readings(self.registry)
        self._http: tuple[WSGIServer, Thread] | None = None

    def _counter(self, name: str, says: str) -> Counter:
        return Counter(name, says, LABELS, registry=self.registry)

    def of(self, method: Method) -> _OfMethod:
        """What counts and measures the calls of a method."""
        return self._calls.of(method)

    def serve(self, host: str, port: int) -> str:
        """Tell them over HTTP; the address."""
        try:
            self._http = start_http_server(port, host, self.registry)
        except OSError as error:
            raise UnusableSettingError("metrics_port", f"cannot listen on {port}") from error
        return f"{host}:{self._http[0].server_port}"

    def close(self) -> None:
        if self._http is not None:
            server, thread = self._http
            server.shutdown()
            server.server_close()
            thread.join()


class Counting:
    """Counts the messages of streams as they go by."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def wrap(self, handler: Handler, method: Method) -> Handler:
        if not (method.requests_stream or method.replies_stream):
            return handler
        labels = labels_of(method)
        received = self._metrics.received.labels(*labels)
        sent = self._metrics.sent.labels(*labels)

        async def each(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
            async for request in requests:
                received.inc()
                yield request

        def counting(call: Call, handler: Handler) -> Call:
            def counted(request: Any, context: Context) -> Awaitable[Any]:
                if handler.request_streaming:
                    request = each(request)
                if handler.response_streaming:
                    context = cast("Context", _Sending(context, sent))
                return call(request, context)

            return counted

        return wrapped(handler, counting)


def labels_of(method: Method) -> tuple[str, ...]:
    return (method.service, method.name, method.style)


class _OfMethod:
    """The calls of one method, in plain numbers: the event loop alone writes them.

    The library's own metrics take a lock for each of the three that a call moves.
    """

    def __init__(self, labels: tuple[str, ...]) -> None:
        self.labels = labels
        self.codes: dict[str, int] = {}
        self.in_flight = 0
        self._seconds = 0.0
        self._within = [0] * (len(BUCKETS) + 1)

    def began(self) -> None:
        self.in_flight += 1

    def ended(self, current: Current, request: Any, seconds: float) -> None:  # noqa: ARG002
        self.in_flight -= 1
        self._seconds += seconds
        self._within[bisect_left(BUCKETS, seconds)] += 1
        self.codes[current.code] = self.codes.get(current.code, 0) + 1

    def durations(self) -> tuple[list[tuple[str, float]], float]:
        """How many calls took at most as long as each bound, and the seconds of all."""
        return [*zip(BOUNDS, accumulate(self._within), strict=True)], self._seconds


class _Calls(Collector):
    """What is told of calls, read off when it is asked for."""

    def __init__(self) -> None:
        self._methods: list[_OfMethod] = []

    def of(self, method: Method) -> _OfMethod:
        found = _OfMethod(labels_of(method))
        self._methods.append(found)
        return found

    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "grpc_server_requests",
            "Calls that have ended, by status.",
            labels=(*LABELS, "grpc_code"),
        )
        seconds = HistogramMetricFamily(
            "grpc_server_request_duration_seconds",
            "From the call's arrival to its status.",
            labels=LABELS,
        )
        in_flight = GaugeMetricFamily("grpc_server_in_flight", "Calls in progress.", labels=LABELS)
        for one in self._methods:
            for code, number in one.codes.copy().items():  # calls go on meanwhile
                requests.add_metric((*one.labels, code), number)
            seconds.add_metric(one.labels, *one.durations())
            in_flight.add_metric(one.labels, one.in_flight)
        yield from (requests, seconds, in_flight)


class _Sending:
    def __init__(self, context: Context, sent: Any) -> None:
        self._context = context
        self._sent = sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    async def write(self, message: Any) -> None:
        await self._context.write(message)
        self._sent.inc()
