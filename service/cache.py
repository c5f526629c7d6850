"""What was read last, kept for a while, and never once it is known that it changed."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Cache(Generic[T]):
    """At most `size` values, each for at most `lifetime` seconds; the least recently used go first.

    While it is suspended it neither gives nor takes: nobody would tell it of changes. `copied`
    makes what is given and taken the cache's own, for values that their holders may change.
    """

    def __init__(
        self,
        size: int,
        lifetime: float,
        *,
        copied: Callable[[T], T] = lambda value: value,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._size = size
        self._lifetime = lifetime
        self._copied = copied
        self._clock = clock
        self._lock = threading.Lock()
        self._values: OrderedDict[str, tuple[T, float]] = OrderedDict()
        self._suspended = False
        self._changes = 0
        self._changed: OrderedDict[str, int] = OrderedDict()  # the last change of a key
        self._forgotten = 0  # changes up to this one may have been of any key
        self.hits = 0
        self.misses = 0

    def get(self, key: str) -> T | None:
        with self._lock:
            value, until = self._values.get(key, (None, 0.0))
            if value is None or until <= self._clock():
                self._values.pop(key, None)
                self.misses += 1
                return None
            self._values.move_to_end(key)
            self.hits += 1
            return self._copied(value)

    def stamp(self) -> int:
        """To be taken before a value is read, and given back with it."""
        return self._changes

    def put(self, key: str, value: T, stamp: int) -> None:
        """Keep a value, unless it changed while it was on its way."""
        with self._lock:
            late = stamp < max(self._forgotten, self._changed.get(key, 0))
            if late or self._suspended or not self._size:
                return
            self._values[key] = self._copied(value), self._clock() + self._lifetime
            self._values.move_to_end(key)
            if len(self._values) > self._size:
                self._values.popitem(last=False)

    def drop(self, key: str) -> None:
        with self._lock:
            self._changes += 1
            self._values.pop(key, None)
            self._changed[key] = self._changes
            self._changed.move_to_end(key)
            if len(self._changed) > self._size:
                _, self._forgotten = self._changed.popitem(last=False)

    def suspend(self) -> None:
        self._begin_anew(suspended=True)

    def resume(self) -> None:
        self._begin_anew(suspended=False)

    def _begin_anew(self, *, suspended: bool) -> None:
        """What is on its way was asked for when nobody told of changes: it is not to be kept."""
        with self._lock:
            self._changes += 1
            self._forgotten = self._changes
            self._changed.clear()
            self._values.clear()
            self._suspended = suspended
