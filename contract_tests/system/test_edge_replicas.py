"""Envoy before the service: a replica that dies or only fails is not missed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import grpc
import pytest
import requests
from api.user.v1.user_requests_pb2 import GetUserRequest
from api.user.v1.user_service_pb2_grpc import (
    UserServiceServicer,
    UserServiceStub,
    add_UserServiceServicer_to_server,
)
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from contract_tests.service.support import connected
from service.edge.envoy import Edge
from service.edge.running import SERVICES, described, end, running_edge, start_envoy
from service.server import running_server

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.postgres import Cluster

pytestmark = pytest.mark.system

NOBODY = GetUserRequest(user_id="nobody")


async def test_a_replica_that_dies_is_not_missed(postgres: Cluster, tmp_path: Path) -> None:
    """
    Killed or restarted, one of two: health checks and retries send everybody to the other.
    """
    service = ["--db", postgres.new_database()]
    choices: dict[str, Any] = {"port": 0, "access_log": str(tmp_path / "log")}
    async with running_edge(replicas=2, service=service, **choices) as edge:
        url = f"http://{edge.address}/v1/users"

        async def statuses(number: int) -> set[int]:
            calls = (asyncio.to_thread(requests.get, url, timeout=60) for _ in range(number))
            return {reply.status_code for reply in await asyncio.gather(*calls)}

        edge.replicas[0].process.kill()
        await edge.replicas[0].process.wait()
        await edge.healthy(1)
        assert await statuses(20) == {200}
        await edge.restart(edge.replicas[0])
        await edge.healthy(2)
        assert await statuses(20) == {200}


class Failing(UserServiceServicer):
    """Says UNAVAILABLE to every call, while its health says that it serves."""

    calls = 0

    async def GetUser(self, _: Any, context: Any) -> Any:  # noqa: N802
        self.calls += 1
        await context.abort(grpc.StatusCode.UNAVAILABLE, "not now")


async def failing() -> tuple[Failing, Any, str]:
    """Such a replica, and where it is."""
    servicer, server = Failing(), grpc.aio.server()
    add_UserServiceServicer_to_server(servicer, server)
    healthy = health.aio.HealthServicer()
    for name in ("", *described_names()):
        await healthy.set(name, health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return servicer, server, f"127.0.0.1:{port}"


def described_names() -> list[str]:
    """The services that Envoy knows, of whose health it asks."""
    return [service.full_name for service in SERVICES]


async def test_a_replica_that_only_fails_is_left_alone(tmp_path: Path) -> None:
    """
    Outlier detection: after five failures in a row it gets no more calls, though it looks healthy.
    """
    bad, server, where = await failing()
    async with running_server(port=0) as good:
        edge = Edge(replicas=[good.address, where], port=0, **described(tmp_path), ejection=600)
        envoy = await start_envoy(edge, tmp_path)
        try:
            async with connected(envoy.address) as channel:
                users: Any = UserServiceStub(channel)
                codes = [await refused_with(users.GetUser(NOBODY)) for _ in range(60)]
                seen = await checked(envoy.admin)
                while await checked(envoy.admin) < seen + 4:  # noqa: ASYNC110 (two of each)
                    await asyncio.sleep(0.05)
                codes += [await refused_with(users.GetUser(NOBODY)) for _ in range(20)]
        finally:
            await end(envoy.process)
            await server.stop(0)
    assert bad.calls == 5
    assert codes.count("UNAVAILABLE") == 5
    assert codes[-20:] == ["NOT_FOUND"] * 20


async def checked(admin: str) -> int:
    """How often Envoy has found a replica healthy."""
    url = f"http://{admin}/stats?filter=^cluster.users.health_check.success$"
    reply = await asyncio.to_thread(requests.get, url, timeout=60)
    return int(reply.text.partition(":")[2])


async def refused_with(call: Any) -> str:
    """The status of a call that fails."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return str(caught.value.code().name)
