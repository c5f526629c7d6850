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
        self._pool = 0
        self._left = 1

    def integer(self, low: int, high: int, toward: int) -> int:
        size = high - low + 1
        if size <= _SMALL:
            return low + (toward - low + self._small(size)) % size
        drawn: int = self._draw(_integers(low - toward, high - toward))
        return toward + drawn

    def _small(self, size: int) -> int:
        """One of *size* choices, the first the simplest, out of a number drawn for many such."""
        if size > self._left:
            self._pool, self._left = self._draw(_POOL), _POOL_SIZE
        self._pool, choice = divmod(self._pool, size)
        self._left //= size
        return choice

    def floating(self, low: float, high: float, single: bool, nan: bool) -> float:
        drawn: float = self._draw(_floats(low, high, single, nan))
        return drawn

    def text(self, alphabet: Spans, low: int, high: int) -> str:
        if high == 0:
            return ""
        drawn: str = self._draw(_texts(alphabet, low, high))
        return drawn


_POOL_SIZE = 1 << 24
"""Of greater ranges Hypothesis draws the lower part far more often than the rest."""
_SMALL = 1 << 12
_POOL = st.integers(0, _POOL_SIZE - 1)


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
