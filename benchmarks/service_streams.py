"""What streams of events cost: many that wait, one event a message (v1), a hundred a message (v2)."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Any, Protocol

import grpc
from api.user.v1 import user_pb2
from api.user.v1 import user_requests_pb2 as requests
from api.user.v1.user_event_pb2 import StreamUserEventsRequest
from api.user.v1.user_service_pb2_grpc import UserServiceStub
from api.user.v2.user_event_pb2 import StreamUserEventsResponse

EVENTS = 1_000
TURNS = 5
READERS = 20  # one after the other: what each costs counts, not how they wait for one another

SUBSCRIBERS = 1_000
IDLE = 5.0  # seconds of watching idle subscribers

Metadata = tuple[tuple[str, str], ...]


class Watched(Protocol):
    """A server whose use of resources is known."""

    address: str

    @property
    def cpu(self) -> float: ...

    @property
    def memory(self) -> int: ...


async def idle(server: Watched, metadata: Metadata) -> tuple[float, float]:
    """What idle subscribers cost: bytes, and the share of a core."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.aio.insecure_channel(server.address, options=options) for _ in range(4)]
    stubs: list[Any] = [UserServiceStub(channel) for channel in channels]  # type: ignore[no-untyped-call]
    warm = stubs[0].StreamUserEvents(StreamUserEventsRequest(), metadata=metadata)
    await warm.initial_metadata()
    before = server.memory
    streams = [
        stubs[n % 4].StreamUserEvents(StreamUserEventsRequest(), metadata=metadata)
        for n in range(SUBSCRIBERS)
    ]
    for stream in streams:
        await stream.initial_metadata()
    memory = server.memory - before
    cpu = server.cpu
    await asyncio.sleep(IDLE)
    share = (server.cpu - cpu) / IDLE
    for channel in channels:
        await channel.close()
    return memory, share


async def happen(address: str, metadata: Metadata) -> str:
    """Make that many events; the token of the place before them."""
    created = (
        requests.CreateUserRequest(
            user=user_pb2.User(email=f"event-{n}@example.org", display_name="Ada")
        )
        for n in range(EVENTS)
    )
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = UserServiceStub(channel)  # type: ignore[no-untyped-call]
        stream = stub.StreamUserEvents(StreamUserEventsRequest(), metadata=metadata)
        place = dict(await stream.initial_metadata())["x-resume-token"]
        reply = await stub.BatchCreateUsers(created, metadata=metadata)
        stream.cancel()
    assert len(reply.created_users) == EVENTS
    return str(place)


async def rate(address: str, version: str, place: str, metadata: Metadata) -> float:
    """Events a second, as undecoded messages."""
    asked = StreamUserEventsRequest(resume_token=place, max_events=EVENTS)  # the same in both
    async with grpc.aio.insecure_channel(address) as channel:
        call: Any = channel.unary_stream(f"/api.user.{version}.UserService/StreamUserEvents")

        async def read() -> list[bytes]:
            return [m async for m in call(asked.SerializeToString(), metadata=metadata)]

        seen = await read()
        counted = (
            seen if version == "v1" else StreamUserEventsResponse.FromString(b"".join(seen)).events
        )
        assert len(counted) == EVENTS
        began = time.perf_counter()
        for _ in range(READERS):
            assert len(await read()) == len(seen)
        return READERS * EVENTS / (time.perf_counter() - began)


async def compared(address: str, metadata: Metadata) -> tuple[float, float]:
    """Events a second in batches and single, medians of turns that alternate."""
    place = await happen(address, metadata)
    rates: dict[str, list[float]] = {"v1": [], "v2": []}
    for _ in range(TURNS):
        for version, found in rates.items():
            found.append(await rate(address, version, place, metadata))
    return statistics.median(rates["v2"]), statistics.median(rates["v1"])
