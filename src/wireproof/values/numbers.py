"""Numbers, and what is ordered as they are: ints, floats, timestamps and durations."""

from __future__ import annotations

import math
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from google.protobuf.message import Message

from wireproof.schema.constraints import FieldConstraints, comparable
from wireproof.values.domain import Edge
from wireproof.values.source import Source, rounded
from wireproof.values.spans import Spans, of, spans

INT32 = spans([(-(2**31), 2**31 - 1)])
INT64 = spans([(-(2**63), 2**63 - 1)])
UINT32 = spans([(0, 2**32 - 1)])
UINT64 = spans([(0, 2**64 - 1)])
SECOND = 10**9
TIMES = spans([(-62_135_596_800 * SECOND, 253_402_300_800 * SECOND - 1)])
"""Timestamps, in nanoseconds: from 0001-01-01 to 9999-12-31 (timestamp.proto)."""
DURATIONS = spans([(-315_576_000_000 * SECOND, 315_576_000_000 * SECOND)])
"""Durations, in nanoseconds: 10,000 years each way (duration.proto)."""

_FAR_AHEAD = 4_102_444_800 * SECOND  # 2100-01-01: a future that stays one
_MARGIN = 60 * SECOND  # clocks of a tester and its target differ
_SHARES = 10**6
_INTEGERS = (0, 1, -1, 2, 10, 127, 255, 2**31 - 1, 2**31, -(2**31), 2**32, 2**53 + 1)
_TIMES = (0, 1, -1, 999_999_999, 951_782_400 * SECOND, -SECOND, 1_735_689_599 * SECOND)
_DURATIONS = (0, 1, -1, SECOND, -SECOND, 999_999_999, 86_400 * SECOND)


def allowed(rules: FieldConstraints, universe: Spans, key: Callable[[Any], int]) -> Spans:
    """The part of *universe* that const, in, not_in, gt, gte, lt and lte leave over."""
    found = universe
    if (const := rules.rule("const")) is not None:
        found &= of(key(const))
    if listed := rules.rule("in"):
        found &= of(*map(key, listed))
    found &= _ranged(rules, universe, key)
    return found - of(*map(key, rules.rule("not_in", ())))


def _ranged(rules: FieldConstraints, universe: Spans, key: Callable[[Any], int]) -> Spans:
    low, high = universe.low, universe.high
    gt, gte, lt, lte = (rules.rule(name) for name in ("gt", "gte", "lt", "lte"))
    low = key(gt) + 1 if gt is not None else key(gte) if gte is not None else low
    high = key(lt) - 1 if lt is not None else key(lte) if lte is not None else high
    bounds = [comparable(b) for b in (gt, gte, lt, lte) if b is not None]
    if len(bounds) == 2 and bounds[1] < bounds[0]:  # the range is what lies outside
        return spans([(universe.low, high), (low, universe.high)])
    return spans([(low, high)]) & universe if low <= high else spans(())


def _bounds(rules: FieldConstraints, key: Callable[[Any], int]) -> Iterator[int]:
    for name in ("const", "gt", "gte", "lt", "lte"):
        if (bound := rules.rule(name)) is not None:
            yield key(bound)
    for name in ("in", "not_in"):
        yield from map(key, rules.rule(name, ()))


def _near(rules: FieldConstraints, key: Callable[[Any], int], found: Spans) -> Iterator[int]:
    for bound in (*_bounds(rules, key), *found.ends()):
        yield from (bound, bound - 1, bound + 1)


def _pick(found: Spans, source: Source, toward: int) -> int:
    parts = found.parts
    if not parts:  # rules that contradict themselves: whoever tries it finds out
        return toward
    if len(parts) > 1:
        nearest = sorted(parts, key=lambda part: abs(min(max(toward, part[0]), part[1]) - toward))
        low, high = nearest[source.integer(0, len(parts) - 1, 0)]
    else:
        low, high = parts[0]
    return source.integer(low, high, min(max(toward, low), high))


@dataclass(eq=False, slots=True)
class Whole:
    """Integers."""

    rules: FieldConstraints
    universe: Spans
    _found: Spans = field(init=False)

    def __post_init__(self) -> None:
        self._found = allowed(self.rules, self.universe, int)

    def found(self) -> Spans:
        return self._found

    def pick(self, source: Source) -> int:
        return _pick(self._found, source, 0)

    def edges(self) -> Iterator[Edge]:
        found = self.found()
        rims = (*_INTEGERS[:4], *_near(self.rules, int, found), *_INTEGERS)
        return ((f"value {n}", n) for n in dict.fromkeys(rims) if n in found)

    def breaks(self) -> Iterator[int]:
        refused = self.universe - self.found()
        rims = (*_near(self.rules, int, self.found()), *self.universe.ends(), *_INTEGERS)
        return (n for n in dict.fromkeys(rims) if n in refused)


@dataclass(eq=False, slots=True)
class Real:
    """Floats and doubles, worked on as the whole numbers that order them the same way."""

    rules: FieldConstraints
    single: bool
    _parts: tuple[tuple[float, float], ...] = field(init=False)
    _free: bool = field(init=False)

    def __post_init__(self) -> None:
        parts = sorted(self.found().parts, key=lambda part: abs(min(max(0, part[0]), part[1])))
        self._parts = tuple((self.number(low), self.number(high)) for low, high in parts)
        self._free = not self.rules.names()

    def key(self, number: float) -> int:
        """The rank of *number* among the floats of this precision."""
        number = rounded(number) if self.single and math.isfinite(number) else number
        code, mask = ("<f", 2**31 - 1) if self.single else ("<d", 2**63 - 1)
        bits = int(
            struct.unpack(code.replace("f", "i").replace("d", "q"), struct.pack(code, number))[0]
        )
        return bits if bits >= 0 else -(bits & mask)

    def number(self, key: int) -> float:
        code = "<f" if self.single else "<d"
        bits = struct.pack(code.replace("f", "i").replace("d", "q"), abs(key))
        return math.copysign(struct.unpack(code, bits)[0], -1.0 if key < 0 else 1.0)

    def found(self) -> Spans:
        finite = bool(self.rules.rule("finite"))
        top = self.key(math.inf) - (1 if finite else 0)
        return allowed(self.rules, spans([(-top, top)]), self.key)

    def pick(self, source: Source) -> float:
        if not self._parts:  # as in _pick
            return 0.0
        last = len(self._parts) - 1
        low, high = self._parts[source.integer(0, last, 0) if last else 0]
        return source.floating(low, high, self.single, self._free)

    def _rims(self) -> Iterator[float]:
        found = self.found()
        keys = dict.fromkeys(_near(self.rules, self.key, found))
        top = self.key(math.inf)
        yield from (self.number(key) for key in keys if -top <= key <= top)
        tiny = (self.number(1), self.number(top - 1))
        yield from (0.0, -0.0, 1.0, -1.0, 0.5, 0.1 if not self.single else rounded(0.1), 1e6)
        yield from (*tiny, -tiny[0], -tiny[1], math.inf, -math.inf)

    def edges(self) -> Iterator[Edge]:
        found = self.found()
        rims = {repr(n): n for n in self._rims() if self.key(n) in found}
        if not {"gt", "gte", "lt", "lte", "const", "in", "finite"} & set(self.rules.names()):
            rims["nan"] = math.nan
        return ((f"value {text}", number) for text, number in rims.items())

    def breaks(self) -> Iterator[float]:
        found = self.found()
        rims = {repr(n): n for n in self._rims() if self.key(n) not in found}
        return iter((*rims.values(), math.nan))


@dataclass(eq=False, slots=True)
class Moment:
    """Timestamps or durations, in nanoseconds."""

    rules: FieldConstraints
    universe: Spans
    message: Any
    _found: Spans = field(init=False)
    _timeless: bool = field(init=False)

    def __post_init__(self) -> None:
        self._found = allowed(self.rules, self.universe, comparable)
        self._timeless = not {"lt_now", "gt_now", "within"} & set(self.rules.names())

    def found(self) -> Spans:
        found = self._found
        if self._timeless:
            return found
        now = time.time_ns()
        if self.rules.rule("lt_now"):
            found &= spans([(self.universe.low, now - _MARGIN)])
        if self.rules.rule("gt_now"):
            found &= spans([(now + _MARGIN, self.universe.high)])
        if (within := self.rules.rule("within")) is not None:
            half = comparable(within) // 2
            found &= spans([(now - half, now + half)])
        return found

    def wrap(self, nanoseconds: int) -> Message:
        seconds, nanos = divmod(abs(nanoseconds), SECOND)
        if self.universe is TIMES:
            seconds, nanos = divmod(nanoseconds, SECOND)
        elif nanoseconds < 0:
            seconds, nanos = -seconds, -nanos
        return cast(Message, self.message(seconds=seconds, nanos=nanos))

    @property
    def toward(self) -> int:
        return _FAR_AHEAD if self.rules.rule("gt_now") else 0

    def pick(self, source: Source) -> Message:
        found = self.found()
        if not found:  # as in _pick
            return self.wrap(self.toward)
        if self._timeless:
            return self.wrap(_pick(found, source, found.nearest(self.toward)))
        # The clock moves the range: a share of it is chosen, so that the choice can be replayed.
        share = source.integer(0, _SHARES, 0)
        low, high = found.low, found.high
        inside = found.nearest(low + (high - low) * share // _SHARES)
        return self.wrap(inside if share else found.nearest(self.toward))

    def _rims(self) -> Iterator[int]:
        usual = _TIMES if self.universe is TIMES else _DURATIONS
        yield from (*_near(self.rules, comparable, self.found()), *usual, *self.universe.ends())
        now = time.time_ns()
        if self.rules.kind == "timestamp":
            yield from (now - 3600 * SECOND, now + 3600 * SECOND, _FAR_AHEAD)
        if (within := self.rules.rule("within")) is not None:
            yield from (now - 2 * comparable(within), now + 2 * comparable(within))

    def edges(self) -> Iterator[Edge]:
        found = self.found()
        known = (n for n in dict.fromkeys(self._rims()) if n in found)
        return ((f"{n / SECOND:.9g} s", self.wrap(n)) for n in known)

    def breaks(self) -> Iterator[Message]:
        refused = self.universe - self.found()
        return (self.wrap(n) for n in dict.fromkeys(self._rims()) if n in refused)
