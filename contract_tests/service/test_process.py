"""`python -m service`: starting, ending, and what cannot be started."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from api.user.v1.user_requests_pb2 import CreateUserRequest
from api.user.v1.user_service_pb2_grpc import UserServiceStub
from grpc_health.v1 import health_pb2

from contract_tests.service.support import (
    Refused,
    connected,
    person,
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


@pytest.mark.parametrize("received", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_process_well(db: str, received: signal.Signals) -> None:
    """
    One line when it is ready, 0 when it has ended, and the users are kept.
    """
    async with process("--port", "0", "--db", db) as started:
        async with connected(await address(started)) as channel:
            stub = UserServiceStub(channel)
            await stub.CreateUser(CreateUserRequest(user=person(user_id="u-1")))
        started.send_signal(received)
        out, said = await started.communicate()
        assert out == b""
        assert [line[:10] for line in said.decode().splitlines()] == ["service: c", "service: c"]
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
        stub = UserServiceStub(channel)
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
