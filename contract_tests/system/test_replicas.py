"""Two replicas on one PostgreSQL behind Envoy, under load: renewed, killed, without a database."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.postgres import cluster
from contract_tests.service.test_process import address, process
from contract_tests.system.load import client_load, plain_load, subscribed, told_of
from service.client import AsyncUserClient, Options, ServiceError
from service.edge.running import running_edge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from contract_tests.postgres import Cluster
    from service.edge.running import RunningEdge

pytestmark = pytest.mark.system

THROUGH_A_PROXY = Options(health_checking=False, breaker_after=0)  # Envoy itself checks health


@asynccontextmanager
async def two_replicas(database: str, folder: Path) -> AsyncIterator[RunningEdge]:
    """As `make serve-edge` runs them."""
    choices: dict[str, Any] = {"port": 0, "access_log": str(folder / "log")}
    async with running_edge(replicas=2, service=["--db", database], **choices) as edge:
        yield edge


async def renew_one_after_the_other(edge: RunningEdge, load: Any) -> None:
    """Stop each replica, start it again, go on when it serves."""
    for replica in edge.replicas:
        await edge.restart(replica)
        await edge.healthy(2)
        await load.further(50)


async def test_replicas_are_renewed_and_no_call_fails(postgres: Cluster, tmp_path: Path) -> None:
    """
    Not even of clients that repeat nothing: a replica that ends drains, and Envoy goes elsewhere.
    """
    async with two_replicas(postgres.new_database(), tmp_path) as edge:
        async with plain_load(edge.address) as load:
            await renew_one_after_the_other(edge, load)
        assert load.failed == []
        assert len(load.acknowledged) > 100


async def test_readers_of_events_survive_a_renewal(postgres: Cluster, tmp_path: Path) -> None:
    """
    Each event once and in order, by resuming.
    """
    async with (
        two_replicas(postgres.new_database(), tmp_path) as edge,
        AsyncUserClient(edge.address, THROUGH_A_PROXY) as client,
        subscribed(client) as seen,
    ):
        async with client_load(client) as load:
            await renew_one_after_the_other(edge, load)
        assert load.failed == []
        told = await told_of(seen, set(load.acknowledged))
    assert len(told) == len(set(told))
    for worker in range(4):  # what one did after the other comes in that order
        mine = [name for name in told if name.startswith(f"w{worker}-")]
        assert mine == [name for name in load.acknowledged if name.startswith(f"w{worker}-")]


async def test_a_replica_that_is_killed_costs_the_client_nothing(
    postgres: Cluster, tmp_path: Path
) -> None:
    """
    One, then the other: what may be repeated is, with its key; what was acknowledged is there.
    """
    async with (
        two_replicas(postgres.new_database(), tmp_path) as edge,
        AsyncUserClient(edge.address, THROUGH_A_PROXY) as client,
        subscribed(client) as seen,
    ):
        async with client_load(client) as load:
            for replica in edge.replicas:
                replica.process.kill()
                await replica.process.wait()
                await load.further(100)
                await edge.restart(replica)
                await edge.healthy(2)
        assert load.failed == []
        told = await told_of(seen, set(load.acknowledged))
    assert sorted(told) == sorted(load.acknowledged)


async def test_clients_balance_by_themselves_where_there_is_no_proxy(postgres: Cluster) -> None:
    """
    Round robin over healthy addresses: one that is killed is left alone, and taken up again.
    """
    database = postgres.new_database()
    async with AsyncExitStack() as life:

        async def started(port: str) -> tuple[Any, str]:
            new = await life.enter_async_context(process("--port", port, "--db", database))
            return new, await address(new)

        addresses = ((await started("0"))[1],)
        mortal_one, where = await started("0")
        client = await life.enter_async_context(
            AsyncUserClient((*addresses, where), Options(breaker_after=0))
        )
        async with client_load(client) as load:
            mortal_one.kill()
            await mortal_one.wait()
            await load.further(100)
            await started(where.rpartition(":")[2])
            await load.further(100)
        assert load.failed == []
        assert len([user async for user in client.list()]) == len(load.acknowledged)


@pytest.fixture
def mortal() -> Any:
    """A server of the test's own, to be stopped and started."""
    with cluster() as running:
        yield running


async def test_a_database_that_restarts_under_load_is_unavailable_and_no_more(
    mortal: Cluster, tmp_path: Path
) -> None:
    """
    The documented statuses meanwhile; then all goes on, and what was acknowledged is there, once.
    """
    documented = {
        ("UNAVAILABLE", "STORE_UNAVAILABLE"),
        ("DEADLINE_EXCEEDED", "STORE_OUTCOME_UNKNOWN"),
    }
    once = Options(health_checking=False, breaker_after=0, attempts=1, timeout=60.0)
    async with (
        two_replicas(mortal.new_database(), tmp_path) as edge,
        AsyncUserClient(edge.address, once) as client,
        subscribed(client) as seen,
    ):
        async with client_load(client) as load:
            for how in ("immediate", "fast"):
                await asyncio.to_thread(mortal.stop, how)
                await asyncio.to_thread(mortal.start)
                await load.further(100)
        answers = {
            (e.code.name, e.reason) if isinstance(e, ServiceError) else (repr(e), "")
            for e in load.failed
        }
        assert answers
        assert answers <= documented
        told = await told_of(seen, set(load.acknowledged))
    assert len(told) == len(set(told))
