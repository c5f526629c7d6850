"""What a server is held to where it promised nothing: its own words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.checks.exchanges import Code, exchange, thing
from tests.checks.test_observations import GET, ONE, back, deleted, paged, updated
from wireproof.checks import agreement, itself, observations, stored
from wireproof.checks.agreement import AGREEMENT
from wireproof.checks.check import Profile
from wireproof.checks.itself import ITSELF
from wireproof.checks.stored import STORED

OK = exchange()


CREATE = replace(GET, full_name="zoo.Zoo.CreateBeast")


def repeated(second, *, spoken):
    return observations.Repeated(GET, (OK, OK), True, "1", second, "request_id", spoken)


def answered(told, after):
    return agreement.UpdateAnswered(GET, (OK,), told, after)


def filtered(strangers):
    return observations.Filtered(GET, (OK,), "state", "OPEN", strangers, 1)


def totalled(field, *totals):
    return agreement.Totalled(GET, (OK, OK), field, totals, (2, 2))


def listed(*, in_order, understood):
    return observations.Sorted(GET, (OK,), "count", True, in_order, understood)


def replaced(others):
    return agreement.ValueLost(GET, (OK,), "colour", "RED", "BLUE", others)


def stamped(name):
    """An update that changed the time of that name."""
    after = thing(id="1", title="new", label="l", tags=["x"], **{name: "later"})
    return replace(updated(after), server_set=frozenset({name}), creation=frozenset({name}))


HEALTHY: dict[str, Any] = {
    "read as it was told": back(),
    "tidied before it is read": back(got=thing(id="1", title=" T ", label="l", tags=["x"])),
    "what the server chose, and changed": back(
        sent=thing(id="1"), got=thing(id="1", title="other", label="l", tags=["x"])
    ),
    "gone": deleted(),
    "marked as deleted": deleted(read=OK, read_back=thing(id="1", stamp="now")),
    "a reply that tells less": answered(thing(title="new"), thing(title="new", label="l")),
    "pages": paged(("ab", "2"), ("cd", "")),
    "pages that shift while others write": observations.Paged(
        GET, (OK,), paged(("ab", "2"), ("bc", "")).pages, tuple("abcd"), True, "others write"
    ),
    "a page of fewer than were asked for": paged(("ab", "2"), ("c", ""), expected="abc"),
    "a read that came to no answer": replace(
        back(got=None), exchanges=(OK, exchange(Code.DEADLINE_EXCEEDED))
    ),
    "a clock that is a little slow": stored.Stamped(GET, (OK,), "created_at", -3.0),
    "a time of another day": stored.Stamped(GET, (OK,), "created_at", -20 * 3600.0),
    "a clock that is wrong": stored.Stamped(GET, (OK,), "created_at", 3600.0 + 61),
    "a version that is gone by, refused": itself.StaleVersion(GET, (OK,), "if_version", False),
    "pages under one token": paged(("ab", "t"), ("cd", "t"), ("", "t")),
    "a list that is too long": paged(("ab", "2"), ("cd", "4"), expected="", ended=False),
    "the number of all": totalled("total", 4, 4),
    "the number on the page": totalled("count", 2, 2),
    "a change that leaves the others": stored.ChangedInPart(GET, (OK,), ()),
    "marked as deleted, and listed": observations.ListedAfterDelete(GET, (OK,), True, True),
    "no more in the list": observations.ListedAfterDelete(GET, (OK,), False),
    "a narrow list": filtered(0),
    "left out, and unset": stored.LeftUnset(GET, (OK, OK), ()),
    "an update that makes what is not there": itself.UpdatedNothing(GET, (OK, OK), False),
    "a time of the latest entry": stamped("stamp"),
    "an order that the list may not know": listed(in_order=False, understood=False),
    "an order that it knows": listed(in_order=True, understood=True),
    "a state with which all begin": replaced(1),
    "the number of the whole list": replace(totalled("total", 4, 4), whole=4),
    "a number that moves": replace(totalled("total", 4, 5), whole=4),
    "an alias": itself.Elsewhere(GET, (OK,), "Ada ", "ada"),
    "nothing of a name": itself.Elsewhere(GET, (OK,), "x", ""),
    "a key that gives one": repeated("1", spoken=True),
    "a number for the logs": repeated("2", spoken=False),
    "a second create that changes nothing": observations.SecondCreate(CREATE, (OK, OK)),
    "a second one of what may be set": observations.SecondCreate(GET, (OK, OK), True),
}

FAULTY: dict[str, tuple[Any, set[str]]] = {
    "created and not there": (back(got=None), {"CREATED_IS_READ"}),
    "created and another": (
        back(got=thing(id="1", title="other", label="l", tags=["x"])),
        {"CREATED_IS_READ"},
    ),
    "deleted and there": (deleted(read=OK, read_back=ONE), {"DELETED_IS_GONE"}),
    "the old value for the new": (
        answered(thing(title="old"), thing(title="new")),
        {"UPDATED_AS_TOLD"},
    ),
    "an item in two pages": (paged(("ab", "2"), ("bcd", "")), {"PAGES_ADD_UP"}),
    "more than were asked for": (paged(("abc", "2"), ("d", "")), {"PAGES_ADD_UP"}),
    "a value that was sent and is not there": (
        stored.Dropped(GET, (OK,), "labels"),
        {"CREATE_STORES_FIELD"},
    ),
    "two hours ahead": (stored.Stamped(GET, (OK,), "created_at", 7201.5), {"CLOCK_IS_UTC"}),
    "half an hour more than five behind": (
        stored.Stamped(GET, (OK,), "created_at", -5.5 * 3600),
        {"CLOCK_IS_UTC"},
    ),
    "a version that is gone by, taken": (
        itself.StaleVersion(GET, (OK,), "if_version", True),
        {"STALE_VERSION_REFUSED"},
    ),
    "an item in no page": (paged(("ab", "2"), ("d", "")), {"PAGES_ADD_UP"}),
    "an item in two pages of a long list": (
        paged(("ab", "2"), ("bc", "4"), expected="", ended=False),
        {"PAGES_ADD_UP"},
    ),
    "pages in a circle": (
        paged(("ab", "t"), ("ab", "t"), expected="", ended=False),
        {"PAGES_ADD_UP"},
    ),
    "the number on the page for all": (totalled("total", 2, 2), {"TOTAL_IS_OF_ALL"}),
    "nothing for nothing": (itself.ToldNothing(GET, (OK,)), {"NOTHING_IS_NO_THING"}),
    "a change that clears the others": (
        stored.ChangedInPart(GET, (OK,), ("title",)),
        {"ABSENT_STAYS"},
    ),
    "a ghost": (observations.ListedAfterDelete(GET, (OK,), True), {"DELETED_NOT_LISTED"}),
    "a filter that lets all by": (filtered(2), {"FILTER_NARROWS"}),
    "a filter that leaves some out": (
        replace(filtered(0), overlooked=1),
        {"FILTER_NARROWS"},
    ),
    "left out, and zero": (
        stored.LeftUnset(GET, (OK, OK), ("rating",)),
        {"UNSET_IS_NO_ZERO"},
    ),
    "an update of what is not there": (
        itself.UpdatedNothing(GET, (OK, OK), True),
        {"UPDATED_IS_THERE"},
    ),
    "another order": (listed(in_order=False, understood=True), {"ORDER_AS_ASKED"}),
    "one colour for another": (replaced(2), {"ENUM_VALUE_STAYS"}),
    "a time of creation that moves": (stamped("created_at"), {"CREATION_STAYS"}),
    "one too many in all": (
        replace(totalled("total", 5, 5), whole=4),
        {"TOTAL_IS_OF_ALL"},
    ),
    "another than was asked for": (
        itself.Elsewhere(GET, (OK,), "x", "y"),
        {"ANSWERS_WHAT_IS_ASKED"},
    ),
    "two for one key": (repeated("2", spoken=True), {"KEY_GIVES_ONE"}),
    "one create over the other": (
        observations.SecondCreate(CREATE, (OK, OK), True),
        {"CREATE_REPLACES"},
    ),
    "one create instead of the other": (itself.Displaced(CREATE, (OK,)), {"CREATED_STAYS"}),
    "in the way of itself": (
        itself.KeyUnread(CREATE, (OK, exchange(Code.FAILED_PRECONDITION)), "request_id"),
        {"KEY_IS_READ"},
    ),
    "a number as a double": (
        stored.Mangled(GET, (OK,), "count", "rounded, as a double is"),
        {"VALUE_COMES_BACK"},
    ),
}


def accused(observation: observations.Observation) -> set[str]:
    return {
        c.id
        for c in (*ITSELF, *STORED, *AGREEMENT)
        if c.profile is not Profile.AIP and c.on is type(observation) and any(c.check(observation))
    }


@pytest.mark.parametrize("name", HEALTHY)
def test_what_agrees_is_not_accused(name):
    """
    Fields of which the server decides, states and tidied texts are nobody's business.
    """
    assert accused(HEALTHY[name]) == set()


@pytest.mark.parametrize("name", FAULTY)
def test_what_contradicts_itself_is_accused(name):
    """
    By one check each.
    """
    observation, ids = FAULTY[name]
    assert accused(observation) == ids
