"""What readers of the newest events share: nothing missing, nothing twice, bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.model import Event, Kind, User
from service.store import recent
from service.store.recent import Recent
from service.store.sqlite import SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Sequence


class Counting(SQLiteStore):
    """A store that counts how often its events were read."""

    reads = 0

    async def events(
        self, after: int, limit: int, user_ids: Sequence[str]
    ) -> tuple[list[Event], int]:
        """As ever."""
        self.reads += 1
        return await super().events(after, limit, user_ids)


async def happened(store: SQLiteStore, first: int, last: int, text: str = "") -> None:
    """Events of these positions."""
    for n in range(first, last + 1):
        user = User(f"u-{n}", f"u-{n}@example.org", text)
        await store.insert(Event(Kind.CREATED, user, n), None)


async def positions(shared: Recent, after: int, limit: int, *user_ids: str) -> list[int]:
    """Where the events of a page stand."""
    found, _ = await shared.events(after, limit, user_ids)
    return [event.position for event in found]


async def test_the_newest_are_read_once_for_all() -> None:
    """
    And are the same objects, so that what is made of them is made once.
    """
    store = Counting.in_memory()
    shared = Recent(store)
    await happened(store, 1, 6)
    first, until = await shared.events(2, 3, ())
    assert ([event.position for event in first], until) == ([3, 4, 5], 5)
    again, _ = await shared.events(2, 2, ())
    assert [a is b for a, b in zip(again, first, strict=False)] == [True, True]
    assert await positions(shared, 4, 9) == [5]
    assert store.reads == 1
    assert await positions(shared, 5, 9) == [6]
    assert await positions(shared, 3, 9) == [4, 5, 6]
    assert store.reads == 2
    assert await positions(shared, 6, 9) == []


async def test_history_is_read_from_the_store() -> None:
    """
    Whatever lies before the newest, without disturbing who follows them.
    """
    store = Counting.in_memory()
    shared = Recent(store)
    await happened(store, 1, 9)
    assert await positions(shared, 6, 9) == [7, 8, 9]
    assert await positions(shared, 0, 4) == [1, 2, 3, 4]
    assert await positions(shared, 4, 4) == [5, 6, 7, 8]
    reads = store.reads
    assert await positions(shared, 6, 9) == [7, 8, 9]
    assert store.reads == reads


async def test_whoever_is_further_ahead_begins_anew() -> None:
    """
    Between two stretches nothing is taken for granted.
    """
    store = Counting.in_memory()
    shared = Recent(store)
    await happened(store, 1, 4)
    assert await positions(shared, 0, 2) == [1, 2]
    await happened(store, 5, 9)
    assert await positions(shared, 7, 9) == [8, 9]
    assert await positions(shared, 2, 9) == [3, 4, 5, 6, 7, 8, 9]
    assert await positions(shared, 1, 2) == [2, 3]


async def test_chosen_users_are_looked_up() -> None:
    """
    Their events are not all there is, so they are not shared.
    """
    store = Counting.in_memory()
    shared = Recent(store)
    await happened(store, 1, 4)
    assert await positions(shared, 0, 9, "u-2", "u-4") == [2, 4]
    assert await positions(shared, 0, 9) == [1, 2, 3, 4]


@pytest.mark.parametrize(("most", "largest"), [(3, 10**9), (10**9, 3_600)])
async def test_little_is_kept(monkeypatch: pytest.MonkeyPatch, most: int, largest: int) -> None:
    """
    In number and in size: three events of about 1,150 characters here.
    """
    monkeypatch.setattr(recent, "MOST", most)
    monkeypatch.setattr(recent, "LARGEST", largest)
    store = Counting.in_memory()
    shared = Recent(store)
    await happened(store, 1, 8, "x" * 1_000)
    assert await positions(shared, 0, 9) == [*range(1, 9)]
    assert [event.position for event in shared._events] == [6, 7, 8]
    assert await positions(shared, 5, 9) == [6, 7, 8]
    assert store.reads == 1
    assert await positions(shared, 4, 9) == [5, 6, 7, 8]
    assert store.reads == 2
