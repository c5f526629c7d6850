"""Fixtures of the service's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from api.user.v1.user_requests_pb2 import CreateUserRequest

from contract_tests.service import v2 as newest
from contract_tests.service.support import Client, person, serving
from contract_tests.service.tokens import HS256, SECRET, VARIABLE, bearer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from contract_tests.postgres import Cluster


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run on each version that the test, or else its module, is marked with; v1 if with none."""
    if "version" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("versions")
        metafunc.parametrize("version", marker.args if marker else ("v1",))


@pytest.fixture
async def client(version: str) -> AsyncIterator[Client]:
    """A client of a new server that keeps users in memory."""
    async with serving(version=version) as client:
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
async def either(request: pytest.FixtureRequest, version: str) -> AsyncIterator[Client]:
    """A client of a new server, once with each kind of store."""
    async with serving(_database(request.param, request), version=version) as client:
        yield client


@pytest.fixture
async def v2() -> AsyncIterator[newest.Client]:
    """A client of v2, and of v1 beside it, of a new server that keeps users in memory."""
    async with newest.serving() as client:
        yield client


@pytest.fixture(params=["memory", "file", POSTGRES])
async def both_stores(request: pytest.FixtureRequest) -> AsyncIterator[newest.Client]:
    """The same, once with each kind of store."""
    async with newest.serving(_database(request.param, request)) as client:
        yield client


@pytest.fixture
async def guarded(monkeypatch, version):
    """A client of a server that authenticates; ada, bob and a moderator's account exist."""
    monkeypatch.setenv(VARIABLE, SECRET)
    async with serving(auth=(HS256,), version=version) as client:
        for name in ("ada", "bob"):
            request = CreateUserRequest(user=person(name, user_id=name))
            await client.users.CreateUser(request, metadata=bearer("root", "admin"))
        yield client
