"""Fixtures of the service's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.service.support import Client, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client of a new server that keeps users in memory."""
    async with serving() as client:
        yield client


@pytest.fixture
def db(tmp_path: Path) -> str:
    """The URL of a database file that does not exist yet."""
    return f"sqlite://{tmp_path}/users.db"


@pytest.fixture(params=["memory", "file"])
async def either(request: pytest.FixtureRequest, db: str) -> AsyncIterator[Client]:
    """A client of a new server, once with each kind of store."""
    async with serving("sqlite://" if request.param == "memory" else db) as client:
        yield client
