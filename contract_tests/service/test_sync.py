"""SyncUsers: one reply for each operation, in order, before the next is needed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from api.user.v1 import user_pb2
from api.user.v1.user_bulk_pb2 import SyncUserRequest, SyncUserResponse
from api.user.v1.user_requests_pb2 import (
    CreateUserRequest,
    DeleteUserRequest,
    UpdateUserRequest,
)

from contract_tests.service.support import Client, Refused, person, refusal, refused

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.versions("v1", "v2")


def creating(name: str, request_id: str = "", key: str = "", **changes: Any) -> SyncUserRequest:
    """An operation that creates a person."""
    create = CreateUserRequest(user=person(name, **changes), idempotency_key=key)
    return SyncUserRequest(request_id=request_id, create_user=create)


def updating(user_id: str, **changes: Any) -> SyncUserRequest:
    """An operation that updates a user."""
    user = user_pb2.User(user_id=user_id, **changes)
    return SyncUserRequest(update_user=UpdateUserRequest(user=user))


def deleting(user_id: str) -> SyncUserRequest:
    """An operation that deletes a user."""
    return SyncUserRequest(delete_user=DeleteUserRequest(user_id=user_id))


async def replies(client: Client, requests: Iterable[SyncUserRequest]) -> list[SyncUserResponse]:
    """All replies to these operations."""
    call = client.users.SyncUsers(iter(requests), timeout=60)
    return [reply async for reply in call]


async def test_operations_do_what_the_unary_methods_do(either: Client) -> None:
    """
    Each reply carries the outcome, the client's name for it, and its position.
    """
    found = await replies(
        either,
        [
            creating("ada", "first", user_id="u-1"),
            updating("u-1", display_name="Ada"),
            deleting("u-1"),
        ],
    )

    assert [reply.position for reply in found] == [0, 1, 2]
    assert [reply.request_id for reply in found] == ["first", "", ""]
    assert found[0].user.display_name == "ada"
    assert found[1].user.display_name == "Ada"
    assert found[2].deleted_user_id == "u-1"


async def test_a_reply_comes_before_the_next_request_is_needed(either: Client) -> None:
    """
    What one reply says, the next request may use.
    """
    call = either.users.SyncUsers(timeout=60)
    await call.write(creating("ada"))
    created = (await call.read()).user
    await call.write(deleting(created.user_id))
    deleted = await call.read()
    await call.done_writing()

    assert deleted.deleted_user_id == created.user_id
    assert await call.read() is grpc.aio.EOF
    assert await call.code() is grpc.StatusCode.OK


async def test_order_is_kept_when_requests_do_not_wait(either: Client) -> None:
    """
    Reply n answers request n.
    """
    found = await replies(either, [creating(f"p{n}", f"r{n}") for n in range(200)])

    assert [reply.request_id for reply in found] == [f"r{n}" for n in range(200)]
    assert [reply.user.display_name for reply in found] == [f"p{n}" for n in range(200)]


async def test_what_fails_is_told_in_band_and_stops_nothing_else(either: Client) -> None:
    """
    With the status that the unary method would have answered.
    """
    nonsense = UpdateUserRequest(user=user_pb2.User(user_id="u-1"), update_mask={"paths": ["no"]})
    found = await replies(
        either,
        [
            creating("ada", user_id="u-1"),
            creating("ada"),
            SyncUserRequest(request_id="nothing"),
            updating("u-2", display_name="x"),
            updating("u-1", display_name="x" * 101),
            SyncUserRequest(create_user=CreateUserRequest()),
            updating("x"),
            SyncUserRequest(update_user=nonsense),
            deleting("u-2"),
            creating("bob", user_id="u-2"),
        ],
    )

    assert [refusal(reply.error) for reply in found if reply.HasField("error")] == [
        Refused("ALREADY_EXISTS", "EMAIL_TAKEN"),
        Refused("INVALID_ARGUMENT", "REQUEST_INVALID", ("operation",)),
        Refused("NOT_FOUND", "USER_NOT_FOUND"),
        Refused("INVALID_ARGUMENT", "REQUEST_INVALID", ("update_user.user.display_name",)),
        Refused("INVALID_ARGUMENT", "REQUEST_INVALID", ("create_user.user",)),
        Refused("INVALID_ARGUMENT", "REQUEST_INVALID", ("update_user.user.user_id",)),
        Refused("INVALID_ARGUMENT", "UPDATE_MASK_INVALID", ("update_user.update_mask",)),
        Refused("NOT_FOUND", "USER_NOT_FOUND"),
    ]
    assert [reply.WhichOneof("result") for reply in (found[0], found[9])] == ["user", "user"]
    assert found[2].request_id == "nothing"


async def test_a_key_works_in_a_stream(client: Client) -> None:
    """
    A create with a key is as repeatable here as it is alone.
    """
    once, again, other = await replies(
        client, [creating("ada", key="k"), creating("ada", key="k"), creating("bob", key="k")]
    )

    assert again.user == once.user
    assert refusal(other.error).reason == "IDEMPOTENCY_KEY_REUSED"


async def test_an_empty_stream_ends_without_a_reply(client: Client) -> None:
    """
    Half-closing at once is no error.
    """
    assert await replies(client, []) == []


async def test_two_streams_do_not_disturb_each_other(client: Client) -> None:
    """
    Positions and replies belong to one stream; an idle one holds up nobody.
    """
    idle, busy = client.users.SyncUsers(timeout=60), client.users.SyncUsers(timeout=60)
    await idle.write(creating("idle"))
    await idle.read()
    for n in range(3):
        await busy.write(creating(f"busy{n}"))
        assert (await busy.read()).position == n
    await idle.write(creating("idle2"))
    assert (await idle.read()).position == 1
    for call in (idle, busy):
        await call.done_writing()
        assert await call.code() is grpc.StatusCode.OK


async def test_many_streams_at_once_keep_their_replies_apart(either: Client) -> None:
    """
    Ten streams of twenty operations each.
    """

    async def one(name: str) -> list[str]:
        requests = [creating(f"{name}{n}", f"{name}{n}") for n in range(20)]
        return [reply.user.display_name for reply in await replies(either, requests)]

    found = await asyncio.gather(*(one(name) for name in "abcdefghij"))
    assert found == [[f"{name}{n}" for n in range(20)] for name in "abcdefghij"]


async def test_an_undecodable_request_ends_the_stream(client: Client, version: str) -> None:
    """
    After the replies to what came before.
    """
    raw: Any = client.channel.stream_stream(f"/api.user.{version}.UserService/SyncUsers")
    call = raw(timeout=60)
    await call.write(creating("ada", "first").SerializeToString())
    first = SyncUserResponse.FromString(await call.read())
    await call.write(b"\x00")

    assert first.request_id == "first"
    assert await refused(call.read()) == Refused("INVALID_ARGUMENT", "REQUEST_UNDECODABLE")
