"""BatchCreateUsers: one reply for many requests, each on its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from api.user.v1.user_bulk_pb2 import BatchCreateUsersResponse
from api.user.v1.user_requests_pb2 import CreateUserRequest, ListUsersRequest

from contract_tests.service.support import (
    Client,
    Refused,
    ids,
    person,
    refusal,
    refused,
    told,
)
from service.v1 import servicer as v1
from service.v2 import servicer as v2

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.versions("v1", "v2")


def batch(client: Client, requests: Iterable[CreateUserRequest]) -> Any:
    """A call that sends these requests."""
    return client.users.BatchCreateUsers(iter(requests), timeout=60)


def asking(name: str, key: str = "", **changes: Any) -> CreateUserRequest:
    """A request to create a person."""
    return CreateUserRequest(user=person(name, **changes), idempotency_key=key)


async def test_every_request_makes_its_user(either: Client) -> None:
    """
    First and last included, in the order of the requests.
    """
    reply = await batch(either, [asking(f"p{n}", user_id=f"u-{n}") for n in range(250)])

    assert ids(reply.created_users) == [f"u-{n}" for n in range(250)]
    assert (reply.failed_count, list(reply.errors), list(reply.failures)) == (0, [], [])
    assert await either.get("u-249") == reply.created_users[249]


async def test_what_fails_is_told_by_position_and_stops_nothing_else(either: Client) -> None:
    """
    With the status that CreateUser would have answered.
    """
    await either.create("taken", user_id="u-0")
    requests = [
        asking("a", user_id="u-1"),
        asking("taken"),
        CreateUserRequest(),
        asking("b", user_id="u-1"),
        asking("c", user_id="u-2"),
        asking("d", user_id="!"),
    ]

    reply = await batch(either, requests)
    assert ids(reply.created_users) == ["u-1", "u-2"]
    assert reply.failed_count == len(reply.errors) == 4
    assert {f.position: refusal(f.status) for f in reply.failures} == {
        1: Refused("ALREADY_EXISTS", "EMAIL_TAKEN"),
        2: Refused("INVALID_ARGUMENT", "REQUEST_INVALID", ("user",)),
        3: Refused("ALREADY_EXISTS", "USER_ID_TAKEN"),
        5: Refused("INVALID_ARGUMENT", "REQUEST_INVALID", ("user.user_id", "user.user_id")),
    }


async def test_an_empty_batch_is_answered(client: Client) -> None:
    """
    A stream that is half-closed at once makes an empty reply.
    """
    assert await batch(client, []) == BatchCreateUsersResponse()


async def test_a_batch_can_be_sent_again(either: Client) -> None:
    """
    Keys make the repetition get the same users.
    """
    requests = [asking(f"p{n}", key=f"k{n}") for n in range(5)]
    first = await batch(either, requests)

    assert await batch(either, requests) == first
    page = await either.users.ListUsers(ListUsersRequest())
    assert page.total_count == 5


async def test_a_cancelled_batch_keeps_what_was_dealt_with(either: Client) -> None:
    """
    Each request is committed when it arrives.
    """
    call = either.users.BatchCreateUsers(timeout=60)
    await call.write(asking("ada", user_id="u-1"))
    await call.write(asking("bob", user_id="u-2"))
    assert told(await either.events(2)) == [("user_created", "u-1"), ("user_created", "u-2")]
    call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await call
    assert (await either.get("u-2")).user_id == "u-2"


async def test_an_undecodable_request_ends_a_batch(client: Client, version: str) -> None:
    """
    As a whole; what came before stays.
    """
    raw: Any = client.channel.stream_unary(f"/api.user.{version}.UserService/BatchCreateUsers")
    call = raw(iter([asking("ada", user_id="u-1").SerializeToString(), b"\x0a\xff"]), timeout=60)

    assert await refused(call) == Refused("INVALID_ARGUMENT", "REQUEST_UNDECODABLE")
    assert (await client.get("u-1")).user_id == "u-1"


async def test_a_batch_has_a_limit(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The early status reaches a client that is still sending, and says that the rest was not done.
    """
    for servicer in (v1, v2):
        monkeypatch.setattr(servicer, "LARGEST_BATCH", 3)
    requests = [asking(f"p{n}") for n in range(500)]

    assert await refused(batch(client, requests)) == Refused(
        "RESOURCE_EXHAUSTED", "BATCH_TOO_LARGE"
    )
    assert (await client.users.ListUsers(ListUsersRequest())).total_count == 3
