"""Fixtures of all tests of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.postgres import Cluster, cluster

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server for all tests of this process."""
    with cluster() as running:
        yield running
