"""Checks that two answers of one server agree: what they accuse, and what they let be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from google.rpc.context import attribute_context_pb2

from tests.checks.exchanges import Code, exchange, thing
from tests.checks.test_observations import GET, accused, back, deleted, updated
from tests.exchange.serving import METHODS
from wireproof.checks import agreement, conversations
from wireproof.checks.compare import coarser_times
from wireproof.checks.kept import lost, swapped
from wireproof.exchange import Style

CLIENT = METHODS[Style.CLIENT_STREAMING]
BIDI, WATCH = METHODS[Style.BIDIRECTIONAL], METHODS[Style.SERVER_STREAMING]
OK = exchange()


def totalled(totals, lengths):
    return agreement.Totalled(GET, (OK,), "total", totals, lengths)


def listed(found, got):
    return agreement.ListedItem(GET, (OK,), found, got)


def answered(told, after):
    return agreement.UpdateAnswered(GET, (OK,), told, after)


def counted(told):
    return conversations.Counted(GET, (OK,), "accepted", 3, told)


def measured(*, right):
    return conversations.Measured(CLIENT, (OK, OK), "sha256", "sha256", right)


def tallied(*told):
    return conversations.Tallied(CLIENT, (OK,), "by_kind", (("a", 3), ("b", 1)), told)


def limited(*lengths):
    return conversations.Limited(WATCH, (OK,), "count", lengths)


def at(nanos):
    """Something with a time in it."""
    request = attribute_context_pb2.AttributeContext.Request()
    request.time.seconds, request.time.nanos = 1_700_000_000, nanos
    return request


STAMPED = replace(
    updated(thing(id="1", title="new", label="l", tags=["x"], stamp="later")),
    server_set=frozenset({"stamp"}),
)

HEALTHY: dict[str, Any] = {
    "the digest of the whole": measured(right=True),
    "a default page": agreement.DefaultPage(GET, (OK,), 3, 3),
    "no page of nothing": agreement.DefaultPage(GET, (OK,), 0, 0),
    "the total on every page": totalled((5, 5, 5), (2, 2, 1)),
    "an estimate": totalled((8, 8, 8), (2, 2, 1)),
    "one page": totalled((2,), (2,)),
    "a list that shows less": listed(thing(id="1"), thing(id="1", title="t")),
    "a list that shows the same": listed(thing(id="1", title="t"), thing(id="1", title="t")),
    "shown": agreement.ListedAfterCreate(GET, (OK,), True),
    "a reply with what was written": answered(thing(title="new"), thing(title="new", label="l")),
    "made by a stream": conversations.StreamedCreate(BIDI, (OK, OK), True),
    "three counted": counted(3),
    "equal ones counted once": counted(1),
    "another time than that of creation": STAMPED,
    "tallied as sent": tallied(("a", 3), ("b", 1)),
    "as many as asked for": limited((2, 2), (3, 3), (2, 2)),
    "no more are there": limited((2, 1), (3, 1), (2, 1)),
    "one more came meanwhile": limited((2, 1), (3, 2), (2, 2)),
    "a limit of something else": limited((2, 9), (3, 9), (2, 9)),
    "the last page, as told": agreement.PageSign(GET, (OK,), "has_more", "False", "False"),
    "a copy that lags, then shows all": agreement.ShownLate(GET, (OK,), 1, 0),
    "a list that leaves out what is archived": agreement.ShownLate(GET, (OK,), 0, 1),
    "a list that tells what Get tells": agreement.ListedStale(GET, (OK,), ()),
    "a discount": agreement.Summed(GET, (OK,), "total", 10, 9, (6, 4)),
    "numbers that fall": conversations.InNumbers(WATCH, (OK,), "seq", (3, 2, 2, 1)),
    "all items, once each": conversations.Retold(WATCH, (OK,), 0, 0),
    "only events asked for": conversations.EventsOfOthers(WATCH, (OK,), "ids", 0),
    "an update of what is deleted, refused": deleted(updated=exchange(Code.NOT_FOUND)),
    "an update of what is kept when deleted": deleted(
        read=OK, read_back=thing(id="1", stamp="gone"), updated=OK
    ),
    "a text in another case": back(sent=thing(title="T"), created=thing(title="t"), got=None),
}

FAULTY: dict[str, tuple[Any, set[str]]] = {
    "an empty default page": (
        agreement.DefaultPage(GET, (OK,), 0, 3),
        {"DEFAULT_PAGE_SIZE"},
    ),
    "the length of the page for the total": (totalled((2, 2, 1), (2, 2, 1)), {"TOTAL_AGREES"}),
    "a list of its own": (
        listed(thing(id="1", title="x"), thing(id="1", title="t")),
        {"LIST_AGREES_WITH_GET"},
    ),
    "not shown": (agreement.ListedAfterCreate(GET, (OK,), False), {"LIST_SHOWS_CREATED"}),
    "a reply with the old value": (
        answered(thing(title="old"), thing(title="new")),
        {"UPDATE_REPLY_AGREES"},
    ),
    "one value for another": (
        agreement.ValueLost(GET, (OK,), "colour", "RED", "BLUE"),
        {"ENUM_VALUE_KEPT"},
    ),
    "no last page": (
        agreement.PageSign(GET, (OK,), "has_more", "False", "True"),
        {"PAGES_AS_TOLD"},
    ),
    "the last left out, until another comes": (
        agreement.ShownLate(GET, (OK,), 1, 1),
        {"LIST_SHOWS_LAST"},
    ),
    "the digest of a part": (measured(right=False), {"STREAM_IS_MEASURED"}),
    "a tally without one": (tallied(("a", 3)), {"STREAM_IS_TALLIED"}),
    "one too many": (limited((2, 3), (3, 4), (2, 3)), {"STREAM_LIMIT_EXACT"}),
    "one too few": (limited((2, 1), (3, 2), (2, 1)), {"STREAM_LIMIT_EXACT"}),
    "made by a stream and nowhere": (
        conversations.StreamedCreate(BIDI, (OK, exchange(Code.NOT_FOUND)), False),
        {"STREAMED_CREATE_KEPT"},
    ),
    "a list of old values": (
        agreement.ListedStale(GET, (OK,), ("title",)),
        {"LIST_SHOWS_CHANGE"},
    ),
    "the last item not counted": (
        agreement.Summed(GET, (OK,), "total", 10, 6, (6, 4)),
        {"TOTAL_FITS_ITEMS"},
    ),
    "numbers up and down": (
        conversations.InNumbers(WATCH, (OK,), "seq", (2, 1, 4)),
        {"EVENTS_IN_ORDER"},
    ),
    "an item left out": (conversations.Retold(WATCH, (OK,), 1, 0), {"STREAM_TELLS_ITEMS"}),
    "an item told twice": (conversations.Retold(WATCH, (OK,), 0, 1), {"STREAM_TELLS_ITEMS"}),
    "events of others": (
        conversations.EventsOfOthers(WATCH, (OK,), "ids", 1),
        {"EVENTS_FILTERED"},
    ),
    "one of three not counted": (counted(2), {"STREAM_IS_COUNTED"}),
    "more counted than sent": (counted(4), {"STREAM_IS_COUNTED"}),
    "open for ever": (conversations.StaysOpen(BIDI, (OK,)), {"STREAM_STAYS_OPEN"}),
    "a time of creation that moves": (
        replace(STAMPED, creation=frozenset({"stamp"})),
        {"CREATION_TIME_KEPT"},
    ),
    "a time that Get cuts": (
        back(sent=at(1), created=at(123_456_789), got=at(0), server_set=frozenset({"time"})),
        {"TIMES_READ_BACK"},
    ),
    "an update of what is deleted": (deleted(updated=OK), {"DELETED_NOT_UPDATED"}),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_what_is_right_is_not_accused(name):
    """
    A false alarm is as bad as a miss.
    """
    assert accused(HEALTHY[name]) - {"READ_BACK"} == set()


@pytest.mark.parametrize("name", FAULTY)
def test_what_disagrees_is_accused(name):
    """
    By the one check that names it.
    """
    observation, ids = FAULTY[name]
    assert accused(observation) == ids


def test_items_that_are_gone_are_told_from_items_in_another_spelling():
    """
    A server may trim, fold case and drop what is there twice; it may not drop an item.
    """
    sent = thing(title="t", tags=["a", "A ", "b"])
    assert list(lost(sent, thing(title="t", tags=["a", "b"]))) == []
    assert list(lost(sent, thing(title="t", tags=["a"]))) == [
        ("tags", "all that was sent", "a part of it")
    ]
    assert list(lost(thing(title="t"), thing())) == [("title", "the value sent", "nothing")]


def test_a_blank_text_may_be_dropped():
    """
    Trimming leaves nothing of it.
    """
    assert list(lost(thing(title="  "), thing())) == []


def test_two_texts_in_each_other_s_place_are_swapped():
    """
    Whatever a server makes of texts, it does not exchange them.
    """
    assert list(swapped(thing(title="a", label="b"), thing(title="b", label="a"))) == [
        ("title", "label")
    ]
    assert list(swapped(thing(title="a", label="b"), thing(title="A", label="B"))) == []


@pytest.mark.parametrize(
    ("nanos", "cut"),
    [(0, True), (123_000_000, True), (123_456_000, True), (123_456_788, False), (5, False)],
)
def test_a_cut_time_is_told_from_another_time(nanos, cut):
    """
    Whole seconds, milliseconds and microseconds are what stores cut to.
    """
    found = list(coarser_times(at(123_456_789), at(nanos), frozenset({"time"})))
    assert found == (["time"] if cut else [])
