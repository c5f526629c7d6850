"""What a service does is found behind words of its own: no `List`, no `Delete`, no timestamps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.testing.asked import patient
from tests.testing.faulty_inn import FAULTS
from tests.testing.inn import Inn
from tests.testing.shapes import opened
from wireproof.testing import run_tests


def found_on(shape):
    with opened(shape) as (address, schema):
        return run_tests(address, schema, patient(max_calls=700))


class Brief(Inn):
    """Tells of as many stays as fit on a slip, by their rooms."""

    service = "Inn"
    most = 6

    def watch_stays(self, request: Any, context: Any) -> Iterator[Any]:
        events = super().watch_stays(request, context)
        yield from sorted(events, key=lambda one: one.stay.room_code[::-1])[: self.most]


@pytest.mark.parametrize("shape", [Inn, Brief], ids=lambda one: one.__name__)
def test_a_healthy_inn_is_tested_whole_and_has_nothing(shape):
    """
    Days that are in order and free are found, so that stays are made.
    """
    report = found_on(shape)
    assert ([(one.id, one.subject) for one in report.findings], report.untested) == ([], ())


@pytest.mark.parametrize(("shape", "check"), FAULTS, ids=lambda one: getattr(one, "__name__", one))
def test_a_fault_is_found_whatever_methods_are_called(shape, check):
    """
    `FindRooms` and plain `Stays` are lists, `ForgetRoom` deletes.
    """
    assert check in {one.id for one in found_on(shape).findings}
