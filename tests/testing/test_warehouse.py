"""Services without annotations or house style: what is found of them, and that nothing is else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.testing import office, warehouse
from tests.testing.asked import patient
from tests.testing.shapes import opened
from wireproof.testing import Phase, run_tests

PHASES = (Phase.EXAMPLES, Phase.STATEFUL, Phase.COVERAGE)


def found(shape: Any, **asked: Any) -> list[tuple[str, str]]:
    """The findings of a run: checks and subjects."""
    with opened(shape) as (address, schema):
        report = run_tests(address, schema, patient(**asked))
    prefix = f"{shape.file}.v1.{shape.service}."
    return [(one.id, one.subject.removeprefix(prefix)) for one in report.findings]


@pytest.mark.parametrize(
    ("fault", "id_", "subject"),
    [
        (warehouse.Halving, "TRANSFER_BALANCES", "MoveStock"),
        (warehouse.Beginning, "CREATE_STORES_FIELD", "RegisterItem: quantity"),
        (warehouse.Unlabelled, "CREATE_STORES_FIELD", "RegisterItem: labels"),
        (warehouse.Forgetful, "KEY_GIVES_ONE", "RegisterItem: request_id"),
        (warehouse.Skipping, "PAGES_ADD_UP", "ListItems"),
        (warehouse.Generous, "PAGES_ADD_UP", "ListItems"),
        (warehouse.Circling, "PAGES_ADD_UP", "SearchItems"),
        (warehouse.Overlapping, "PAGES_ADD_UP", "SearchItems"),
        (warehouse.Mixed, "FILTER_NARROWS", "BrowseItems: zone"),
        (warehouse.Sourceless, "FILTER_NARROWS", "ListItems: supplier"),
        (warehouse.Overwriting, "STALE_VERSION_REFUSED", "UpdateItem: expected_version"),
        (warehouse.Trusting, "BATCH_ITEMS_ALIKE", "RegisterItems"),
        (warehouse.Hasty, "BATCH_ITEMS_ALIKE", "ImportItems"),
        (warehouse.Lenient, "BATCH_ITEM_AS_ALONE", "ImportItems"),
        (warehouse.Harsh, "BATCH_ITEM_AS_ALONE", "ImportItems"),
        (warehouse.Local, "CLOCK_IS_UTC", "RegisterItem: created_at"),
        (warehouse.Crossed, "STREAMS_ISOLATED", "Scan"),
        (warehouse.Curt, "EACH_REQUEST_ANSWERED", "Scan"),
        (office.Overselling, "CALLS_ADD_UP", "BookSeats: GetShow.available"),
        (office.Misplacing, "CREATE_STORES_FIELD", "BookSeats: show_id"),
        (office.Undivided, "FILTER_NARROWS", "ListBookings: show_id"),
        (office.Gossiping, "EVENTS_FILTERED", "WatchShow: show_id"),
        (office.Shifted, "STREAMS_ISOLATED", "Admit"),
        (office.Early, "VALUE_COMES_BACK", "CreateShow: starts_at"),
    ],
)
def test_a_fault_is_found_by_its_check(fault, id_, subject):
    """
    Among a thousand calls, in sequences that nobody wrote down.
    """
    findings = found(fault, max_calls=1000, phases=PHASES)
    assert (id_, subject) in {(one, about[: len(subject)]) for one, about in findings}


@pytest.mark.parametrize("healthy", [warehouse.Warehouse, warehouse.Telling, office.Office])
def test_nothing_is_found_without_a_fault(healthy):
    """
    Offsets, counters that move with every change, and lists without an end are no faults.
    """
    assert found(healthy, max_calls=2000) == []
