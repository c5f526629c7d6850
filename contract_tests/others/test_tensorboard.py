"""TensorBoard's data server, as its package on PyPI brings it: written in Rust, over tonic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from contract_tests.others.known import Known, surprises
from contract_tests.others.page import Told
from wireproof.schema.reflection import schema_by_reflection
from wireproof.testing import Options, run_tests
from wireproof.testing.launch import launched

pytestmark = pytest.mark.system

SERVICE = "tensorboard.data.TensorBoardDataProvider"
UNTESTED = {f"{SERVICE}.ReadBlob": "its log holds no image, so hardly a key is answered"}


@contextmanager
def data_server(log: Path) -> Iterator[str]:
    """The address of a server of the data in *log*."""
    found = find_spec("tensorboard_data_server")
    assert found is not None, "tensorboard-data-server is missing: run make test-system"
    assert found.origin is not None
    server = Path(found.origin).parent / "bin/server"
    with launched(f"'{server}' --logdir '{log}' --port {{port}}", folder=log) as address:
        yield address


def test_nothing_is_found_at_a_server_that_only_reads(tmp_path: Path, told: Told) -> None:
    """
    Its schema comes from reflection, and its log is empty.
    """
    options = Options(max_calls=800, deadline=20.0, max_time=900.0)
    with data_server(tmp_path) as address:
        schema = schema_by_reflection(address)
        report = told("tonic (TensorBoard)", run_tests(address, schema, options))
    assert surprises(report, Known(untested=UNTESTED)) == []
