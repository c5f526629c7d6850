"""Events of v2: in batches, resumable after each, of bounded size."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from api.user.v1 import user_event_pb2 as older
from api.user.v1.user_event_pb2 import StreamUserEventsRequest as OlderRequest
from api.user.v2 import user_pb2
from api.user.v2.user_event_pb2 import StreamUserEventsRequest
from google.protobuf.field_mask_pb2 import FieldMask

from contract_tests.service.support import told as older_told
from contract_tests.service.v2 import Client, serving, told
from service.model import User
from service.store.sqlite import SQLiteStore
from service.users import Users

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.model import Event

BEGINNING = StreamUserEventsRequest(from_beginning=True)


async def standing(call: Any) -> Any:
    """The stream once it stands, so that whatever commits from now on is delivered."""
    await call.initial_metadata()
    return call


async def some_events(call: Any, count: int) -> list[Any]:
    """That many events of a live stream, however they are batched."""
    found: list[Any] = []
    while len(found) < count:
        found += (await call.read()).events
    return found


async def test_each_kind_of_change_is_told(both_stores: Client) -> None:
    """
    With the user as it was after the change, and what the change was.
    """
    request = StreamUserEventsRequest()
    call = await standing(both_stores.users.StreamUserEvents(request, timeout=60))
    created = await both_stores.create(user_id="u-1")
    updated = await both_stores.update("u-1", display_name="New")
    deleted = await both_stores.delete("u-1")
    back = await both_stores.undelete("u-1")

    events = await some_events(call, 4)
    assert events[0].user_created.user == created
    assert events[1].user_updated.user == updated
    assert events[1].user_updated.updated_fields == FieldMask(paths=["display_name"])
    assert events[2].user_deleted.user == deleted
    assert events[3].user_undeleted.user == back
    assert events[0].event_time == created.create_time
    assert events[2].event_time == deleted.delete_time


async def test_a_hundred_events_make_a_batch(both_stores: Client) -> None:
    """
    History is told in full batches, and what is left over.
    """
    for n in range(250):
        await both_stores.create(f"p{n}", user_id=f"u-{n}")

    batches = await both_stores.batches(250)
    assert [len(batch.events) for batch in batches] == [100, 100, 50]
    events = [event for batch in batches for event in told(batch)]
    assert events == [("user_created", f"u-{n}") for n in range(250)]


async def test_a_lone_event_does_not_wait_for_others(both_stores: Client) -> None:
    """
    A batch of one is sent when no more come.
    """
    call = await standing(both_stores.users.StreamUserEvents(StreamUserEventsRequest(), timeout=60))
    await both_stores.create(user_id="u-1")

    assert told(await call.read()) == [("user_created", "u-1")]


async def test_a_full_batch_does_not_wait_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The hundredth event sends it, long before time is up.
    """
    monkeypatch.setattr("service.users.COMPANY", 3600)
    users = Users(SQLiteStore.in_memory())

    async def first() -> list[Event]:
        return await anext(users.batches(0))

    reading = asyncio.create_task(first())
    await asyncio.sleep(0)  # the reader waits for the first event
    for n in range(100):
        await users.create(User(f"u-{n}", f"p{n}@example.org", "p"), caller="")
        await asyncio.sleep(0)  # and gets a chance to see each
    assert len(await asyncio.wait_for(reading, timeout=60)) == 100


async def test_a_reader_resumes_after_any_batch(both_stores: Client) -> None:
    """
    From each token on, exactly the rest follows; across versions, too.
    """
    for n in range(230):
        await both_stores.create(f"p{n}", user_id=f"u-{n}")
    batches = await both_stores.batches(230)

    rest = await both_stores.batches(130, resume_token=batches[0].resume_token)
    assert [told(batch) for batch in rest] == [told(batch) for batch in batches[1:]]
    request = OlderRequest(resume_token=batches[1].resume_token, max_events=30)
    events = [e async for e in both_stores.older.StreamUserEvents(request, timeout=60)]
    assert older_told(events) == [("user_created", f"u-{n}") for n in range(200, 230)]
    last = await both_stores.batches(10, resume_token=events[19].resume_token)
    assert [told(batch) for batch in last] == [
        [("user_created", f"u-{n}") for n in range(220, 230)]
    ]


async def test_the_header_names_the_place_where_a_stream_starts(v2: Client) -> None:
    """
    Whoever loses the connection before the first batch misses nothing.
    """
    call = await standing(v2.users.StreamUserEvents(StreamUserEventsRequest()))
    headers = dict(await call.initial_metadata())
    call.cancel()
    await v2.create(user_id="u-1")

    (batch,) = await v2.batches(1, resume_token=headers["x-resume-token"])
    assert told(batch) == [("user_created", "u-1")]


async def test_a_reader_resumes_across_a_restart(db: str) -> None:
    """
    No gap and no repeat.
    """
    async with serving(db) as client:
        for n in range(120):
            await client.create(f"p{n}", user_id=f"u-{n}")
        first, _ = await client.batches(120)
    async with serving(db) as client:
        rest = await client.batches(20, resume_token=first.resume_token)
    assert [told(batch) for batch in rest] == [
        [("user_created", f"u-{n}") for n in range(100, 120)]
    ]


async def test_readers_may_choose_users(both_stores: Client) -> None:
    """
    Events of others are passed over, also where many of them come between.
    """
    request = StreamUserEventsRequest(user_ids=["u-1", "u-148"])
    call = await standing(both_stores.users.StreamUserEvents(request, timeout=60))
    for n in range(150):
        await both_stores.create(f"p{n}", user_id=f"u-{n}")

    events = await some_events(call, 2)
    assert [event.user_created.user.user_id for event in events] == ["u-1", "u-148"]


async def test_concurrent_writers_make_one_order_for_all_readers(both_stores: Client) -> None:
    """
    Every reader of either version sees every event once, in the same order.
    """
    request = OlderRequest(from_beginning=True, max_events=60)
    new = asyncio.create_task(both_stores.batches(60))
    old = both_stores.older.StreamUserEvents(request, timeout=60)
    await asyncio.gather(*(both_stores.create(f"p{n}") for n in range(60)))

    events = [event for batch in await new for event in told(batch)]
    assert len(set(events)) == 60
    assert older_told([event async for event in old]) == events


async def test_the_older_version_tells_of_an_undeletion_as_it_can(v2: Client) -> None:
    """
    To its readers, whoever was deleted and comes back came to be.
    """
    await v2.create(user_id="u-1")
    await v2.delete("u-1")
    await v2.undelete("u-1")

    request = OlderRequest(from_beginning=True, max_events=3)
    events: list[older.UserEvent] = [
        e async for e in v2.older.StreamUserEvents(request, timeout=60)
    ]
    kinds = ["user_created", "user_deleted", "user_created"]
    assert older_told(events) == [(kind, "u-1") for kind in kinds]


def large(n: int) -> user_pb2.User:
    """A user of about 400 kB."""
    labels = {f"k{i}": "x" * 4000 for i in range(100)}
    return user_pb2.User(
        user_id=f"u-{n}", email=f"p{n}@example.org", display_name="p", metadata=labels
    )


async def test_large_events_make_small_batches(both_stores: Client) -> None:
    """
    No message grows beyond what clients take; each batch can be resumed after.
    """
    for n in range(30):
        await both_stores.create(**{f.name: v for f, v in large(n).ListFields()})

    batches = await both_stores.batches(30)
    assert [event for batch in batches for event in told(batch)] == [
        ("user_created", f"u-{n}") for n in range(30)
    ]
    assert max(batch.ByteSize() for batch in batches) < 1_500_000
    rest = await both_stores.batches(
        30 - len(batches[0].events), resume_token=batches[0].resume_token
    )
    following = [event for batch in batches[1:] for event in told(batch)]
    assert [event for batch in rest for event in told(batch)] == following


class CountingStore:
    """A store that counts the events it has handed out."""

    def __init__(self) -> None:
        self._store = SQLiteStore.in_memory()
        self.handed_out = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def events(
        self, after: int, limit: int, user_ids: Sequence[str]
    ) -> tuple[list[Event], int]:
        found, until = await self._store.events(after, limit, user_ids)
        self.handed_out += len(found)
        return found, until


async def test_a_slow_reader_costs_bounded_memory_and_loses_nothing() -> None:
    """
    The server fetches events only as fast as the reader takes them.
    """
    store = CountingStore()
    users = Users(store)
    labels = {f"k{i}": "x" * 4000 for i in range(4)}
    for n in range(2_500):
        await users.create(User(f"u-{n}", f"p{n}@example.org", "p", metadata=labels), caller="")
    async with serving(store) as client:
        slow = client.users.StreamUserEvents(BEGINNING, timeout=60)
        seen = told(await slow.read())
        await client.batches(300)  # another reader gets on meanwhile
        assert store.handed_out < 300 + 1_800  # what connections hold on their way
        while len(seen) < 2_500:
            seen += told(await slow.read())
        slow.cancel()
    assert seen == [("user_created", f"u-{n}") for n in range(2_500)]
