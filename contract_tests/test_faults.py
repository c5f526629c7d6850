"""The tester finds every fault of the catalogue, by itself, and nothing on the healthy service."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contract_tests.faults.catalogue import FAULTS, HEALTHY, Fault
from wireproof.schema.reflection import schema_by_reflection
from wireproof.testing import Options, Phase, TestReport, run_tests
from wireproof.testing.launch import launched

ROOT = Path(__file__).parent.parent
FEW = 400
"""Calls within which a fault is found; those that only show on some valid value take more."""
MORE = {"minimum-one-too-many": 1200, "nul-crashes": 2400}


@contextmanager
def serving(fault: Fault) -> Iterator[str]:
    command = f"{sys.executable} -m contract_tests.faults {fault.id} {{port}}"
    with launched(command, folder=ROOT) as address:
        yield address


def tested(fault: Fault, options: Options) -> TestReport:
    with serving(fault) as address:
        return run_tests(address, schema_by_reflection(address), options)


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.id for fault in FAULTS])
def test_a_fault_is_found_from_the_address_alone(fault: Fault) -> None:
    """
    No schema, no contract, no hint: reflection and the descriptors are enough.
    """
    phases = (Phase.EXAMPLES, Phase.STATEFUL, Phase.COVERAGE)
    report = tested(fault, Options(phases=phases, max_calls=MORE.get(fault.id, FEW)))
    found = {finding.id for finding in report.findings}
    assert set(fault.found_by) <= found


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_found_on_the_healthy_service(seed: int) -> None:
    """
    A false alarm is as bad as a miss; all phases, every method tested.
    """
    report = tested(HEALTHY, Options(seed=seed, max_calls=2600))
    assert (report.findings, report.untested, report.stopped) == ((), (), "")
