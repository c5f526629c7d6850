"""The service put together, and its life from port to graceful end."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TextIO

import grpc
from api.user.v1 import user_service_pb2 as v1
from api.user.v1 import user_service_pb2_grpc as v1_grpc
from api.user.v2 import user_service_pb2 as v2
from api.user.v2 import user_service_pb2_grpc as v2_grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from service import transport
from service.auth.kinds import authenticators
from service.cache import Cache
from service.interceptors.draining import Draining
from service.interceptors.handlers import Chain
from service.interceptors.limits import limiter
from service.interceptors.order import Parts, layers
from service.observe.logs import Logging
from service.observe.metrics import Metrics
from service.observe.tracing import Tracing
from service.reflection import add_reflection
from service.settings import Settings
from service.store.cached import CachedStore
from service.store.urls import open_store
from service.users import Clock, Users, microseconds
from service.v1.servicer import UserServiceV1
from service.v2.servicer import UserServiceV2

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from opentelemetry.sdk.trace.export import SpanExporter

    from service.model import User
    from service.store import Store

NOTICE = 0.1  # seconds between NOT_SERVING and the end of streams, health's own watchers included
LAST_CALL = 0.2  # seconds before the end of the grace, when uploads end too

ANY_PORT = Settings(port=0, grace=1.0)


@dataclass(eq=False)
class UnusableAddressError(Exception):
    """An address that cannot be listened on."""

    address: str

    def __str__(self) -> str:
        return f"cannot listen on {self.address}: in use, or no address of this machine"


@dataclass(frozen=True, slots=True)
class Seams:
    """What tests put in the place of the world: time, where spans go, where logs go."""

    clock: Clock = microseconds
    spans: SpanExporter | None = None
    logs: TextIO | None = None


class Server:
    """A server that listens."""

    def __init__(self, store: Store, settings: Settings, seams: Seams | None = None) -> None:
        seams = seams or Seams()
        self._settings = settings
        self._draining = Draining()
        self._health = health.aio.HealthServicer()
        self.metrics = Metrics()
        self._parts = Parts(
            self._draining,
            self.metrics,
            Tracing(settings, seams.spans),
            Logging(settings.log_level, seams.logs),
            authenticators(settings),
            limiter(settings, self.metrics.readings),
        )
        self._store = self._remembering(store)
        self._chain = Chain(layers(settings, self._parts))
        options = transport.options(settings)
        self._server = grpc.aio.server(handlers=(self._chain,), options=options)
        self._served = self._serve(Users(self._store, clock=seams.clock))
        chain: Any = self._chain  # which generated code takes for a server
        health_pb2_grpc.add_HealthServicer_to_server(self._health, chain)
        add_reflection(self._chain, [*self._served, health.SERVICE_NAME])
        self._probed: grpc.aio.Server | None = None
        self.address = ""
        self.health_address = ""
        self.metrics_address = ""

    def _serve(self, users: Users) -> list[str]:
        """Add the versions of the API that are asked for, over one domain; their full names."""
        versions: dict[str, tuple[Any, Any, Any]] = {
            "v1": (v1, v1_grpc, UserServiceV1),
            "v2": (v2, v2_grpc, UserServiceV2),
        }
        names: list[str] = []
        for version in self._settings.api.split(","):
            described, generated, servicer = versions[version]
            generated.add_UserServiceServicer_to_server(servicer(users), self._chain)
            names.append(described.DESCRIPTOR.services_by_name["UserService"].full_name)
        return names

    def _remembering(self, store: Store) -> Store:
        """The store, with a cache before it where one is asked for."""
        if not self._settings.cache_size:
            return store
        cache: Cache[User] = Cache(self._settings.cache_size, self._settings.cache_lifetime)
        read = self.metrics.readings
        read.counter("user_store_cache_hits", "Users found in memory.", lambda: cache.hits)
        read.counter("user_store_cache_misses", "Users not found there.", lambda: cache.misses)
        return CachedStore(store, cache)

    async def start(self) -> None:
        host, port = self._settings.host, self._settings.port
        wanted = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            bound = transport.bind(self._server, wanted, self._settings)
        except RuntimeError as error:
            raise UnusableAddressError(wanted) from error
        if self._settings.metrics_port is not None:
            self.metrics_address = self.metrics.serve(host, self._settings.metrics_port)
        if self._settings.health_port is not None:
            self.health_address = await self._serve_health(host, self._settings.health_port)
        await self._server.start()
        for name in ("", *self._served):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        self.address = f"{wanted.rpartition(':')[0]}:{bound}"

    async def _serve_health(self, host: str, port: int) -> str:
        """Probes know no certificates: health has a port of its own. The address."""
        self._probed = grpc.aio.server(options=transport.ALWAYS)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._probed)
        where = f"[{host}]" if ":" in host else host
        try:
            bound = self._probed.add_insecure_port(f"{where}:{port}")
        except RuntimeError as error:
            raise UnusableAddressError(f"{where}:{port}") from error
        await self._probed.start()
        return f"{where}:{bound}"

    async def stop(self, grace: float) -> None:
        """Say so, end streams, let calls finish within the grace, close the store.

        Balancers ask for health from time to time: until they have, calls come and are served.
        """
        await self._health.enter_graceful_shutdown()
        await asyncio.sleep(self._settings.drain)
        if self._draining.endless.crowded:
            await asyncio.sleep(min(NOTICE, grace))
        self._draining.endless.shut()
        stopping = asyncio.ensure_future(self._server.stop(grace))
        await asyncio.wait([stopping], timeout=max(grace - LAST_CALL, 0))
        self._draining.uploads.shut()
        await stopping
        await self.close()

    async def close(self) -> None:
        """Let go of everything that outlives calls."""
        await self._store.close()
        if self._probed is not None:
            await self._probed.stop(0)
        for kind in self._parts.kinds:
            await kind.close()
        if self._parts.limiter is not None:
            await self._parts.limiter.close()
        self._parts.logging.flush()
        await asyncio.to_thread(self.metrics.close)
        await asyncio.to_thread(self._parts.tracing.close)


@asynccontextmanager
async def running_server(
    db: str | Store | None = None,
    *,
    settings: Settings = ANY_PORT,
    seams: Seams | None = None,
    clock: Clock = microseconds,
    **changes: Any,
) -> AsyncIterator[Server]:
    """A server for as long as the block lasts, on a free port unless the settings say otherwise.

    `changes` are settings by name; `db` may be a store that is open already.
    """
    settings = replace(settings, **changes)
    db = settings.db if db is None else db
    store = await open_store(db) if isinstance(db, str) else db
    server: Server | None = None
    try:
        server = Server(store, settings, seams or Seams(clock=clock))
        await server.start()
    except Exception:
        await (server or store).close()
        raise
    try:
        yield server
    finally:
        await server.stop(settings.grace)
