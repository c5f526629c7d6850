"""A domain tried against protovalidate: what it accepts is offered, what it refuses is sorted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

from google.protobuf.message import Message

from wireproof.values.domain import Domain, Edge, Pool
from wireproof.values.source import LEAST, seeded

Verdict = Callable[[Any], frozenset[str]]
"""Tells which rules a value breaks, at its own place."""

_DRAWS = 12
_KEPT = 6
_TRIED = 400


@dataclass(frozen=True, slots=True)
class Break:
    """A value that breaks *rule*; *alone* where it breaks no other rule of its place."""

    rule: str
    value: Any
    alone: bool


class Settled:
    """The values of one place that protovalidate has confirmed; each kind is tried when asked for.

    Most places are only ever drawn from, and what breaks their rules costs the most to find.
    """

    def __init__(self, ideal: Domain, verdict: Verdict | None, extra: Iterable[Edge] = ()) -> None:
        """*extra* is offered besides; without a *verdict* there are no rules: all is accepted."""
        self._ideal = ideal
        self._verdict = verdict
        self._extra = extra

    @cached_property
    def domain(self) -> Domain | None:
        """What can be drawn from; None where no accepted value was found.

        The ideal domain where every try of it is accepted, else what was.
        """
        if self._verdict is None:
            return self._ideal
        drawn = [self._ideal.pick(LEAST), *(self._ideal.pick(seeded(n)) for n in range(_DRAWS))]
        accepted = [value for value in drawn if not self._verdict(value)]
        if len(accepted) == len(drawn):
            return self._ideal
        pool = distinct((*((f"drawn {v!r}"[:60], v) for v in accepted), *self.edges))
        return Pool(tuple(sorted((value for _, value in pool), key=_size))) if pool else None

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Accepted values that are special."""
        verdict = self._verdict
        return tuple(e for e in self._offered if verdict is None or not verdict(e[1]))

    @cached_property
    def breaks(self) -> dict[str, tuple[Break, ...]]:
        """Refused values, by the rule that they break."""
        if self._verdict is None:
            return {}
        tried = (*self._ideal.breaks(), *(value for _, value in self._offered))
        return sorted_breaks(tried, self._verdict)

    @cached_property
    def _offered(self) -> tuple[Edge, ...]:
        return distinct((*self._ideal.edges(), *self._extra))


def sorted_breaks(tried: Iterable[Any], verdict: Verdict) -> dict[str, tuple[Break, ...]]:
    """The refused values by the rule they break: those that break nothing else first."""
    found: dict[str, list[Break]] = {}
    for _, value in islice(distinct(("", value) for value in tried), _TRIED):
        broken = verdict(value)
        for rule in broken:
            found.setdefault(rule, []).append(Break(rule, value, alone=len(broken) == 1))
    return {
        rule: tuple(sorted(breaks, key=lambda one: not one.alone)[:_KEPT])
        for rule, breaks in found.items()
    }


def _size(value: Any) -> tuple[float, ...]:
    """How simple a value is, for those that are tried one by one."""
    if isinstance(value, str | bytes):
        return (sum(not (45 <= ord(c) <= 122) for c in str(value)), len(value))
    if isinstance(value, int | float):
        return (abs(value), value < 0)
    return (len(identity(value)),)


def distinct(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Each value once, under its first name."""
    seen: dict[Any, Edge] = {}
    for edge in edges:
        seen.setdefault(identity(edge[1]), edge)
    return tuple(seen.values())


def identity(value: Any) -> Any:
    """What tells two values apart: 0.0 and -0.0 differ, so do True and 1."""
    if isinstance(value, Message):
        return value.SerializePartialToString(deterministic=True)
    if isinstance(value, list):
        return tuple(map(identity, value))
    if isinstance(value, dict):
        return tuple((identity(key), identity(one)) for key, one in value.items())
    return (type(value), repr(value)) if isinstance(value, float) else (type(value), value)


@lru_cache(maxsize=512)
def several(settled: Settled, count: int) -> tuple[Any, ...]:
    """*count* different values where there are so many, else as many as there are.

    Remembered, for lists and maps of the same place ask again and again.
    """
    found: dict[Any, Any] = {}
    for value in _stream(settled, count):
        found.setdefault(identity(value), value)
        if len(found) == count:
            break
    return tuple(found.values())


def _stream(settled: Settled, count: int) -> Iterator[Any]:
    if settled.domain is None:
        return
    yield settled.domain.pick(LEAST)
    yield from (value for name, value in settled.edges if len(repr(value)) < 200 or not name)
    source = seeded(0)
    for _ in range(8 * count + 32):
        yield settled.domain.pick(source)
