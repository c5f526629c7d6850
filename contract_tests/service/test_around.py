"""What happens around every call: its name, its time, its errors, the order of it all."""

from __future__ import annotations

import asyncio
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from api.user.v1.user_event_pb2 import StreamUserEventsRequest
from api.user.v1.user_requests_pb2 import CreateUserRequest, GetUserRequest
from google.rpc import code_pb2, error_details_pb2

from contract_tests.service.raw import wire
from contract_tests.service.support import (
    Client,
    Refused,
    person,
    refused,
    serving,
    status_of,
)
from contract_tests.service.test_wire import SECRET, BrokenStore, raw
from service import errors
from service.interceptors import order
from service.store.sqlite import SQLiteStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[2]
GET = GetUserRequest(user_id="u-1")
OUT_OF_TIME = Refused("DEADLINE_EXCEEDED", "OUT_OF_TIME")


@pytest.mark.parametrize("method", ["GetUser", "StreamUserEvents", "BatchCreateUsers", "SyncUsers"])
async def test_a_request_id_comes_back(client: Client, method: str):
    """
    In the trailers, of every style, whether the call succeeds or not.
    """
    await client.create(user_id="u-1")
    good = GET.SerializeToString() if method == "GetUser" else b""
    for message in (b"\xff", good):
        if method == "StreamUserEvents" and not message:
            message = StreamUserEventsRequest(from_beginning=True, max_events=1).SerializeToString()
        call = raw(client, method, message, metadata=(("x-request-id", "r-1"),))
        async for _ in reading(call):
            """Up to its end."""
        assert dict(await call.trailing_metadata())["x-request-id"] == "r-1"


async def reading(call: Any) -> AsyncIterator[bytes]:
    """The replies, whatever status ends them."""
    try:
        async for reply in call:
            yield reply
    except grpc.aio.AioRpcError:
        return


@pytest.mark.parametrize("asked", [None, "", "x" * 129, "a b"])
async def test_a_call_without_a_proper_name_gets_one(client: Client, asked):
    """
    Random, and never an odd one of the client's: names end up in logs.
    """
    await client.create(user_id="u-1")
    metadata = () if asked is None else (("x-request-id", asked),)
    calls = [client.users.GetUser(GET, metadata=metadata) for _ in range(2)]
    names = [dict(await call.trailing_metadata())["x-request-id"] for call in calls]
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)
    assert len(set(names)) == 2


class StuckStore(SQLiteStore):
    """A store that answers when it is told to, never by itself."""

    async def user(self, _):
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("settings", "asked"), [({"deadline": 0.05}, None), ({"deadline_most": 0.05}, 10)]
)
async def test_no_call_lasts_longer_than_the_server_allows(settings, asked):
    """
    A default where the client sets no deadline, a cap where it sets a long one.
    """
    async with serving(StuckStore.in_memory(), **settings) as client:
        call = client.users.GetUser(GET, timeout=asked)
        assert await refused(call) == OUT_OF_TIME


async def test_an_upload_ends_in_time_and_a_stream_where_that_is_asked():
    """
    Client streaming has the deadline of a call; streams of replies have their own.
    """
    async with serving(deadline=0.05, stream_most=0.05) as client:
        assert await refused(client.users.BatchCreateUsers()) == OUT_OF_TIME
        events = client.users.StreamUserEvents(StreamUserEventsRequest())
        assert await refused(events.read()) == OUT_OF_TIME
        assert await refused(client.users.SyncUsers().read()) == OUT_OF_TIME
    async with serving(deadline=0.05) as client:
        events = client.users.StreamUserEvents(StreamUserEventsRequest())
        await events.initial_metadata()
        assert await refused(client.users.BatchCreateUsers()) == OUT_OF_TIME
        assert not events.done()


async def test_a_deadline_of_a_millisecond_leaves_the_server_as_it_was(client: Client):
    """
    The client hears DEADLINE_EXCEEDED or the answer; the call may have taken effect, the next does.
    """
    codes = set()
    for number in range(50):
        request = CreateUserRequest(user=person(f"p{number}"))
        codes.add(await client.users.CreateUser(request, timeout=0.001).code())
    assert codes <= {grpc.StatusCode.OK, grpc.StatusCode.DEADLINE_EXCEEDED}
    assert (await client.create("last", user_id="u-1")).user_id == "u-1"


async def test_what_failed_inside_is_told_only_where_that_is_switched_on():
    """
    DebugInfo with the traceback, for development.
    """
    info = error_details_pb2.DebugInfo()
    for debug in (False, True):
        async with serving(BrokenStore(), debug_errors=debug) as client:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await client.get("u-1")
            status = status_of(caught.value)
            assert [d.Unpack(info) for d in status.details] == [False, True][: 1 + debug]
            assert (SECRET in str(status)) == debug
    assert any("RuntimeError" in line for line in info.stack_entries)


@pytest.mark.parametrize(
    ("schema", "others"),
    [
        ("v1", {"USER_DELETED", "USER_NOT_DELETED", "ETAG_STALE"}),
        ("v2", {"STATUS_NOT_SETTABLE", "ADMIN_REQUIRED"}),
    ],
)
def test_every_reason_stands_in_the_proto(schema, others):
    """
    With the status that it comes with, so that clients can rely on it; and no reason but those.
    """
    proto = (ROOT / f"schemas/api/user/{schema}/user_service.proto").read_text()
    listed = dict(re.findall(r"^// - ([A-Z_]+) \(([A-Z_]+)\):", proto, re.MULTILINE))
    answers = {r.reason: code_pb2.Code.Name(r.code) for r in map(made, refusals())}
    answers |= {"REQUEST_INVALID": "INVALID_ARGUMENT", "INTERNAL_ERROR": "INTERNAL"}
    assert listed == {name: code for name, code in answers.items() if name not in others}


def refusals():
    """Everything in the module of errors that makes one of its own reasons."""
    found = inspect.getmembers(errors, inspect.isfunction)
    public = [one for name, one in found if not name.startswith("_") and name != "invalid"]
    return [one for one in public if one.__annotations__.get("return") == "Refusal"]


def made(refusal):
    """Made with whatever it wants to know."""
    values = {"str": "x", "int": 1, "float": 1.0}
    wanted = {name: kind for name, kind in refusal.__annotations__.items() if name != "return"}
    return refusal(**{name: values[kind] for name, kind in wanted.items()})


async def test_the_layers_stand_in_the_documented_order():
    """
    The list in the module is the list that runs.
    """
    async with serving() as client:
        layers = order.layers(client.server._settings, client.server._parts)
    documented = re.findall(r"\d+\. ([A-Z][a-z]+)", order.__doc__)
    assert [type(layer).__name__ for layer in layers] == documented


async def test_a_method_is_wrapped_once(client: Client):
    """
    Wrapping anew on every call would cost more than the layers themselves.
    """
    before = dict(client.server._chain.methods)
    await client.create(user_id="u-1")
    await client.get("u-1")
    assert "/api.user.v1.UserService/GetUser" in before
    assert client.server._chain.methods == before


async def test_unknown_methods_leave_nothing_behind(client: Client):
    """
    Or strangers could fill the memory.
    """
    async with wire(client.server.address) as connection:
        for number in range(20):
            reply = await connection.call(f"/nope.Nope/N{number}", b"")
            assert reply["grpc-status"] == "12"
    assert not [path for path in client.server._chain.methods if "nope" in path]


@pytest.mark.parametrize("above", [1024, 0])
async def test_large_replies_are_compressed_and_small_ones_are_not(above):
    """
    Above 1 KB, by the flag of each message, unary and streamed, to clients that are known to take
    it; 0 switches it off.
    """
    async with serving(gzip_above=above) as client:
        await client.create("ada", user_id="small")
        await client.create("bob", user_id="large", metadata={"k": "x" * 4000})
        async with wire(client.server.address) as connection:

            async def compressed(name: str, **headers: str) -> bool:
                request = GetUserRequest(user_id=name).SerializeToString()
                path = "/api.user.v1.UserService/GetUser"
                reply = await connection.call(path, request, **headers)
                assert reply["grpc-status"] == "0"
                return bool(reply["body"][0])

            accepting = {"user_agent": "grpc-python/1.85.1 grpc-c/58.0.0 (linux)"}
            assert await compressed("large", **accepting) == bool(above)
            assert not await compressed("small", **accepting)
            assert not await compressed("large")
            asked = StreamUserEventsRequest(from_beginning=True, max_events=2).SerializeToString()
            path = "/api.user.v1.UserService/StreamUserEvents"
            body = (await connection.call(path, asked, **accepting))["body"]
            second = 5 + int.from_bytes(body[1:5], "big")
            assert (body[0], body[second]) == (0, int(bool(above)))
        assert len(await client.events(2)) == 2
