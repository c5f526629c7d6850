"""Hypothesis as a source of choices: few draws, each from a strategy that is made once."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from hypothesis import strategies as st

from wireproof.values.source import letters

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.values.spans import Spans


class Drawn:
    """The choices of one example."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw
        self._pool = b""
        self._at = _AT_ONCE

    def _long(self, alphabet: Spans, low: int, high: int) -> str:
        """A short text over and over: Hypothesis draws no longer ones."""
        core: str = self._draw(_texts(alphabet, 1, 16))
        length = self.integer(low, min(high, low + 16), low)
        return (core * (length // len(core) + 1))[:length]

    def integer(self, low: int, high: int, toward: int) -> int:
        size = high - low + 1
        if size <= _SMALL:
            return low + (toward - low + self._small(size)) % size
        drawn: int = self._draw(_integers(low - toward, high - toward))
        return toward + drawn

    def _small(self, size: int) -> int:
        """One of *size* choices, the first the simplest."""
        if size <= 256:
            return self._byte() % size
        return (self._byte() << 8 | self._byte()) % size

    def _byte(self) -> int:
        if self._at == _AT_ONCE:
            self._pool, self._at = self._draw(_POOL), 0
        self._at += 1
        return self._pool[self._at - 1]

    def flags(self, count: int) -> list[bool]:
        return [self._byte() & 1 == 1 for _ in range(count)]

    def floating(self, low: float, high: float, single: bool, nan: bool) -> float:
        drawn: float = self._draw(_floats(low, high, single, nan))
        return drawn

    def text(self, alphabet: Spans, low: int, high: int) -> str:
        if high == 0:
            return ""
        if low > _LONG:
            return self._long(alphabet, low, high)
        drawn: str = self._draw(_texts(alphabet, low, high))
        return drawn


_SMALL = 1 << 12
_LONG = 1000
_AT_ONCE = 32
_POOL = st.binary(min_size=_AT_ONCE, max_size=_AT_ONCE)
"""Small choices are bytes of one draw: a draw is what costs, and bytes shrink one by one."""


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
