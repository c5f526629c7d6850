"""The services that grpcio's own packages bring: health, reflection, channelz."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from grpc_channelz.v1 import channelz_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from contract_tests.others.descriptors import schema_of
from contract_tests.others.grpcio_services import CHANNELZ, HEALTH, REFLECTION, SERVICES
from contract_tests.others.known import Fault, Known, surprises
from contract_tests.others.page import Told
from wireproof.schema.reflection import schema_by_reflection
from wireproof.testing import Options, Phase, run_tests
from wireproof.testing.launch import launched

ROOT = Path(__file__).parents[2]
SCHEMA = schema_of(health_pb2, channelz_pb2, reflection_pb2)
STATUSES = "https://grpc.github.io/grpc/core/md_doc_statuscodes.html"

UNTESTED = {
    f"{HEALTH}.List": "the servicers leave it UNIMPLEMENTED, as a server may",
    **{
        f"{CHANNELZ}.{name}": "answers OK only where the server calls others, and this one does not"
        for name in ("GetChannel", "GetSubchannel")
    },
}
_BYTES = (
    f"grpc.aio answers UNKNOWN where a request does not parse; INTERNAL is promised ({STATUSES})"
)
_TEXT = "grpc.aio puts the class of a Python exception and its text into the status"
AIO = {
    HEALTH: (
        Fault("MALFORMED_UNKNOWN", f"{HEALTH}: *", _BYTES),
        Fault("INTERNALS_LEAKED", f"{HEALTH}*", _TEXT),
    ),
    CHANNELZ: (
        Fault("MALFORMED_UNKNOWN", f"{CHANNELZ}: *", _BYTES),
        Fault("INTERNALS_LEAKED", f"{CHANNELZ}*", _TEXT),
    ),
    REFLECTION: (
        Fault("MALFORMED_UNKNOWN", f"{REFLECTION}: *", _BYTES),
        Fault("INTERNALS_LEAKED", f"{REFLECTION}*", _TEXT),
    ),
}


@contextmanager
def serving(kind: str) -> Iterator[str]:
    command = f"{sys.executable} -m contract_tests.others.grpcio_services {{port}} {kind}"
    with launched(command, folder=ROOT) as address:
        yield address


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("kind", ["sync", "aio"])
def test_only_what_is_true_is_found_in_grpcio_s_own_services(
    kind: str, service: str, told: Told
) -> None:
    """
    Streams that stay open hold a thread each of a synchronous server: the tester gives them back.
    """
    known = Known(AIO[service] if kind == "aio" else (), UNTESTED)
    options = Options(services=(service,), max_calls=300, deadline=20.0, max_time=900.0)
    with serving(kind) as address:
        report = told(f"grpcio ({kind})", run_tests(address, SCHEMA, options))
    assert surprises(report, known) == []


def test_a_server_of_nothing_but_infrastructure_is_tested_by_its_address() -> None:
    """
    Reflection lists no application: what there is is what was meant.
    """
    options = Options(phases=(Phase.EXAMPLES,))
    with serving("sync") as address:
        report = run_tests(address, schema_by_reflection(address), options)
    assert {one.method.rpartition(".")[0] for one in report.methods} == {HEALTH, CHANNELZ}
    assert report.findings == ()
