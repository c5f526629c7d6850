"""A client of either kind, driven alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from service.client import AsyncUserClient, Options, UserClient

FAST = {"backoff": 0.02, "backoff_most": 0.1}


class InThread:
    """The client for threads, behind the methods of the one for asyncio."""

    def __init__(self, client: UserClient) -> None:
        self.client = client
        self.registry = client.registry
        self._core = client._core

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.client, name)
        if name in ("list", "events"):
            return lambda **asked: _from_thread(method(**asked))

        async def called(*args: Any, **named: Any) -> Any:
            return await asyncio.to_thread(method, *args, **named)

        return called


async def _from_thread(items: Any) -> AsyncIterator[Any]:
    end = object()
    while (item := await asyncio.to_thread(next, items, end)) is not end:
        yield item


@pytest.fixture(params=["aio", "sync"])
def connecting(request):
    """Makes clients of one kind or the other."""

    @asynccontextmanager
    async def connect(*addresses: str, **options: Any) -> AsyncIterator[Any]:
        chosen = Options(**{**FAST, **options})
        if request.param == "aio":
            async with AsyncUserClient(addresses, chosen) as asynchronous:
                yield asynchronous
            return
        client = UserClient(addresses, chosen)
        await asyncio.to_thread(client.__enter__)
        try:
            yield InThread(client)
        finally:
            await asyncio.to_thread(client.__exit__, None, None, None)

    return connect


@pytest.fixture
def db(tmp_path):
    """The URL of a database file that does not exist yet."""
    return f"sqlite://{tmp_path}/users.db"
