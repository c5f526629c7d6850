"""A service without annotations: what is found of its pages, orders, times, maps and limits."""

from __future__ import annotations

import pytest

from tests.testing import greenhouse
from tests.testing.test_warehouse import PHASES, found


@pytest.mark.parametrize(
    ("fault", "id_", "subject"),
    [
        (greenhouse.Truncating, "PAGES_AS_TOLD", "ListBeds: total_pages"),
        (greenhouse.Promising, "PAGES_AS_TOLD", "ListBeds: has_more"),
        (greenhouse.Inflated, "TOTAL_IS_OF_ALL", "ListBeds: total"),
        (greenhouse.Overlooking, "FILTER_NARROWS", "ListBeds: soil"),
        (greenhouse.Ascending, "ORDER_AS_ASKED", "ListBeds: area"),
        (greenhouse.Spelling, "ORDER_AS_ASKED", "ListBeds: area"),
        (greenhouse.Reborn, "CREATION_STAYS", "UpdateBed: create_time"),
        (greenhouse.Prefixed, "ANSWERS_WHAT_IS_ASKED", "GetBed"),
        (greenhouse.Whole, "VALUE_COMES_BACK", "CreateBed: bed.sown_at"),
        (greenhouse.Zoned, "VALUE_COMES_BACK", "CreateBed: bed.sown_at"),
        (greenhouse.Uncovered, "VALUE_COMES_BACK", "CreateBed: bed.rows.covered"),
        (greenhouse.Uprooting, "ACTION_LEAVES_OTHERS", "RemoveRow: rows"),
        (greenhouse.Scanty, "VALUE_COMES_BACK", "CreateBed: bed.harvests"),
        (greenhouse.Sunless, "FILTER_NARROWS", "ListBeds: shaded"),
        (greenhouse.Thorough, "MASK_LIMITS_UPDATE", "RevisePlant: note"),
        (greenhouse.Peatless, "ENUM_VALUE_STAYS", "CreateBed: bed.soil"),
        (greenhouse.Mispaired, "BATCH_READ_COMPLETE", "BatchGetBeds"),
        (greenhouse.Rooted, "ACTION_AS_TOLD", "MovePlant: bed_id"),
        (greenhouse.Jostled, "CALLS_ADD_UP", "OpenGate: OpenGate.times"),
        (greenhouse.Eager, "STREAM_LIMIT_EXACT", "StreamReadings: count"),
        (greenhouse.Stingy, "STREAM_LIMIT_EXACT", "StreamReadings: count"),
        (greenhouse.Level, "UNSET_IS_NO_ZERO", "CreateBed: slope"),
        (greenhouse.Agreeable, "UPDATED_IS_THERE", "UpdateBed"),
        (greenhouse.Narrow, "AMOUNT_MOVED", "Water: GetBed.litres_given"),
        (greenhouse.Late, "STREAM_IS_COUNTED", "RecordReadings: reading_count"),
        (greenhouse.Flat, "STREAM_IS_TALLIED", "RecordReadings: by_sensor"),
        (greenhouse.Hurried, "STREAM_IS_TALLIED", "RecordReadings: total_lasted"),
        (greenhouse.Single, "STREAM_IS_TALLIED", "RecordReadings: by_sensor"),
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
    assert found(greenhouse.Greenhouse, max_calls=2000) == []
