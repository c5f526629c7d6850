"""A store that remembers users whom it read lately, and forgets those of whom events tell.

A replica sees its own changes at once, and those of others as soon as their events come: a few
milliseconds later, and at worst when the lifetime of an entry is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from service.cache import Cache
    from service.model import Event, Once, Query, User
    from service.store import Change, Store

AT_ONCE = 100  # events
PAUSE = 0.1  # seconds before the events are asked for again, where that failed

log = logging.getLogger("service")


class CachedStore:
    """Reads of single users from memory; all else is the store's own."""

    def __init__(self, store: Store, cache: Cache[User]) -> None:
        self.secret = store.secret
        self._store = store
        self._cache = cache
        cache.suspend()
        self._following = asyncio.create_task(self._follow())

    @property
    def deaf(self) -> bool:
        return self._store.deaf

    async def user(self, user_id: str) -> User | None:
        if self.deaf:
            return await self._store.user(user_id)
        if (known := self._cache.get(user_id)) is not None:
            return known
        stamp = self._cache.stamp()
        user = await self._store.user(user_id)
        if user is not None:
            self._cache.put(user_id, user, stamp)
        return user

    async def users(self, query: Query) -> tuple[list[User], int]:
        return await self._store.users(query)

    async def insert(self, created: Event, once: Once | None) -> User:
        try:
            return await self._store.insert(created, once)
        finally:
            self._cache.drop(created.user.user_id)

    async def change(self, user_id: str, decide: Callable[[User | None], Change]) -> User:
        try:
            return await self._store.change(user_id, decide)
        finally:  # whatever is known of the outcome
            self._cache.drop(user_id)

    async def events(
        self, after: int, limit: int, user_ids: Sequence[str]
    ) -> tuple[list[Event], int]:
        return await self._store.events(after, limit, user_ids)

    async def last_position(self) -> int:
        return await self._store.last_position()

    async def wait_beyond(self, position: int) -> None:
        await self._store.wait_beyond(position)

    async def close(self) -> None:
        self._following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._following
        await self._store.close()

    async def _follow(self) -> None:
        while True:
            try:
                await self._drop_what_changes()
            except Exception:
                self._cache.suspend()
                log.warning("the cache is off: events cannot be read", exc_info=True)
                await asyncio.sleep(PAUSE)

    async def _drop_what_changes(self) -> None:
        position = await self._store.last_position()
        self._cache.resume()
        while True:
            found, position = await self._store.events(position, AT_ONCE, ())
            for event in found:
                self._cache.drop(event.user.user_id)
            if not found:
                await self._store.wait_beyond(position)
