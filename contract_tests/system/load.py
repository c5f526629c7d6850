"""Calls without end, by several at once, and what became of each."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from api.user.v1.user_event_pb2 import UserEvent
from api.user.v1.user_requests_pb2 import CreateUserRequest, GetUserRequest
from api.user.v1.user_service_pb2_grpc import UserServiceStub

from contract_tests.service.support import connected, person

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from service.client import AsyncUserClient

AT_ONCE = 4
ENOUGH = 20_000  # calls after which even a test that hangs makes no more

Call: TypeAlias = "Callable[[str], Awaitable[Any]]"


@dataclass
class Load:
    """What was acknowledged and what failed, in the order in which it was."""

    acknowledged: list[str] = field(default_factory=list)
    failed: list[Exception] = field(default_factory=list)
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def further(self, calls: int) -> None:
        """Return once that many more have been acknowledged."""
        wanted = len(self.acknowledged) + calls
        async with asyncio.timeout(300):
            while len(self.acknowledged) < wanted:
                await self._moved.wait()
                self._moved.clear()

    async def worker(self, name: str, create: Call, get: Call) -> None:
        for number in range(ENOUGH):
            if self._over.is_set():
                return
            user_id = f"{name}-{number}"
            try:
                await create(user_id)
                self.acknowledged.append(user_id)
                self._moved.set()
                await get(user_id)
            except Exception as error:  # noqa: BLE001 (the test judges)
                self.failed.append(error)
                await asyncio.sleep(0.01)  # who fails does not hurry

    def end(self) -> None:
        self._over.set()


@asynccontextmanager
async def under_load(create: Call, get: Call) -> AsyncIterator[Load]:
    """Create users and read them until the block ends."""
    load = Load()
    async with asyncio.TaskGroup() as workers:
        for number in range(AT_ONCE):
            workers.create_task(load.worker(f"w{number}", create, get))
        try:
            await load.further(AT_ONCE)
            yield load
        finally:
            load.end()


@asynccontextmanager
async def plain_load(address: str) -> AsyncIterator[Load]:
    """By stubs that repeat nothing."""
    async with connected(address) as channel:
        users: Any = UserServiceStub(channel)

        async def create(user_id: str) -> None:
            await users.CreateUser(CreateUserRequest(user=person(user_id, user_id=user_id)))

        async def get(user_id: str) -> None:
            await users.GetUser(GetUserRequest(user_id=user_id))

        async with under_load(create, get) as load:
            yield load


@asynccontextmanager
async def client_load(client: AsyncUserClient) -> AsyncIterator[Load]:
    """By the client, which repeats what may be repeated."""

    async def create(user_id: str) -> None:
        await client.create(person(user_id, user_id=user_id))

    async with under_load(create, client.get) as load:
        yield load


@asynccontextmanager
async def subscribed(client: AsyncUserClient) -> AsyncIterator[list[UserEvent]]:
    """Events as they come from the beginning on, until the block ends."""
    seen: list[UserEvent] = []

    async def read() -> None:
        async for event in client.events(from_beginning=True):
            seen.append(event)  # noqa: PERF401 (as they come)

    reading = asyncio.create_task(read())
    try:
        yield seen
    finally:
        reading.cancel()
        await asyncio.wait([reading])
        if not reading.cancelled() and (error := reading.exception()):
            raise error


async def told_of(seen: list[UserEvent], user_ids: set[str]) -> list[str]:
    """The users of all events, once there is one of each of these."""
    async with asyncio.timeout(300):
        while True:
            found = [event.user_created.user.user_id for event in seen]
            if user_ids <= set(found):
                return found
            await asyncio.sleep(0.02)
