"""The server's life: starting, being asked what it is, stopping."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from api.user.v1.user_bulk_pb2 import SyncUserRequest
from api.user.v1.user_event_pb2 import StreamUserEventsRequest
from api.user.v1.user_requests_pb2 import CreateUserRequest, GetUserRequest
from api.user.v1.user_service_pb2_grpc import UserServiceStub
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from contract_tests.service.support import (
    BEGINNING,
    Client,
    Refused,
    connected,
    person,
    refused,
    serving,
)
from service.store import sqlite_schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[2]
SERVICE = "api.user.v1.UserService"
STOPPING = Refused("UNAVAILABLE", "SERVER_STOPPING")

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m service` with these arguments, gone at the end."""
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "service",
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.communicate()


async def address(started: asyncio.subprocess.Process) -> str:
    """What the ready line says."""
    assert started.stdout is not None
    words = (await started.stdout.readline()).decode().split()
    assert words[:2] == ["listening", "on"]
    return words[2]


async def health(client: Client, service: str) -> int:
    """The health of a service, by Check."""
    stub: Any = health_pb2_grpc.HealthStub(client.channel)
    reply = await stub.Check(health_pb2.HealthCheckRequest(service=service))
    return int(reply.status)


@pytest.mark.parametrize("received", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_process_well(db: str, received: signal.Signals) -> None:
    """
    One line when it is ready, 0 when it has ended, and the users are kept.
    """
    async with process("--port", "0", "--db", db) as started:
        async with connected(await address(started)) as channel:
            stub = UserServiceStub(channel)  # type: ignore[no-untyped-call]
            await stub.CreateUser(CreateUserRequest(user=person(user_id="u-1")))
        started.send_signal(received)
        assert await started.communicate() == (b"", b"")
        assert started.returncode == 0
    async with serving(db) as client:
        assert (await client.get("u-1")).user_id == "u-1"


async def test_what_was_acknowledged_survives_a_kill(db: str) -> None:
    """
    A reply says that the user is on the disk, with its event.
    """
    async with (
        process("--port", "0", "--db", db) as started,
        connected(await address(started)) as channel,
    ):
        stub = UserServiceStub(channel)  # type: ignore[no-untyped-call]
        requests = (CreateUserRequest(user=person(f"p{n}")) for n in range(20))
        created = [await stub.CreateUser(request) for request in requests]
        started.kill()
        await started.wait()
    async with serving(db) as client:
        events = await client.events(20)
    assert [event.user_created.user for event in events] == created


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "x"], "'x' is no port"),
        (["--port", "70000"], "'70000' is no port"),
        (["--port", "0", "--db", "mysql://x"], "mysql://x is no URL that the service knows"),
        (["--port", "0", "--db", "users.db"], "users.db is no URL that the service knows"),
        (["--port", "0", "--db", "sqlite:///no/such/folder/users.db"], "unable to open"),
        (["--port", "0", "--db", f"sqlite://{__file__}"], "file is not a database"),
        (["--port", "0", "--host", "256.0.0.1"], "cannot listen on 256.0.0.1:0"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
async def test_what_cannot_be_started_is_said_in_one_sentence(
    arguments: list[str], said: str
) -> None:
    """
    On stderr, with exit code 2 and no traceback.
    """
    async with process(*arguments) as started:
        out, error = await started.communicate()
    assert (started.returncode, out) == (2, b"")
    assert said in error.decode().splitlines()[-1]
    assert b"Traceback" not in error


async def test_a_busy_port_is_said_in_one_sentence() -> None:
    """
    Also where another server of this kind holds it.
    """
    async with serving() as client:
        port = client.server.address.rpartition(":")[2]
        async with process("--port", port) as started:
            _, error = await started.communicate()
    assert started.returncode == 2
    assert error.decode() == (
        f"service: cannot listen on 127.0.0.1:{port}: in use, or no address of this machine\n"
    )


async def test_a_database_of_a_newer_service_is_left_alone(tmp_path: Path) -> None:
    """
    Tables that this service does not know are refused, not guessed at.
    """
    newer = sqlite_schema.connect(str(tmp_path / "users.db"))
    newer.execute("PRAGMA user_version = 99")
    newer.close()

    async with process("--port", "0", "--db", f"sqlite://{tmp_path}/users.db") as started:
        _, error = await started.communicate()
    assert started.returncode == 2
    assert b"has tables of version 99" in error


async def test_it_listens_on_loopback_alone(client: Client) -> None:
    """
    Nobody outside reaches a server that was not told so.
    """
    host, _, port = client.server.address.rpartition(":")
    assert host == "127.0.0.1"
    with socket.socket() as probe:
        probe.bind(("127.0.0.2", int(port)))  # free, so 0.0.0.0 is not taken


@pytest.mark.parametrize("service", ["", SERVICE])
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


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_describes_every_service_whole(client: Client, version: str) -> None:
    """
    Each listed service comes with its file; each file's imports can be had.
    """
    ask = client.channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )(timeout=10)

    async def asked(**question: Any) -> Any:
        await ask.write(reflection_pb2.ServerReflectionRequest(**question))
        return await ask.read()

    listed = (await asked(list_services="")).list_services_response.service
    assert {service.name for service in listed} == {
        SERVICE,
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
    assert {"api/user/v1/user.proto", "buf/validate/validate.proto"} <= known
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
        await asyncio.wait_for(stopping, timeout=10)


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
        await asyncio.wait_for(stopping, timeout=10)


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

        await asyncio.wait_for(client.server.stop(0.3), timeout=10)
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
