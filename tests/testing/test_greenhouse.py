"""A service without annotations: what is found of its pages, orders, times, maps and limits."""

from __future__ import annotations

import pytest

from tests.testing import faulty_greenhouse
from tests.testing.greenhouse import Greenhouse
from tests.testing.test_warehouse import PHASES, found


@pytest.mark.parametrize(
    ("fault", "id_", "subject"),
    [
        (faulty_greenhouse.Truncating, "PAGES_AS_TOLD", "ListBeds: total_pages"),
        (faulty_greenhouse.Promising, "PAGES_AS_TOLD", "ListBeds: has_more"),
        (faulty_greenhouse.Inflated, "TOTAL_IS_OF_ALL", "ListBeds: total"),
        (faulty_greenhouse.Overlooking, "FILTER_NARROWS", "ListBeds: soil"),
        (faulty_greenhouse.Ascending, "ORDER_AS_ASKED", "ListBeds: area"),
        (faulty_greenhouse.Spelling, "ORDER_AS_ASKED", "ListBeds: area"),
        (faulty_greenhouse.Curtailed, "LIST_SHOWS_LAST", "BrowseBeds"),
        (faulty_greenhouse.Clipped, "LIST_SHOWS_LAST", "ListBeds"),
        (faulty_greenhouse.Hedged, "STREAM_TELLS_ITEMS", "WatchRows"),
        (faulty_greenhouse.Echoing, "STREAM_TELLS_ITEMS", "WatchRows"),
        (faulty_greenhouse.Reborn, "CREATION_STAYS", "UpdateBed: create_time"),
        (faulty_greenhouse.Prefixed, "ANSWERS_WHAT_IS_ASKED", "GetBed"),
        (faulty_greenhouse.Whole, "VALUE_COMES_BACK", "CreateBed: bed.sown_at"),
        (faulty_greenhouse.Zoned, "VALUE_COMES_BACK", "CreateBed: bed.sown_at"),
        (faulty_greenhouse.Uncovered, "VALUE_COMES_BACK", "CreateBed: bed.rows.covered"),
        (faulty_greenhouse.Uprooting, "ACTION_LEAVES_OTHERS", "RemoveRow: rows"),
        (faulty_greenhouse.Scanty, "VALUE_COMES_BACK", "CreateBed: bed.harvests"),
        (faulty_greenhouse.Sunless, "FILTER_NARROWS", "ListBeds: shaded"),
        (faulty_greenhouse.Thorough, "MASK_LIMITS_UPDATE", "RevisePlant: note"),
        (faulty_greenhouse.Peatless, "ENUM_VALUE_STAYS", "CreateBed: bed.soil"),
        (faulty_greenhouse.Mispaired, "BATCH_READ_COMPLETE", "BatchGetBeds"),
        (faulty_greenhouse.Rooted, "ACTION_AS_TOLD", "MovePlant: bed_id"),
        (faulty_greenhouse.Jostled, "CALLS_ADD_UP", "OpenGate: OpenGate.times"),
        (faulty_greenhouse.Eager, "STREAM_LIMIT_EXACT", "StreamReadings: count"),
        (faulty_greenhouse.Stingy, "STREAM_LIMIT_EXACT", "StreamReadings: count"),
        (faulty_greenhouse.Level, "UNSET_IS_NO_ZERO", "CreateBed: slope"),
        (faulty_greenhouse.Agreeable, "UPDATED_IS_THERE", "UpdateBed"),
        (faulty_greenhouse.Narrow, "AMOUNT_MOVED", "Water: GetBed.litres_given"),
        (faulty_greenhouse.Late, "STREAM_IS_COUNTED", "RecordReadings: reading_count"),
        (faulty_greenhouse.Flat, "STREAM_IS_TALLIED", "RecordReadings: by_sensor"),
        (faulty_greenhouse.Hurried, "STREAM_IS_TALLIED", "RecordReadings: total_lasted"),
        (faulty_greenhouse.Single, "STREAM_IS_TALLIED", "RecordReadings: by_sensor"),
    ],
)
def test_a_fault_is_found_by_its_check(fault, id_, subject):
    """
    Among a thousand calls, and nothing else is.
    """
    assert found(fault, max_calls=1000, phases=PHASES) == [(id_, subject)]


def test_nothing_is_found_without_a_fault():
    """
    Pages by number, numbers in maps that count nothing, and times that only callers set.
    """
    assert found(Greenhouse, max_calls=2000) == []
