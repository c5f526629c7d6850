"""GetUser and DeleteUser: who is found, and what deletion leaves."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from api.user.v1 import user_pb2
from api.user.v1.user_requests_pb2 import DeleteUserRequest, ListUsersRequest, UpdateUserRequest
from google.protobuf.empty_pb2 import Empty

from contract_tests.service.support import ADMIN, Client, Refused, ids, refused

pytestmark = pytest.mark.versions("v1", "v2")

NOT_FOUND = Refused("NOT_FOUND", "USER_NOT_FOUND")


async def test_nobody_is_not_found(client: Client) -> None:
    """
    An identifier that no user has.
    """
    assert await refused(client.get("nobody")) == NOT_FOUND


@pytest.mark.parametrize("user_id", ["", "ab", "a b", "ü-1", "x" * 65])
async def test_what_cannot_be_an_id_is_refused(client: Client, user_id: str) -> None:
    """
    INVALID_ARGUMENT says that no user can ever have it.
    """
    expected = Refused("INVALID_ARGUMENT", "REQUEST_INVALID", ("user_id",))

    found = [await refused(client.get(user_id)), await refused(client.delete(user_id))]
    assert [(r.code, r.reason, set(r.fields)) for r in found] == [
        (expected.code, expected.reason, set(expected.fields))
    ] * 2


async def test_delete_answers_empty(client: Client) -> None:
    """
    The reply of DeleteUser is google.protobuf.Empty.
    """
    await client.create(user_id="u-1")

    assert await client.users.DeleteUser(DeleteUserRequest(user_id="u-1")) == Empty()


@pytest.mark.versions("v1")
async def test_the_deleted_are_not_found(either: Client) -> None:
    """
    Neither to Get nor to Update nor to a second Delete.
    """
    await either.create(user_id="u-1")
    await either.delete("u-1")

    change = UpdateUserRequest(user=user_pb2.User(user_id="u-1", display_name="x"))
    calls = [either.get("u-1"), either.users.UpdateUser(change), either.delete("u-1")]
    assert [await refused(call) for call in calls] == [NOT_FOUND] * 3


async def test_of_many_who_delete_one_succeeds(either: Client) -> None:
    """
    The others find nobody, and there is one event.
    """
    await either.create(user_id="u-1")

    calls = [either.delete("u-1") for _ in range(10)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(outcome, grpc.aio.AioRpcError) for outcome in outcomes) == 9
    await either.create("bob", user_id="u-2")
    assert [e.WhichOneof("event") for e in await either.events(3)][1:] == [
        "user_deleted",
        "user_created",
    ]


async def test_lists_hide_the_deleted(client: Client) -> None:
    """
    They are neither listed nor counted, whatever else is asked for.
    """
    await client.create("ada", user_id="u-1")
    await client.create("bob", user_id="u-2")
    await client.delete("u-1")

    for request in (ListUsersRequest(), ListUsersRequest(role=user_pb2.USER_ROLE_USER)):
        page = await client.users.ListUsers(request, metadata=ADMIN)
        assert (ids(page.users), page.total_count) == (["u-2"], 1)


@pytest.mark.versions("v1")
async def test_administrators_list_the_deleted_by_status(client: Client) -> None:
    """
    With their data, and the moment of their deletion as the last change.
    """
    created = await client.create("ada", user_id="u-1")
    await client.delete("u-1")

    request = ListUsersRequest(status=user_pb2.USER_STATUS_DELETED)
    page = await client.users.ListUsers(request, metadata=ADMIN)
    (deleted,) = page.users
    assert (deleted.status, page.total_count) == (user_pb2.USER_STATUS_DELETED, 1)
    assert deleted.email == created.email
    assert deleted.updated_at.ToNanoseconds() > created.updated_at.ToNanoseconds()


@pytest.mark.versions("v1")
@pytest.mark.parametrize("page_size", [0, 1000])
async def test_others_may_not_list_the_deleted(client: Client, page_size: int) -> None:
    """
    The refusal comes before validation: it tells nothing else about the request.
    """
    request = ListUsersRequest(status=user_pb2.USER_STATUS_DELETED, page_size=page_size)

    call = client.users.ListUsers(request, metadata=(("x-role", "user"),))
    assert await refused(call) == Refused("PERMISSION_DENIED", "ADMIN_REQUIRED")
