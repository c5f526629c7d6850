"""The users that were read last, for a while, and never once it is known that they changed."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.user.v1 import user_pb2


class Cache:
    """At most `size` users, each for at most `lifetime` seconds; the least recently used go first.

    While it is suspended it neither gives nor takes: nobody would tell it of changes.
    """

    def __init__(
        self, size: int, lifetime: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._size = size
        self._lifetime = lifetime
        self._clock = clock
        self._lock = threading.Lock()
        self._users: OrderedDict[str, tuple[user_pb2.User, float]] = OrderedDict()
        self._suspended = False
        self._changes = 0
        self.hits = 0
        self.misses = 0

    def get(self, user_id: str) -> user_pb2.User | None:
        with self._lock:
            user, until = self._users.get(user_id, (None, 0.0))
            if user is None or until <= self._clock():
                self._users.pop(user_id, None)
                self.misses += 1
                return None
            self._users.move_to_end(user_id)
            self.hits += 1
            return _copy(user)

    def stamp(self) -> int:
        """To be taken before a user is read, and given back with the user."""
        return self._changes

    def put(self, user: user_pb2.User, stamp: int) -> None:
        """Keep a user, unless something changed while it was on its way."""
        with self._lock:
            if self._suspended or stamp != self._changes or not self._size:
                return
            self._users[user.user_id] = _copy(user), self._clock() + self._lifetime
            self._users.move_to_end(user.user_id)
            if len(self._users) > self._size:
                self._users.popitem(last=False)

    def drop(self, user_id: str) -> None:
        with self._lock:
            self._changes += 1
            self._users.pop(user_id, None)

    def suspend(self) -> None:
        with self._lock:
            self._changes += 1
            self._suspended = True
            self._users.clear()

    def resume(self) -> None:
        with self._lock:
            self._changes += 1
            self._suspended = False


def _copy(user: user_pb2.User) -> user_pb2.User:
    """Of its own: messages can be changed by whoever holds them."""
    copied = type(user)()
    copied.CopyFrom(user)
    return copied
