"""Things whose own part lies in a `spec`, in replies that wrap them, are tested like any others."""

from __future__ import annotations

import pytest

from tests.testing import yard
from tests.testing.asked import patient
from tests.testing.shapes import opened
from wireproof.testing import run_tests


def found_on(shape, **more):
    with opened(shape) as (address, schema):
        return run_tests(address, schema, patient(**{"max_calls": 600, **more}))


@pytest.mark.parametrize("seed", range(3))
def test_a_healthy_yard_is_tested_whole_and_has_nothing(seed):
    """
    No trial of ours fails at the fields that a create has beside its thing: a key is none.
    """
    report = found_on(yard.Yard, seed=seed)
    found = [(one.id, one.subject) for one in report.findings]
    assert (found, report.untested, report.stopped) == ([], (), "")


@pytest.mark.parametrize(
    ("shape", "check"),
    [
        (yard.Unmasked, "MASK_LIMITS_UPDATE"),
        (yard.Overwriting, "STALE_VERSION_REFUSED"),
        (yard.Newest, "ANSWERS_WHAT_IS_ASKED"),
        (yard.Single, "CREATED_STAYS"),
        (yard.Blank, "NOTHING_IS_NO_THING"),
        (yard.Unminding, "ACTION_AS_TOLD"),
        (yard.Trusting, "SERVER_FAULT"),
        (yard.Short, "STREAM_IS_MEASURED"),
        (yard.Unordered, "STREAM_IS_MEASURED"),
    ],
)
def test_a_fault_is_found_behind_wrappers(shape, check):
    """
    `GetJobResponse` holds a job, which holds a spec: the thing is what lies within.
    """
    assert check in {one.id for one in found_on(shape).findings}
