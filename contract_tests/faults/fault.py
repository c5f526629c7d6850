"""What a fault is, and how it gets into the service: around it, never inside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from contract_tests.faults.disguise import Disguise
from service.server import running_server
from service.store.urls import MEMORY
from service.v1.servicer import UserServiceV1
from service.v2.servicer import UserServiceV2


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the service, and what the tester must call it (any of these)."""

    id: str
    servicer: type[UserServiceV1 | UserServiceV2]
    found_by: tuple[str, ...]
    patches: Mapping[str, Any] = field(default_factory=dict)
    """What stands in the place of parts that no servicer reaches, by dotted name."""
    api: str = "v1"
    """The one version of the API that is served, by that servicer."""


@asynccontextmanager
async def served(
    fault: Fault, disguise: Disguise, port: int = 0, *, auth: tuple[str, ...] = ()
) -> AsyncIterator[str]:
    """The address of a service with that fault, under the names of that disguise."""
    replaced = {f"service.server.UserService{fault.api.upper()}": fault.servicer, **fault.patches}
    async with AsyncExitStack() as stack:
        for name, replacement in replaced.items():
            stack.enter_context(patch(name, replacement))
        stack.enter_context(disguise.worn())
        running = await stack.enter_async_context(
            running_server(MEMORY, host="127.0.0.1", port=port, grace=0.1, auth=auth, api=fault.api)
        )
        yield running.address
