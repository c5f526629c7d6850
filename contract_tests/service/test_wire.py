"""What arrives over the wire, well-formed or not, and what leaves."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from api.user.v1 import user_pb2
from api.user.v1.user_bulk_pb2 import SyncUserRequest, SyncUserResponse
from api.user.v1.user_requests_pb2 import (
    CreateUserRequest,
    GetUserRequest,
    ListUsersRequest,
    UpdateUserRequest,
)

from contract_tests.service.support import Client, Refused, person, refusal, refused, serving
from service.store import sqlite_schema
from service.store.sqlite import SQLiteStore
from service.store.sqlite_writer import InlineWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

METHODS = ["GetUser", "StreamUserEvents", "BatchCreateUsers", "SyncUsers"]
SECRET = "SELECT secret FROM /etc/passwd"


def raw(client: Client, method: str, *messages: bytes, **options: Any) -> Any:
    """A call of any method with raw bytes, as a stream both ways."""
    path = method if "/" in method else f"/api.user.v1.UserService/{method}"
    method_: Any = client.channel.stream_stream(path)
    return method_(iter(messages), timeout=60, **options)


UNDECODABLE = {
    "truncated": b"\x0a\xff",
    "field number 0": b"\x00",
    "invalid UTF-8": b"\x0a\x02\xff\xfe",
    "an endless varint": b"\x08" + b"\xff" * 11,
    "a group never closed": b"\x0b",
}


@pytest.mark.parametrize("data", UNDECODABLE.values(), ids=list(UNDECODABLE))
@pytest.mark.parametrize("method", METHODS)
async def test_undecodable_bytes_are_refused(client: Client, method: str, data: bytes) -> None:
    """
    In every style, with a stable reason and no decoder's text; the server still answers.
    """
    if method == "BatchCreateUsers" and data == UNDECODABLE["invalid UTF-8"]:
        data = b"\x12\x02\xff\xfe"  # its first field is a message
    call = raw(client, method, data).read()

    assert await refused(call) == Refused("INVALID_ARGUMENT", "REQUEST_UNDECODABLE")
    assert (await refused(client.get("nobody"))).code == "NOT_FOUND"


@pytest.mark.parametrize(
    "method",
    [
        "/grpc.health.v1.Health/Check",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    ],
)
async def test_the_servers_own_services_refuse_alike(client: Client, method: str) -> None:
    """
    Health and reflection stand behind the same door.
    """
    call = raw(client, method, b"\x0a\xff").read()

    assert await refused(call) == Refused("INVALID_ARGUMENT", "REQUEST_UNDECODABLE")


async def test_an_unknown_method_is_unimplemented(client: Client) -> None:
    """
    Of this service and of none.
    """
    for path in ("/api.user.v1.UserService/Nope", "/nope.Nope/Nope"):
        assert await raw(client, path, b"").code() is grpc.StatusCode.UNIMPLEMENTED


async def test_unknown_fields_are_passed_over(client: Client) -> None:
    """
    A newer client may say more than this server knows.
    """
    created = await client.create(user_id="u-1")
    more = GetUserRequest(user_id="u-1").SerializeToString() + b"\xfa\x3f\x03new"

    assert user_pb2.User.FromString(await raw(client, "GetUser", more).read()) == created


async def test_a_message_above_the_limit_is_refused(client: Client) -> None:
    """
    RESOURCE_EXHAUSTED, also for a later message of a stream.
    """
    first = SyncUserRequest().SerializeToString()
    call = raw(client, "SyncUsers", first, b"\x12" + b"x" * 11_000_000)

    reply = SyncUserResponse.FromString(await call.read())
    assert reply.HasField("error")
    assert await call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_metadata_of_any_kind_is_borne(client: Client) -> None:
    """
    Duplicates, binary values and 7 KiB of it; the first of several callers counts.
    """
    await client.create(user_id="u-1")
    metadata = (
        ("x-role", "user"),
        ("x-role", "admin"),
        ("x-caller-id", "a" * 7_000),
        ("x-more-bin", b"\x00\xff"),
    )

    request = ListUsersRequest(status=user_pb2.USER_STATUS_DELETED)
    call = client.users.ListUsers(request, metadata=metadata)
    assert (await refused(call)).code == "PERMISSION_DENIED"


async def test_many_violations_fit_into_the_trailers(client: Client) -> None:
    """
    Errors are cut to what peers accept, however wrong and long a request is.
    """
    skills = ["x" * 101] * 100
    user = person(
        user_id="!" * 500_000,
        metadata={str(n) * 200: "v" * 5000 for n in range(100, 200)},
        profile=user_pb2.UserProfile(bio="b" * 3000, skills=skills),
    )
    mask = UpdateUserRequest(
        user=user_pb2.User(user_id="u-1"), update_mask={"paths": ["é" * 100_000]}
    )

    found = await refused(client.users.CreateUser(CreateUserRequest(user=user)))
    assert (found.code, found.reason) == ("INVALID_ARGUMENT", "REQUEST_INVALID")
    assert len(found.fields) > 5
    assert (await refused(client.users.UpdateUser(mask))).reason == "UPDATE_MASK_INVALID"


class BrokenStore:
    """A store whose every method fails, with words that no client may see."""

    secret = b"s"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def fail(*_: Any) -> Any:
            raise RuntimeError(SECRET)

        return fail

    async def close(self) -> None:
        """The end of it is no failure."""


INTERNAL = Refused("INTERNAL", "INTERNAL_ERROR")


async def test_an_unforeseen_error_is_internal_without_its_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """
    In every style; the text is in the log.
    """
    async with serving(BrokenStore()) as client:
        for method, request in (
            ("GetUser", GetUserRequest(user_id="u-1")),
            ("ListUsers", ListUsersRequest()),
            ("CreateUser", CreateUserRequest(user=person())),
            ("StreamUserEvents", GetUserRequest()),
        ):
            call = raw(client, method, request.SerializeToString())
            with caplog.at_level(logging.ERROR):
                assert await refused(call.read()) == INTERNAL
            assert SECRET not in repr(await call.trailing_metadata()) + await call.details()
        assert caplog.text.count(SECRET) >= 4


async def test_an_unforeseen_error_of_one_item_is_in_band() -> None:
    """
    It stops no other item either, and says as little.
    """
    async with serving(BrokenStore()) as client:
        requests = [CreateUserRequest(user=person()), CreateUserRequest()]
        batch = await client.users.BatchCreateUsers(iter(requests), timeout=60)
        operation = SyncUserRequest(create_user=requests[0])
        (reply,) = [r async for r in client.users.SyncUsers(iter([operation]), timeout=60)]
    assert [refusal(f.status).code for f in batch.failures] == ["INTERNAL", "INVALID_ARGUMENT"]
    assert refusal(reply.error) == INTERNAL
    assert SECRET not in str(batch) + str(reply)


async def test_a_locked_database_is_unavailable_for_writers(tmp_path: Path) -> None:
    """
    And readers read on.
    """
    async with serving(f"sqlite://{tmp_path}/users.db") as client:
        await client.create("ada", user_id="u-1")
        other = sqlite_schema.connect(f"{tmp_path}/users.db")
        other.execute("BEGIN IMMEDIATE")
        call = client.create("bob", user_id="u-2")

        assert await refused(call) == Refused("UNAVAILABLE", "STORE_UNAVAILABLE")
        assert (await client.get("u-1")).display_name == "ada"
        other.execute("ROLLBACK")
        other.close()
        assert (await client.create("bob", user_id="u-2")).user_id == "u-2"


async def test_a_full_store_says_so_and_keeps_what_it_has() -> None:
    """
    What does not fit is not half there.
    """
    connection = sqlite_schema.connect(":memory:")
    connection.execute("PRAGMA max_page_count = 30")
    store = SQLiteStore(connection, partial(InlineWriter, connection))
    async with serving(store) as client:
        await client.create("ada", user_id="u-1")
        big = {f"k{n}": "x" * 4000 for n in range(50)}

        call = client.create("bob", user_id="u-2", metadata=big)
        assert await refused(call) == Refused("RESOURCE_EXHAUSTED", "STORE_FULL")
        assert (await refused(client.get("u-2"))).code == "NOT_FOUND"
        assert (await client.get("u-1")).display_name == "ada"
