"""How long each of many must wait, counted in this process."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

REMEMBERED = 10_000  # pairs of caller and method

Key: TypeAlias = tuple[str, str]  # caller, method


class Limiter(Protocol):
    """Gives places at an even rate, with room for bursts."""

    async def wait(self, key: Key) -> float:
        """Take a place and answer 0, or take none and answer the seconds until there is one."""

    async def close(self) -> None:
        """Let go of what it holds."""


class Buckets:
    """Of each key it keeps one number, the time at which its bucket is full again.

    The least recently seen are forgotten, and full buckets lose nothing by that.
    """

    def __init__(
        self, rate: float, burst: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._step = 1 / rate
        self._room = self._step * max(burst, 1)
        self._clock = clock
        self._full_at: OrderedDict[Key, float] = OrderedDict()

    def take(self, key: Key) -> float:
        """As `wait`, at once."""
        now = self._clock()
        full_at = max(self._full_at.pop(key, now), now) + self._step
        wait = full_at - self._room - now
        self._full_at[key] = full_at if wait <= 1e-9 else full_at - self._step
        if len(self._full_at) > REMEMBERED:
            self._full_at.popitem(last=False)
        return wait if wait > 1e-9 else 0.0

    async def wait(self, key: Key) -> float:
        return self.take(key)

    async def close(self) -> None:
        """Nothing is held that memory does not free."""
