"""Hypothesis as a source of choices: few draws, each from a strategy that is made once.

What is drawn is asked of a hand: Hypothesis deals one (and shrinks it), a seeded generator deals
another some ten times faster, and notes what it dealt, so that Hypothesis can take over from there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from hypothesis import strategies as st

from wireproof.values.source import letters

C = TypeVar("C")

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from wireproof.values.source import Seeded
    from wireproof.values.spans import Spans


class Hand(Protocol):
    """The four kinds of choices; each is one choice of Hypothesis."""

    def raw(self) -> bytes:
        """A pool of bytes for small choices."""

    def whole(self, low: int, high: int) -> int:
        """A whole number; the simplest is the one nearest to zero."""

    def floating(self, low: float, high: float, single: bool, nan: bool) -> float:
        """A number of single or double precision."""

    def text(self, alphabet: Spans, low: int, high: int) -> str:
        """A text over the letters of *alphabet*."""


class Drawn:
    """The choices of one example."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self._pool = b""
        self._at = _AT_ONCE

    def _long(self, alphabet: Spans, low: int, high: int) -> str:
        """A short text over and over: Hypothesis draws no longer ones."""
        core = self._hand.text(alphabet, 1, 16)
        length = self.integer(low, min(high, low + 16), low)
        return (core * (length // len(core) + 1))[:length]

    def integer(self, low: int, high: int, toward: int) -> int:
        size = high - low + 1
        if size <= _SMALL:
            return low + (toward - low + self._small(size)) % size
        return toward + self._hand.whole(low - toward, high - toward)

    def _small(self, size: int) -> int:
        """One of *size* choices, the first the simplest."""
        if size <= 256:
            return self._byte() % size
        return (self._byte() << 8 | self._byte()) % size

    def _byte(self) -> int:
        if self._at == _AT_ONCE:
            self._pool, self._at = self._hand.raw(), 0
        self._at += 1
        return self._pool[self._at - 1]

    def flags(self, count: int) -> list[bool]:
        end = self._at + count
        if end > _AT_ONCE:
            return [self._byte() & 1 == 1 for _ in range(count)]
        at, self._at = self._at, end
        return [byte & 1 == 1 for byte in self._pool[at:end]]

    def floating(self, low: float, high: float, single: bool, nan: bool) -> float:
        return self._hand.floating(low, high, single, nan)

    def text(self, alphabet: Spans, low: int, high: int) -> str:
        if high == 0:
            return ""
        if low > _LONG:
            return self._long(alphabet, low, high)
        return self._hand.text(alphabet, low, high)


_SMALL = 1 << 12
_LONG = 1000
_AT_ONCE = 32
_POOL = st.binary(min_size=_AT_ONCE, max_size=_AT_ONCE)
"""Small choices are bytes of one draw: a draw is what costs, and bytes shrink one by one."""


class Hypothesis:
    """A hand that Hypothesis deals."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def raw(self) -> bytes:
        drawn: bytes = self._draw(_POOL)
        return drawn

    def whole(self, low: int, high: int) -> int:
        drawn: int = self._draw(_integers(low, high))
        return drawn

    def floating(self, low: float, high: float, single: bool, nan: bool) -> float:
        drawn: float = self._draw(_floats(low, high, single, nan))
        return drawn

    def text(self, alphabet: Spans, low: int, high: int) -> str:
        drawn: str = self._draw(_texts(alphabet, low, high))
        return drawn


@dataclass(slots=True)
class Dealt:
    """A hand dealt by a seeded generator, and the choices that it noted."""

    random: Random
    source: Seeded
    choices: list[Any] = field(default_factory=list)

    def raw(self) -> bytes:
        return self._noted(self.random.randbytes(_AT_ONCE))

    def whole(self, low: int, high: int) -> int:
        return self._noted(self.source.integer(low, high, min(max(0, low), high)))

    def floating(self, low: float, high: float, single: bool, nan: bool) -> float:
        return self._noted(self.source.floating(low, high, single, nan))

    def text(self, alphabet: Spans, low: int, high: int) -> str:
        return self._noted(self.source.text(alphabet, low, high))

    def _noted(self, choice: C) -> C:
        self.choices.append(choice)
        return choice


@lru_cache(maxsize=8192)
def _integers(low: int, high: int) -> st.SearchStrategy[Any]:
    return st.integers(low, high)


@lru_cache(maxsize=1024)
def _floats(low: float, high: float, single: bool, nan: bool) -> st.SearchStrategy[float]:
    width: Literal[32, 64] = 32 if single else 64
    if low == -math.inf and high == math.inf:
        return st.floats(allow_nan=nan, width=width)
    return st.floats(low, high, width=width, allow_nan=False)


@lru_cache(maxsize=4096)
def _texts(alphabet: Spans, low: int, high: int) -> st.SearchStrategy[Any]:
    return st.text(letters(alphabet), min_size=low, max_size=high)
