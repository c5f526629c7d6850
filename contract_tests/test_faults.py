"""The tester finds every fault of the catalogue, by itself, and nothing on the healthy service."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from contract_tests.faults import newer
from contract_tests.faults.catalogue import FAULTS, HEALTHY
from contract_tests.faults.disguise import Disguise
from contract_tests.faults.fault import Fault
from contract_tests.faults.names import COUNTER, PARCELS, PLAIN
from contract_tests.score.runs import plain_schema
from wireproof.schema.reflection import schema_by_reflection
from wireproof.testing import Options, Phase, TestReport, run_tests
from wireproof.testing.launch import launched

ROOT = Path(__file__).parent.parent
EXPLORE = bool(os.environ.get("WIREPROOF_EXPLORE"))
"""All faults, five seeds and every phase: for the night, not for every change."""
QUICK = (
    "get-of-nothing-internal",
    "batch-loses-last",
    "update-ignores-mask",
    "mask-clears-unlisted",
    "key-ignored",
    "delete-does-nothing",
    "page-skips-boundary",
    "sync-leaks",
    "events-duplicated",
)
CHOSEN = [*(fault for fault in FAULTS if EXPLORE or fault.id in QUICK), *newer.FAULTS]
LASTING: dict[str, Any] = {"deadline": 20.0, "max_time": 900.0}
"""Time enough for calls, and for a run, on a machine that has other things to do."""
MORE = {"sync-leaks": 800, "minimum-one-too-many": 1200, "nul-crashes": 2400}
"""Calls for those that only show on some valid value; 700 are enough for the others."""


@contextmanager
def serving(fault: Fault, names: str = PLAIN.id) -> Iterator[str]:
    command = f"{sys.executable} -m contract_tests.faults {fault.id} {{port}} {names}"
    with launched(command, folder=ROOT) as address:
        yield address


def outcome(fault: Fault, options: Options) -> TestReport:
    with serving(fault) as address:
        return run_tests(address, schema_by_reflection(address), options)


@pytest.mark.parametrize("fault", CHOSEN, ids=[fault.id for fault in CHOSEN])
def test_a_fault_is_found_from_the_address_alone(fault: Fault) -> None:
    """
    No schema, no contract, no hint: reflection and the descriptors are enough.
    """
    phases = (Phase.EXAMPLES, Phase.STATEFUL, Phase.COVERAGE)
    report = outcome(fault, Options(phases=phases, max_calls=MORE.get(fault.id, 700), **LASTING))
    assert {finding.id for finding in report.findings} & set(fault.found_by)


@pytest.mark.parametrize("healthy", [HEALTHY, newer.HEALTHY], ids=lambda fault: fault.id)
@pytest.mark.parametrize("seed", range(5 if EXPLORE else 1))
def test_nothing_is_found_on_the_healthy_service(seed: int, healthy: Fault) -> None:
    """
    A false alarm is as bad as a miss; every method is tested.
    """
    report = outcome(healthy, Options(seed=seed, max_calls=5000 if EXPLORE else 400, **LASTING))
    assert (report.findings, report.untested, report.stopped) == ((), (), "")


def test_events_in_batches_are_all_heard() -> None:
    """
    A batch may tell of more than has been asked about: made-up sequences make it so.
    """
    phases = (Phase.EXAMPLES, Phase.STATEFUL)
    methods = ("api.user.v2.UserService.StreamUserEvents",)
    options = Options(seed=1, max_calls=900, phases=phases, methods=methods, **LASTING)
    report = outcome(newer.HEALTHY, options)
    assert (report.findings, report.untested, report.stopped) == ((), (), "")


@pytest.mark.parametrize("names", [PARCELS, COUNTER], ids=lambda one: one.id)
def test_nothing_hangs_on_the_service_s_names(names: Disguise) -> None:
    """
    Every name another: the healthy service stays unaccused, and is tested by every method.
    """
    with serving(HEALTHY, names.id) as address:
        schema = names.schema(plain_schema())
        report = run_tests(address, schema, Options(max_calls=400, **LASTING))
    assert (report.findings, report.untested, report.stopped) == ((), (), "")
