"""Sets of whole numbers as sorted, disjoint, closed spans: ranges of values, character classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Spans:
    """A set of whole numbers; build it with `spans`."""

    parts: tuple[Span, ...]
    _hash: int = field(init=False, repr=False, compare=False)
    """Known beforehand: every text that is drawn looks its letters up by it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash(self.parts))

    def __hash__(self) -> int:
        return self._hash

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __contains__(self, number: int) -> bool:
        return any(low <= number <= high for low, high in self.parts)

    def __and__(self, other: Spans) -> Spans:
        return spans(
            (max(a, c), min(b, d))
            for a, b in self.parts
            for c, d in other.parts
            if max(a, c) <= min(b, d)
        )

    def __or__(self, other: Spans) -> Spans:
        return spans(self.parts + other.parts)

    def __sub__(self, other: Spans) -> Spans:
        kept = list(self.parts)
        for low, high in other.parts:
            kept = [part for span in kept for part in _cut(span, low, high)]
        return spans(kept)

    @property
    def size(self) -> int:
        return sum(high - low + 1 for low, high in self.parts)

    @property
    def low(self) -> int:
        return self.parts[0][0]

    @property
    def high(self) -> int:
        return self.parts[-1][1]

    def at(self, index: int) -> int:
        """The number of that rank, from the lowest."""
        for low, high in self.parts:
            if index <= high - low:
                return low + index
            index -= high - low + 1
        raise IndexError(index)

    def nearest(self, number: int) -> int:
        """The member closest to *number*; of two, the greater."""
        ends = (min(max(number, low), high) for low, high in self.parts)
        return min(ends, key=lambda end: (abs(end - number), -end))

    def ends(self) -> Iterator[int]:
        """The lowest and highest of each part."""
        for low, high in self.parts:
            yield low
            yield high


def spans(parts: Iterable[Span]) -> Spans:
    """The union of *parts*, joined where they touch."""
    merged: list[Span] = []
    for low, high in sorted(parts):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return _set(tuple(merged))


@lru_cache(maxsize=4096)
def _set(parts: tuple[Span, ...]) -> Spans:
    """The same object for the same set: what is looked up by it is found without comparing."""
    return Spans(parts)


def of(*numbers: int) -> Spans:
    """The set of just these."""
    return spans((number, number) for number in numbers)


def chars(text: str) -> Spans:
    """The set of the characters of *text*."""
    return of(*map(ord, text))


def _cut(span: Span, low: int, high: int) -> Iterator[Span]:
    if span[0] < low:
        yield span[0], min(span[1], low - 1)
    if span[1] > high:
        yield max(span[0], high + 1), span[1]
