"""The server's life: being asked what it is, stopping."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from api.user.v1.user_bulk_pb2 import SyncUserRequest
from api.user.v1.user_event_pb2 import StreamUserEventsRequest
from api.user.v1.user_requests_pb2 import CreateUserRequest, GetUserRequest
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from contract_tests.service.support import (
    BEGINNING,
    Client,
    Refused,
    person,
    refused,
    serving,
)

ROOT = Path(__file__).parents[2]
SERVICE = "api.user.v1.UserService"
NEWER = "api.user.v2.UserService"
STOPPING = Refused("UNAVAILABLE", "SERVER_STOPPING")

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def health(client: Client, service: str) -> int:
    """The health of a service, by Check."""
    stub: Any = health_pb2_grpc.HealthStub(client.channel)
    reply = await stub.Check(health_pb2.HealthCheckRequest(service=service))
    return int(reply.status)


async def test_it_listens_on_loopback_alone(client: Client) -> None:
    """
    Nobody outside reaches a server that was not told so.
    """
    host, _, port = client.server.address.rpartition(":")
    assert host == "127.0.0.1"
    with socket.socket() as probe:
        probe.bind(("127.0.0.2", int(port)))  # free, so 0.0.0.0 is not taken


@pytest.mark.parametrize("service", ["", SERVICE, NEWER])
async def test_a_running_server_is_healthy(client: Client, service: str) -> None:
    """
    As a whole and by service.
    """
    assert await health(client, service) == SERVING


async def test_the_health_of_a_stranger_is_not_found(client: Client) -> None:
    """
    As the health protocol says.
    """
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await health(client, "nope.Nope")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_version_can_be_served_alone() -> None:
    """
    So that an old one can be switched off before its code goes.
    """
    async with serving(api="v2") as client:
        assert await health(client, NEWER) == SERVING
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.get("u-1")
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("protocol", ["v1", "v1alpha"])
async def test_reflection_describes_every_service_whole(client: Client, protocol: str) -> None:
    """
    Each listed service comes with its file; each file's imports can be had.
    """
    ask = client.channel.stream_stream(
        f"/grpc.reflection.{protocol}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )(timeout=60)

    async def asked(**question: Any) -> Any:
        await ask.write(reflection_pb2.ServerReflectionRequest(**question))
        return await ask.read()

    listed = (await asked(list_services="")).list_services_response.service
    assert {service.name for service in listed} == {
        SERVICE,
        NEWER,
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    }
    known: set[str] = set()
    for service in listed:
        reply = await asked(file_containing_symbol=service.name)
        files = [*map(parsed, reply.file_descriptor_response.file_descriptor_proto)]
        assert service.name in {f"{f.package}.{s.name}" for f in files for s in f.service}
        while files:
            file = files.pop()
            known.add(file.name)
            for name in set(file.dependency) - known:
                reply = await asked(file_by_filename=name)
                files += map(parsed, reply.file_descriptor_response.file_descriptor_proto)
    ours = {"api/user/v1/user.proto", "api/user/v2/user.proto"}
    assert ours | {"buf/validate/validate.proto"} <= known
    await ask.done_writing()


def parsed(data: bytes) -> descriptor_pb2.FileDescriptorProto:
    """A file as reflection sends it."""
    return descriptor_pb2.FileDescriptorProto.FromString(data)


async def test_a_stopping_server_says_so_and_ends_its_streams() -> None:
    """
    Health first, then UNAVAILABLE to streams that would never end by themselves.
    """
    async with serving(grace=30) as client:
        stub: Any = health_pb2_grpc.HealthStub(client.channel)
        watch = stub.Watch(health_pb2.HealthCheckRequest(service=SERVICE))
        events = client.users.StreamUserEvents(StreamUserEventsRequest())
        sync = client.users.SyncUsers()
        await sync.write(SyncUserRequest(request_id="x"))
        assert (await sync.read()).request_id == "x"
        assert (await watch.read()).status == SERVING
        await events.initial_metadata()

        stopping = asyncio.create_task(client.server.stop(30))
        assert (await watch.read()).status == NOT_SERVING
        assert await refused(events.read()) == STOPPING
        assert await refused(sync.read()) == STOPPING
        assert await refused(watch.read()) == STOPPING
        await asyncio.wait_for(stopping, timeout=60)


async def test_a_draining_server_says_that_it_stops_and_serves_on() -> None:
    """
    Until balancers, which ask for health from time to time, have heard of it.
    """
    async with serving(drain=30) as client:
        stub: Any = health_pb2_grpc.HealthStub(client.channel)
        watch = stub.Watch(health_pb2.HealthCheckRequest(service=SERVICE))
        assert (await watch.read()).status == SERVING
        stopping = asyncio.create_task(client.server.stop(30))
        assert (await watch.read()).status == NOT_SERVING
        assert (await client.create(user_id="u-1")).user_id == "u-1"
        assert not stopping.done()
        stopping.cancel()
        client.server._settings = replace(client.server._settings, drain=0.0)


async def test_a_batch_may_end_within_the_grace() -> None:
    """
    An upload that was begun gets its reply.
    """
    async with serving(grace=30) as client:
        batch = client.users.BatchCreateUsers()
        await batch.write(CreateUserRequest(user=person("ada", user_id="u-1")))
        await client.events(1)
        stopping = asyncio.create_task(client.server.stop(30))
        await asyncio.sleep(0)
        await batch.write(CreateUserRequest(user=person("bob", user_id="u-2")))
        await batch.done_writing()

        assert len((await batch).created_users) == 2
        await asyncio.wait_for(stopping, timeout=60)


async def test_a_batch_that_goes_on_is_ended_with_the_grace() -> None:
    """
    With a status that tells it to try elsewhere.
    """
    async with serving() as client:
        batch = client.users.BatchCreateUsers()
        await batch.write(CreateUserRequest(user=person("ada", user_id="u-1")))
        await client.events(1)
        await client.server.stop(0.3)

        assert await refused(batch) == STOPPING


async def test_a_reader_that_does_not_read_cannot_hold_up_the_end() -> None:
    """
    Its stream is cut off when the grace is over.
    """
    async with serving() as client:
        metadata = {f"k{n}": "x" * 4000 for n in range(90)}
        for n in range(40):
            await client.create(f"p{n}", metadata=metadata)
        slow = client.users.StreamUserEvents(BEGINNING)
        await slow.read()

        await asyncio.wait_for(client.server.stop(0.3), timeout=60)
        slow.cancel()


async def test_a_deadline_ends_a_stream_at_the_client_in_time(client: Client) -> None:
    """
    A stream that would be held for ever ends when the client said so.
    """
    call = client.users.StreamUserEvents(StreamUserEventsRequest(), timeout=0.2)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.read()
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert (await refused(client.users.GetUser(GetUserRequest(user_id="u-1")))).code == "NOT_FOUND"
