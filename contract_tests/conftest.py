"""Fixtures of all tests of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.edge import EdgeProcess, edge_process
from contract_tests.postgres import Cluster, cluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server for all tests of this process."""
    with cluster() as running:
        yield running


@pytest.fixture(scope="session")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeProcess]:
    """The service behind Envoy, for all tests of this process: each uses users of its own."""
    log: Path = tmp_path_factory.mktemp("edge") / "access.jsonl"
    with edge_process("--access-log", str(log)) as running:
        yield running
