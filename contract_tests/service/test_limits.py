"""No caller takes what others need, and no crowd what the server needs."""

from __future__ import annotations

import asyncio
from functools import partial
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from api.user.v1.user_event_pb2 import StreamUserEventsRequest
from api.user.v1.user_requests_pb2 import CreateUserRequest, GetUserRequest, ListUsersRequest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from contract_tests.service.support import Refused, person, refused, serving, silent, status_of
from contract_tests.service.test_around import StuckStore
from service.interceptors import buckets as memory
from service.interceptors import limits
from service.interceptors.buckets import Buckets
from service.interceptors.limits import Concurrency

GET = GetUserRequest(user_id="u-1")
LIMITED = Refused("RESOURCE_EXHAUSTED", "RATE_LIMITED")
BUSY = Refused("RESOURCE_EXHAUSTED", "TOO_MANY_CALLS")


def me(name: str) -> tuple[tuple[str, str], ...]:
    """Metadata of a caller."""
    return (("x-caller-id", name),)


class Clock:
    """A time that passes only where somebody waits."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    """The time by which the server counts calls and slows streams down."""
    clock = Clock()
    monkeypatch.setattr(limits, "Buckets", partial(Buckets, clock=clock))
    monkeypatch.setattr(limits, "asyncio", SimpleNamespace(sleep=clock.sleep))
    return clock


def test_a_bucket_gives_its_burst_and_then_its_rate():
    """
    Ten at once, then one each tenth of a second; unused places come back.
    """
    now = 0.0
    buckets = Buckets(10, 10, clock=lambda: now)
    key = ("ada", "m")
    assert [buckets.take(key) for _ in range(10)] == [0] * 10
    assert [buckets.take(key) for _ in range(2)] == [pytest.approx(0.1)] * 2
    now = 0.1
    assert buckets.take(key) == 0
    assert buckets.take(key) == pytest.approx(0.1)
    now = 100.0
    assert [buckets.take(key) for _ in range(10)] == [0] * 10


def test_buckets_are_bounded(monkeypatch):
    """
    A million names cost no more memory than the bound; who was seen last is kept.
    """
    monkeypatch.setattr(memory, "REMEMBERED", 2)
    buckets = Buckets(1, 1, clock=lambda: 0.0)
    for name in ("a", "b", "c"):
        assert buckets.take((name, "m")) == 0
    assert len(buckets._full_at) == 2
    assert buckets.take(("c", "m")) > 0
    assert buckets.take(("a", "m")) == 0


async def test_each_caller_has_a_rate_for_each_method(clock):
    """
    The one above it is told when to come again; others, and other methods, notice nothing.
    """
    async with serving(rate=0.5, rate_burst=2) as client:
        await client.create(user_id="u-1")
        for _ in range(2):
            await client.users.GetUser(GET, metadata=me("ada"))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.users.GetUser(GET, metadata=me("ada"))
        retry = error_details_pb2.RetryInfo()
        found = [detail.Unpack(retry) for detail in status_of(caught.value).details]
        assert found == [False, True]
        assert retry.retry_delay.ToTimedelta().total_seconds() == pytest.approx(2)
        await client.users.GetUser(GET, metadata=me("bob"))
        await client.users.ListUsers(ListUsersRequest(), metadata=me("ada"))


async def test_a_limited_caller_recovers_in_the_time_it_was_told(clock):
    """
    Waiting as long as RetryInfo says is enough.
    """
    async with serving(rate=20, rate_burst=1) as client:
        await client.create(user_id="u-1")
        await client.get("u-1")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.get("u-1")
        retry = error_details_pb2.RetryInfo()
        status_of(caught.value).details[1].Unpack(retry)
        clock.now += retry.retry_delay.ToTimedelta().total_seconds()
        assert (await client.get("u-1")).user_id == "u-1"


async def test_streams_are_limited_too(clock):
    """
    Opening one is a call; further requests of a stream are slowed down, not lost.
    """
    async with serving(rate=20, rate_burst=1) as client:
        asked = StreamUserEventsRequest()
        first = client.users.StreamUserEvents(asked)
        await first.initial_metadata()
        assert await refused(client.users.StreamUserEvents(asked).read()) == LIMITED
        requests = [CreateUserRequest(user=person(f"p{number}")) for number in range(5)]
        assert len((await client.users.BatchCreateUsers(iter(requests))).created_users) == 5
        assert clock.now == pytest.approx(4 / 20)


async def test_a_busy_server_refuses_at_once():
    """
    What is one call too many waits for nothing; health answers, and places come back.
    """
    async with serving(StuckStore.in_memory(), concurrent_calls=3) as client:
        stuck = [client.users.GetUser(GET) for _ in range(3)]
        (layer,) = (one for one in client.server._chain.layers if isinstance(one, Concurrency))
        taken = layer._calls
        while taken._taken < 3:  # noqa: ASYNC110 (the server tells nobody)
            await asyncio.sleep(0.001)
        assert await refused(client.users.GetUser(GET)) == BUSY
        assert await refused(client.users.BatchCreateUsers()) == BUSY
        assert taken._taken == 3
        stub: Any = health_pb2_grpc.HealthStub(client.channel)
        assert (await stub.Check(health_pb2.HealthCheckRequest())).status == 1
        for call in stuck:
            call.cancel()
        while taken._taken:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        assert (await client.users.ListUsers(ListUsersRequest())).users == []


async def test_subscribers_do_not_take_the_places_of_calls():
    """
    Streams of replies have a limit of their own.
    """
    async with serving(concurrent_calls=1, concurrent_streams=2) as client:
        streams = [client.users.StreamUserEvents(StreamUserEventsRequest()) for _ in range(2)]
        for stream in streams:
            await stream.initial_metadata()
        assert await refused(client.users.SyncUsers(silent()).read()) == BUSY
        assert (await client.create(user_id="u-1")).user_id == "u-1"
