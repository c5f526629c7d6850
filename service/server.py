"""The service put together, and its life from port to graceful end."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
from api.user.v1 import user_service_pb2
from api.user.v1.user_service_pb2_grpc import add_UserServiceServicer_to_server
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from service.interceptors.decoding import Decoding
from service.interceptors.draining import Draining
from service.interceptors.recovery import Recovery
from service.reflection import add_reflection
from service.store.urls import MEMORY, open_store
from service.users import Clock, Users, microseconds
from service.v1.servicer import UserServiceV1

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service.store import Store

V1 = user_service_pb2.DESCRIPTOR.services_by_name["UserService"].full_name
NOTICE = 0.1  # seconds between NOT_SERVING and the end of streams, health's own watchers included
LAST_CALL = 0.2  # seconds before the end of the grace, when uploads end too

OPTIONS = [("grpc.so_reuseport", 0)]  # else a second server on the port would start, silently


@dataclass(eq=False)
class UnusableAddressError(Exception):
    """An address that cannot be listened on."""

    address: str

    def __str__(self) -> str:
        return f"cannot listen on {self.address}: in use, or no address of this machine"


class Server:
    """A server that listens."""

    def __init__(self, store: Store, *, clock: Clock = microseconds) -> None:
        self._store = store
        self._draining = Draining()
        self._health = health.aio.HealthServicer()
        interceptors = (Recovery(), self._draining, Decoding())
        self._server = grpc.aio.server(interceptors=interceptors, options=OPTIONS)
        servicer = UserServiceV1(Users(store, clock=clock))
        add_UserServiceServicer_to_server(servicer, self._server)  # type: ignore[no-untyped-call]
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        add_reflection(self._server, [V1, health.SERVICE_NAME])
        self.address = ""

    async def start(self, host: str, port: int) -> None:
        wanted = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            bound = self._server.add_insecure_port(wanted)
        except RuntimeError as error:
            raise UnusableAddressError(wanted) from error
        await self._server.start()
        for name in ("", V1):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        self.address = f"{wanted.rpartition(':')[0]}:{bound}"

    async def stop(self, grace: float) -> None:
        """Say so, end streams, let calls finish within the grace, close the store."""
        await self._health.enter_graceful_shutdown()
        if self._draining.endless.crowded:
            await asyncio.sleep(min(NOTICE, grace))
        self._draining.endless.shut()
        stopping = asyncio.ensure_future(self._server.stop(grace))
        await asyncio.wait([stopping], timeout=max(grace - LAST_CALL, 0))
        self._draining.uploads.shut()
        await stopping
        await self._store.close()


@asynccontextmanager
async def running_server(
    db: str | Store = MEMORY,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Clock = microseconds,
    grace: float = 1.0,
) -> AsyncIterator[Server]:
    """A server on a free port, for as long as the block lasts."""
    store = await open_store(db) if isinstance(db, str) else db
    server = Server(store, clock=clock)
    try:
        await server.start(host, port)
    except UnusableAddressError:
        await store.close()
        raise
    try:
        yield server
    finally:
        await server.stop(grace)
