"""StreamUserEvents: what happened, in order, from any place on, once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from api.user.v1 import user_pb2
from api.user.v1.user_event_pb2 import StreamUserEventsRequest, UserEvent
from api.user.v1.user_requests_pb2 import ListUsersRequest, UpdateUserRequest
from google.protobuf.field_mask_pb2 import FieldMask

from contract_tests.service.support import (
    BEGINNING,
    Client,
    Refused,
    refused,
    serving,
    told,
)
from service.model import Event, Kind, User
from service.store.sqlite import SQLiteStore
from service.store.urls import open_store
from service.users import Users

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


async def standing(call: Any) -> Any:
    """The stream once it stands, so that whatever commits from now on is delivered."""
    await call.initial_metadata()
    return call


async def test_each_kind_of_change_is_told(either: Client) -> None:
    """
    With the user as it was after the change, and what the change was.
    """
    call = await standing(either.users.StreamUserEvents(StreamUserEventsRequest()))
    created = await either.create(user_id="u-1")
    profile = user_pb2.UserProfile(bio="b", location="l")
    change = user_pb2.User(user_id="u-1", role=user_pb2.USER_ROLE_ADMIN, profile=profile)
    updated = await either.users.UpdateUser(UpdateUserRequest(user=change))
    change.profile.bio = "c"
    again = await either.users.UpdateUser(UpdateUserRequest(user=change))
    await either.delete("u-1")

    events = [await call.read() for _ in range(4)]
    assert events[0].user_created.user == created
    assert events[1].user_updated.user == updated
    assert events[1].user_updated.updated_fields == FieldMask(paths=["role", "profile"])
    assert events[2].user_updated.user == again
    assert events[2].user_updated.updated_fields == FieldMask(paths=["profile.bio"])
    assert events[3].user_deleted.user_id == "u-1"
    assert events[0].timestamp == created.created_at
    assert events[2].timestamp == again.updated_at


@pytest.mark.versions("v1", "v2")
async def test_what_fails_makes_no_event(either: Client) -> None:
    """
    A change and its event are committed together or not at all.
    """
    await either.create("ada", user_id="u-1")
    await refused(either.create("ada", user_id="u-2"))
    await refused(either.delete("u-2"))
    await either.create("bob", user_id="u-3")

    events = await either.events(2)
    assert told(events) == [("user_created", "u-1"), ("user_created", "u-3")]


async def test_without_a_place_a_stream_tells_what_is_new(client: Client) -> None:
    """
    What happened before is not repeated.
    """
    await client.create("ada", user_id="u-1")
    call = await standing(client.users.StreamUserEvents(StreamUserEventsRequest()))
    await client.create("bob", user_id="u-2")

    assert told([await call.read()]) == [("user_created", "u-2")]


async def test_the_header_names_the_place_where_a_stream_starts(client: Client) -> None:
    """
    Whoever loses the connection before the first event misses nothing.
    """
    call = await standing(client.users.StreamUserEvents(StreamUserEventsRequest()))
    headers = dict(await call.initial_metadata())
    call.cancel()
    await client.create("ada", user_id="u-1")

    events = await client.events(1, resume_token=headers["x-resume-token"])
    assert told(events) == [("user_created", "u-1")]


async def test_a_reader_resumes_after_any_event(client: Client) -> None:
    """
    From each token on, exactly the rest follows.
    """
    for n in range(5):
        await client.create(f"p{n}")
    events = await client.events(5)

    for n in range(4):
        rest = await client.events(4 - n, resume_token=events[n].resume_token)
        assert rest == events[n + 1 :]


async def test_a_reader_resumes_across_a_restart(db: str) -> None:
    """
    No gap and no repeat, with events from before and after it.
    """
    async with serving(db) as client:
        for n in range(150):
            await client.create(f"p{n}", user_id=f"u-{n}")
        seen = await client.events(70)
    async with serving(db) as client:
        for n in range(150, 200):
            await client.create(f"p{n}", user_id=f"u-{n}")
        seen += await client.events(130, resume_token=seen[-1].resume_token)
    assert told(seen) == [("user_created", f"u-{n}") for n in range(200)]


@pytest.mark.versions("v1", "v2")
async def test_history_flows_into_what_is_new(either: Client) -> None:
    """
    A reader that catches up while others write misses nothing at the seam.
    """
    for n in range(120):
        await either.create(f"old{n}", user_id=f"old-{n}")
    reading = asyncio.create_task(either.events(240))
    for n in range(120):
        await either.create(f"new{n}", user_id=f"new-{n}")

    expected = [f"old-{n}" for n in range(120)] + [f"new-{n}" for n in range(120)]
    assert [user_id for _, user_id in told(await reading)] == expected


async def test_concurrent_writers_make_one_order_for_all_readers(either: Client) -> None:
    """
    Every reader sees every event once, in the same order.
    """
    reading = [asyncio.create_task(either.events(60)) for _ in range(3)]
    await asyncio.gather(*(either.create(f"p{n}") for n in range(60)))

    first, *others = [await task for task in reading]
    assert others == [first, first]
    assert len({event.resume_token for event in first}) == 60


async def test_readers_may_choose_users(client: Client) -> None:
    """
    Events of others are passed over, also those that nobody chosen follows.
    """
    request = StreamUserEventsRequest(user_ids=["u-1", "u-3"])
    call = await standing(client.users.StreamUserEvents(request))
    for n in range(4):
        await client.create(f"p{n}", user_id=f"u-{n}")

    events = [await call.read(), await call.read()]
    assert told(events) == [("user_created", "u-1"), ("user_created", "u-3")]
    more = await client.events(1, user_ids=["u-2"], resume_token=events[0].resume_token)
    assert told(more) == [("user_created", "u-2")]


@pytest.mark.versions("v1", "v2")
@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (StreamUserEventsRequest(from_beginning=True, resume_token="x"), "from_beginning"),
        (StreamUserEventsRequest(max_events=-1), "max_events"),
        (StreamUserEventsRequest(user_ids=["u-1", "u-1"]), "user_ids"),
        (StreamUserEventsRequest(user_ids=["x"]), "user_ids[0]"),
    ],
)
async def test_an_impossible_request_is_refused_before_any_event(
    client: Client, request_: StreamUserEventsRequest, field: str
) -> None:
    """
    The violation names the field.
    """
    call = client.users.StreamUserEvents(request_).read()

    assert await refused(call) == Refused("INVALID_ARGUMENT", "REQUEST_INVALID", (field,))


@pytest.mark.versions("v1", "v2")
async def test_a_token_that_was_never_issued_is_refused(client: Client) -> None:
    """
    Damaged, made up, or of another kind.
    """
    await client.create("ada")
    await client.create("bob")
    page = await client.users.ListUsers(ListUsersRequest(page_size=1))
    own = (await client.events(1))[0].resume_token

    for token in (own[:-1], own + "AAAA", page.next_page_token, "0", "1", "ü"):
        request = StreamUserEventsRequest(resume_token=token)
        expected = Refused("INVALID_ARGUMENT", "RESUME_TOKEN_INVALID", ("resume_token",))
        assert await refused(client.users.StreamUserEvents(request).read()) == expected


async def test_a_token_of_another_database_is_refused(client: Client) -> None:
    """
    Its place means nothing here.
    """
    await client.create()
    token = (await client.events(1))[0].resume_token

    async with serving() as other:
        call = other.users.StreamUserEvents(StreamUserEventsRequest(resume_token=token))
        assert (await refused(call.read())).reason == "RESUME_TOKEN_INVALID"


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
    for n in range(2_500):
        metadata = {f"k{i}": "x" * 4000 for i in range(4)}
        await users.create(User(f"u-{n}", f"p{n}@example.org", "p", metadata=metadata), caller="")
    async with serving(store) as client:
        slow = client.users.StreamUserEvents(BEGINNING, timeout=60)
        seen: list[UserEvent] = [await slow.read()]
        await client.events(300)  # another reader gets on meanwhile
        assert store.handed_out < 300 + 100 + 1_000
        seen += [await slow.read() for _ in range(2_499)]
        slow.cancel()
    assert told(seen) == [("user_created", f"u-{n}") for n in range(2_500)]


@pytest.mark.parametrize("chosen", [(), tuple(f"u-{n}" for n in range(7))])
async def test_large_events_come_in_few(db: str, chosen: tuple[str, ...]) -> None:
    """
    A page ends with the event that makes it a megabyte; the next goes on after it.
    """
    store = await open_store(db)
    for number in range(7):
        name = f"u-{number}"
        user = User(name, f"{name}@example.org", name, metadata={"k": "x" * 400_000})
        await store.insert(Event(Kind.CREATED, user, 1), None)
    pages: list[list[str]] = []
    after = 0
    while not pages or pages[-1]:
        found, after = await store.events(after, 100, chosen)
        pages.append([event.user.user_id for event in found])
    await store.close()
    assert pages == [["u-0", "u-1", "u-2"], ["u-3", "u-4", "u-5"], ["u-6"], []]
    assert after == 7


async def test_a_cancelled_call_does_not_hide_its_event(tmp_path: Path) -> None:
    """
    Readers hear of what was committed, whoever still waited for the reply.
    """
    store = SQLiteStore.in_file(tmp_path / "users.db")
    writing = asyncio.create_task(
        Users(store).create(User("u-1", "ada@example.org", "Ada"), caller="")
    )
    await asyncio.sleep(0)  # the work is handed in, nobody has had time to answer
    writing.cancel()

    await asyncio.wait_for(store.wait_beyond(0), timeout=60)
    events, last = await store.events(0, 10, ())
    assert ([event.user.user_id for event in events], last) == (["u-1"], 1)
    await store.close()
