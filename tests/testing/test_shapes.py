"""Healthy services of many shapes: nothing is found on any of them."""

from __future__ import annotations

import pytest

from tests.testing import (
    annotated_shapes,
    giro_shapes,
    plain_shapes,
    stream_shapes,
    vines_shapes,
)
from tests.testing.asked import patient
from tests.testing.shapes import opened
from wireproof.testing import run_tests

SHAPES = (
    *stream_shapes.SHAPES,
    *plain_shapes.SHAPES,
    vines_shapes.Vines,
    giro_shapes.Giro,
    *annotated_shapes.SHAPES,
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_nothing_is_found_on_a_healthy_service(shape):
    """
    A false alarm is as bad as a miss: no error, no warning, and each method is answered OK.
    """
    with opened(shape) as (address, schema):
        report = run_tests(address, schema, patient(max_calls=700))
    untested = {name.rpartition(".")[2] for name in report.untested} - set(shape.untested)
    found = [(one.id, one.subject, one.promised, one.found) for one in report.findings]
    assert (found, untested, report.stopped) == ([], set(), "")
