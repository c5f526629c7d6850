"""etcd, as Debian packages it: written in Go, with a schema that knows no annotations."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from contract_tests.others.known import Fault, Known, surprises
from contract_tests.others.page import Told
from wireproof.schema.schema import Schema
from wireproof.schema.source import load
from wireproof.testing import Options, run_tests
from wireproof.testing.launch import free_port, launched

pytestmark = pytest.mark.system

PACKAGE = "etcdserverpb"
DANGEROUS = (
    *("MemberAdd", "MemberRemove", "MemberUpdate"),  # they break up the cluster
    *("Alarm", "Defragment", "MoveLeader", "Snapshot", "Compact"),
)
UNTESTED = {f"{PACKAGE}.Watch.Progress": "etcd 3.4 does not have it yet"}
DIES = {"KV": f"{PACKAGE}.KV.Range"}
_NIL = "etcd 3.4 sorts by a nil function where `sort_target` has a number that it does not know"
FAULTS = {"KV": (Fault("SERVER_STAYS_UP", DIES["KV"], _NIL),)}
CALLS = {"KV": 800, "Lease": 600, "Watch": 150, "Cluster": 300, "Maintenance": 300}


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    """The protos that a client on PyPI brings, as a folder."""
    found = find_spec("pyetcd")
    assert found is not None, "etcd-sdk-python is missing: run make test-system"
    assert found.origin is not None
    folder = tmp_path_factory.mktemp("etcd-protos")
    for proto in (Path(found.origin).parent / "proto").glob("*.proto"):
        shutil.copy(proto, folder)
    return load(str(folder))


@contextmanager
def etcd(folder: Path) -> Iterator[str]:
    """The address of a cluster of one, with its data in *folder*."""
    here, peers = "http://127.0.0.1:{port}", f"http://127.0.0.1:{free_port()}"
    command = (
        f"etcd --data-dir '{folder}' --listen-client-urls {here} --advertise-client-urls {here}"
        f" --listen-peer-urls {peers} --initial-advertise-peer-urls {peers}"
        f" --initial-cluster default={peers} --log-level error"
    )
    with launched(command, folder=folder) as address:
        yield address


@pytest.mark.parametrize("service", CALLS)
def test_nothing_is_found_at_etcd(service: str, schema: Schema, tmp_path: Path, told: Told) -> None:
    """
    Every method that does no lasting harm is answered OK, and keeps what gRPC promises; but for one
    call, of which the server dies.
    """
    options = Options(
        services=(f"{PACKAGE}.{service}",),
        exclude=DANGEROUS,
        max_calls=CALLS[service],
        deadline=20.0,
        max_time=900.0,
    )
    with etcd(tmp_path) as address:
        report = told("etcd 3.4", run_tests(address, schema, options))
    known = Known(FAULTS.get(service, ()), UNTESTED, DIES.get(service, ""))
    assert surprises(report, known) == []
