"""Health on a port of its own, and the probe that asks for it."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import grpc
import pytest
from api.user.v1.user_requests_pb2 import GetUserRequest
from api.user.v1.user_service_pb2_grpc import UserServiceStub

from contract_tests.service.support import serving
from contract_tests.service.test_process import ROOT, process
from contract_tests.service.test_transport import Certificates

if TYPE_CHECKING:
    from pathlib import Path


PATIENTLY = ("--patience", "60")  # a busy machine may keep an answer back for long


async def probed(*arguments: str) -> tuple[int | None, str]:
    """What `python -m service.health` says."""
    asked = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "service.health",
        *arguments,
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asked.communicate()
    return asked.returncode, said.decode()


async def test_a_probe_needs_no_certificate(tmp_path: Path) -> None:
    """
    Where calls need one: health has a port of its own, and nothing else is there.
    """
    files = Certificates(tmp_path)
    async with serving(auth=("mtls",), health_port=0, **files.settings) as client:
        address = client.server.health_address
        assert await probed(address, *PATIENTLY) == (0, "")
        assert await probed(address, "--service", "api.user.v1.UserService", *PATIENTLY) == (0, "")
        async with grpc.aio.insecure_channel(address) as channel:
            users = UserServiceStub(channel)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await users.GetUser(GetUserRequest(user_id="u-1"))
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_probe_says_why_not() -> None:
    """
    Nobody there; a name that nobody serves; a server that stops.
    """
    nowhere = "127.0.0.1:1"
    assert await probed(nowhere) == (1, f"health: {nowhere}: no answer: DEADLINE_EXCEEDED\n")
    async with serving(health_port=0) as client:
        address = client.server.health_address
        unknown = f"health: {address}: no answer: NOT_FOUND\n"
        assert await probed(address, "--service", "nope", *PATIENTLY) == (1, unknown)
        await client.server._health.enter_graceful_shutdown()
        assert await probed(address, *PATIENTLY) == (1, f"health: {address}: NOT_SERVING\n")


async def test_a_busy_health_port_is_said_in_one_sentence() -> None:
    """
    As any other address.
    """
    async with serving(health_port=0) as client:
        port = client.server.health_address.rpartition(":")[2]
        async with process("--port", "0", "--health-port", port) as started:
            _, error = await started.communicate()
    assert started.returncode == 2
    assert error.decode().endswith(
        f"service: cannot listen on 127.0.0.1:{port}: in use, or no address of this machine\n"
    )
