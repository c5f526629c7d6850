"""Fixtures of the service's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.service.support import Client, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from contract_tests.postgres import Cluster


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client of a new server that keeps users in memory."""
    async with serving() as client:
        yield client


POSTGRES = pytest.param("postgres", marks=pytest.mark.system)


def _database(kind: str, request: pytest.FixtureRequest) -> str:
    """The URL of a new database of that kind; a server is started only where it is asked for."""
    if kind == "memory":
        return "sqlite://"
    if kind == "file":
        folder: Path = request.getfixturevalue("tmp_path")
        return f"sqlite://{folder}/users.db"
    cluster: Cluster = request.getfixturevalue("postgres")
    return cluster.new_database()


@pytest.fixture(params=["file", POSTGRES])
def db(request: pytest.FixtureRequest) -> str:
    """The URL of a database that lasts and does not exist yet, once of each kind."""
    return _database(request.param, request)


@pytest.fixture(params=["memory", "file", POSTGRES])
async def either(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """A client of a new server, once with each kind of store."""
    async with serving(_database(request.param, request)) as client:
        yield client
