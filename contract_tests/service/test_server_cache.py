"""The server's own memory of users: off unless asked for, never behind for long."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from contract_tests.service.support import Client, Refused, refused, serving, update
from service.cache import Cache
from service.model import Event, Kind, User
from service.store.cached import CachedStore
from service.store.sqlite import SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Sequence

HITS, MISSES = "user_store_cache_hits_total", "user_store_cache_misses_total"
GONE = Refused("NOT_FOUND", "USER_NOT_FOUND")


def counted(client: Client) -> tuple[float | None, float | None]:
    """Hits and misses, as the metrics tell."""
    value = client.server.metrics.registry.get_sample_value
    return value(HITS), value(MISSES)


async def until_cached(client: Client, user_id: str) -> None:
    """Read a user until the memory answers: it keeps nothing before it hears of changes."""
    async with asyncio.timeout(60):
        while True:
            before = counted(client)[0]
            await client.get(user_id)
            if counted(client)[0] != before:
                return


async def test_by_default_nothing_is_remembered(client: Client) -> None:
    """
    And so nothing is counted.
    """
    await client.create(user_id="u-1")
    await client.get("u-1")
    assert counted(client) == (None, None)


async def test_a_user_is_read_once_until_it_changes(db: str) -> None:
    """
    The hit rate is in the metrics; a change by this server is seen at once.
    """
    async with serving(db, cache_size=10) as client:
        ada = await client.create(user_id="u-1")
        await until_cached(client, "u-1")
        hits, misses = counted(client)
        assert [await client.get("u-1") for _ in range(3)] == [ada] * 3
        assert counted(client) == ((hits or 0) + 3, misses)
        ada.display_name = "Countess"
        changed = await update(client, ada, "display_name")
        assert await client.get("u-1") == changed
        await client.delete("u-1")
        assert await refused(client.get("u-1")) == GONE


class Told(SQLiteStore):
    """A store whose changes come from elsewhere, and whose hearing can be taken."""

    reads = 0

    async def user(self, user_id: str) -> User | None:
        self.reads += 1
        return await super().user(user_id)


def someone(name: str) -> User:
    """A user whose id is always the same."""
    return User("u-1", "ada@example.org", name)


async def read_until(store: CachedStore, name: str) -> None:
    """Return once the user bears that name."""
    async with asyncio.timeout(60):
        while (found := await store.user("u-1")) is None or found.display_name != name:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_what_others_change_is_told_by_events() -> None:
    """
    Within moments of the event, long before the entry is old.
    """
    shared = Told.in_memory()
    store = CachedStore(shared, Cache(10, 3600))
    await shared.insert(Event(Kind.CREATED, someone("Ada"), 1), None)
    await read_until(store, "Ada")
    await shared.change("u-1", lambda _: Event(Kind.UPDATED, someone("Countess"), 2))
    await read_until(store, "Countess")
    reads = shared.reads
    await store.user("u-1")
    assert shared.reads - reads <= 1
    await store.close()


async def test_who_hears_of_no_changes_remembers_nothing() -> None:
    """
    While nobody listens, each read is a read.
    """
    shared = Told.in_memory()
    await shared.insert(Event(Kind.CREATED, someone("Ada"), 1), None)
    store = CachedStore(shared, Cache(10, 3600))
    shared.deaf = True
    for _ in range(3):
        await read_until(store, "Ada")
    assert shared.reads == 3
    await store.close()


class Mute(Told):
    """A store whose events cannot be read at first."""

    failures = 2

    async def events(
        self, after: int, limit: int, user_ids: Sequence[str]
    ) -> tuple[list[Event], int]:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("no events today")
        return await super().events(after, limit, user_ids)


async def test_events_that_fail_switch_it_off_and_on_again() -> None:
    """
    Reads go on meanwhile.
    """
    shared = Mute.in_memory()
    await shared.insert(Event(Kind.CREATED, someone("Ada"), 1), None)
    cache: Cache[User] = Cache(10, 3600)
    store = CachedStore(shared, cache)
    await read_until(store, "Ada")
    async with asyncio.timeout(60):
        while not cache.hits:
            await read_until(store, "Ada")
            await asyncio.sleep(0.01)
    assert shared.failures == 0
    await store.close()
