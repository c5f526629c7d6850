"""One rate for all replicas: counts that they share in Redis."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from api.user.v1.user_requests_pb2 import GetUserRequest
from google.rpc import error_details_pb2
from redis.asyncio import Redis

from contract_tests.redis_server import RedisServer, redis_server
from contract_tests.service.support import Client, Refused, refused, serving, status_of
from service.interceptors import shared_buckets

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.system

GET = GetUserRequest(user_id="u-1")
LIMITED = Refused("RESOURCE_EXHAUSTED", "RATE_LIMITED")
UNKNOWN = Refused("UNAVAILABLE", "RATE_UNKNOWN")
ADA = (("x-caller-id", "ada"),)
SHARED = "grpc_server_rate_shared"


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """A Redis of the test's own, which may be slow and is not given up for that."""
    monkeypatch.setattr(shared_buckets, "PATIENCE", 60.0)
    with redis_server() as running:
        yield running


async def passes(client: Client, caller: str) -> bool:
    """Whether a call of GetUser is let through."""
    found = await refused(client.users.GetUser(GET, metadata=(("x-caller-id", caller),)))
    assert found in (LIMITED, Refused("NOT_FOUND", "USER_NOT_FOUND"))
    return found != LIMITED


async def refused_for(client: Client) -> float:
    """Call until a call comes too soon after the last; the seconds that it is told to wait."""
    while True:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.users.GetUser(GET, metadata=ADA)
        if caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
            retry = error_details_pb2.RetryInfo()
            assert status_of(caught.value).details[1].Unpack(retry)
            return float(retry.retry_delay.ToTimedelta().total_seconds())


async def test_replicas_share_what_a_caller_may_call(redis: RedisServer) -> None:
    """
    Four at once in all, wherever they come; others, and the next in time, are as ever.
    """
    limits: dict[str, Any] = {"rate": 0.001, "rate_burst": 4, "rate_redis": redis.url}
    async with serving(**limits) as one, serving(**limits) as two:
        passed = [await passes(client, "ada") for client in (one, two, one, two, one, two)]
        assert passed == [True] * 4 + [False] * 2
        assert await passes(two, "bob")
        assert 0 < await refused_for(one) <= 1000


async def test_a_limited_caller_recovers_in_the_time_it_was_told(redis: RedisServer) -> None:
    """
    A bucket fills again at its rate, and a full one takes no room in Redis.
    """
    async with serving(rate=2, rate_burst=1, rate_redis=redis.url) as client:
        await asyncio.sleep(await refused_for(client))
        assert await passes(client, "ada")
        async with asyncio.timeout(60), Redis.from_url(redis.url) as db:
            while await db.dbsize():  # noqa: ASYNC110 (Redis tells nobody)
                await asyncio.sleep(0.01)


async def test_redis_learns_no_names(redis: RedisServer) -> None:
    """
    Neither of callers nor of methods: keys are digests.
    """
    async with serving(rate=0.01, rate_burst=1, rate_redis=redis.url) as client:
        assert await passes(client, "ada")
        async with Redis.from_url(redis.url) as db:
            (key,) = await db.keys()
    assert isinstance(key, bytes)
    assert key.startswith(b"user-service:rate:")
    assert b"ada" not in key
    assert b"GetUser" not in key


@pytest.mark.parametrize(("without", "meanwhile"), [("open", LIMITED), ("closed", UNKNOWN)])
async def test_an_outage_is_bridged_as_chosen_and_passes(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch, without: str, meanwhile: Refused
) -> None:
    """
    Open: each replica counts for itself. Closed: UNAVAILABLE. Afterwards all is as before.
    """
    monkeypatch.setattr(shared_buckets, "PAUSE", 0.05)
    limits: dict[str, Any] = {"rate": 0.01, "rate_burst": 2, "rate_redis": redis.url}
    async with serving(**limits, rate_without=without) as client:
        value = client.server.metrics.registry.get_sample_value
        assert await passes(client, "ada")
        redis.stop()
        for _ in range(2 if without == "open" else 0):
            assert await passes(client, "ada")
        assert await refused(client.users.GetUser(GET, metadata=ADA)) == meanwhile
        assert value(SHARED) == 0
        redis.start()
        async with asyncio.timeout(60):
            while not value(SHARED):
                await refused(client.users.GetUser(GET, metadata=ADA))
        assert [await passes(client, "bob") for _ in range(3)] == [True, True, False]


async def test_a_redis_that_was_restarted_costs_nobody_a_call(redis: RedisServer) -> None:
    """
    Between two calls: its connections are made anew, and so is its script.
    """
    async with serving(
        rate=10, rate_burst=9, rate_redis=redis.url, rate_without="closed"
    ) as client:
        assert await passes(client, "ada")
        redis.stop()
        redis.start()
        assert await passes(client, "ada")
