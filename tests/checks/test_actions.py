"""Methods of other verbs, batches, parents and versions: what is accused, and what is let be."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checks.exchanges import Code, exchange, thing, versioned
from tests.checks.test_observations import GET, accused, updated
from wireproof.checks import actions, batches, kin, observations, operations

OK = exchange()
NOT_FOUND = exchange(Code.NOT_FOUND)
INVALID = exchange(Code.INVALID_ARGUMENT)
TAKEN = exchange(Code.ALREADY_EXISTS)


def changed(after: Any, before: Any) -> observations.Updated:
    skip = frozenset({"etag", "update_time"})
    paths = frozenset({"title"})
    return observations.Updated(GET, (OK,), paths, True, before, after, after, skip)


def tagged(*now: str) -> observations.Updated:
    """A list of old and both, updated to new and both."""
    before, sent = thing(id="1", tags=["old", "both"]), thing(id="1", tags=["new", "both"])
    return updated(thing(id="1", tags=now), paths=("tags",), before=before, sent=sent)


def read(asked: str, told: str, *differing: str) -> batches.BatchRead:
    return batches.BatchRead(GET, (OK,), tuple(asked), tuple(told), differing)


FIRST = versioned("first", "e1", 1)
HEALTHY: dict[str, Any] = {
    "done as told": actions.Acted(GET, (OK,), ()),
    "nobody else's business": actions.Bystander(GET, (OK,), ()),
    "all of them counted": actions.AtOnce(GET, (OK,), "balance", 5, 5),
    "the amount": actions.Amount(GET, (OK,), "balance", 137, 137),
    "given and taken": actions.Balance(GET, (OK,), "balance", 137, 137, -137),
    "less than nothing, and nothing moved": actions.Balance(GET, (OK,), "balance", -1, 0, 0),
    "nothing cleared": actions.Cleared(GET, (OK,), ()),
    "counted as itself": actions.CountedAs(GET, (OK, OK), "by_kind", "LIKE", "LIKE"),
    "as many as are listed": actions.Rolled(GET, (OK, OK), "count", 2, 2),
    "one of many": actions.OnlyOnce(GET, (OK,), 1),
    "several read": read("cab", "cab"),
    "none where one is absent": batches.BatchOfAbsent(GET, (OK, NOT_FOUND)),
    "several created": batches.BatchMade(GET, (OK,), 3, 3, 3, 3),
    "several created where nothing lists": batches.BatchMade(GET, (OK,), 3, 3, 3),
    "all or nothing": batches.BatchRefused(GET, (OK,), 0),
    "refused wherever it stands": batches.LaterItem(GET, (NOT_FOUND, NOT_FOUND)),
    "refused as it is alone": batches.AsAlone(GET, (INVALID, INVALID), refused=True),
    "refused in band, as it is alone": batches.AsAlone(GET, (INVALID, OK), refused=True),
    "accepted as it is alone": batches.AsAlone(GET, (OK, OK), refused=False),
    "its name is taken by now": batches.AsAlone(GET, (TAKEN, OK), refused=False),
    "an operation that goes on": operations.Operated(GET, (OK,), done=False, result=""),
    "a response": operations.Operated(GET, (OK,), done=True, result="response"),
    "a failure": operations.Operated(GET, (OK,), done=True, result="error", fault=3),
    "an operation that is known": operations.Begun(GET, (OK, OK)),
    "no such parent": kin.UnderNothing(GET, (NOT_FOUND,)),
    "what was asked for with force": kin.ParentDeleted(GET, (OK,), True, True, False),
    "all of it, where nobody can ask": kin.ParentDeleted(GET, (OK,), False, False, False),
    "replaced": tagged("new", "both"),
    "replaced and put in order": tagged("both", "new"),
    "another version": changed(versioned("next", "e2", 2), FIRST),
    "the same again": changed(versioned("first", "e1", 1), FIRST),
    "times in whole seconds": changed(versioned("next", "e2", 0), versioned("first", "e1", 0)),
}
FAULTY: dict[str, tuple[Any, set[str]]] = {
    "another than told": (actions.Acted(GET, (OK,), ("state",)), {"ACTION_AS_TOLD"}),
    "others too": (actions.Bystander(GET, (OK,), ("state",)), {"ACTION_LEAVES_OTHERS"}),
    "accepted in a later place": (batches.LaterItem(GET, (NOT_FOUND, OK)), {"BATCH_ITEMS_ALIKE"}),
    "accepted, and refused alone": (
        batches.AsAlone(GET, (INVALID, OK), refused=False),
        {"BATCH_ITEM_AS_ALONE"},
    ),
    "refused, and accepted alone": (
        batches.AsAlone(GET, (OK, INVALID), refused=True),
        {"BATCH_ITEM_AS_ALONE"},
    ),
    "an operation of nobody": (operations.Begun(GET, (OK, NOT_FOUND)), {"OPERATION_IS_KNOWN"}),
    "done, and nothing to show": (
        operations.Operated(GET, (OK,), done=True, result=""),
        {"OPERATION_HAS_RESULT"},
    ),
    "a response too early": (
        operations.Operated(GET, (OK,), done=False, result="response"),
        {"OPERATION_HAS_RESULT"},
    ),
    "an error that is none": (
        operations.Operated(GET, (OK,), done=True, result="error"),
        {"OPERATION_HAS_RESULT"},
    ),
    "another type": (
        operations.Operated(GET, (OK,), True, "response", (("response", "A", "B"),)),
        {"OPERATION_TYPES_KEPT"},
    ),
    "done in another way": (operations.Undone(GET, (OK, OK)), {"OPERATION_STAYS_DONE"}),
    "one lost": (actions.AtOnce(GET, (OK,), "balance", 5, 4), {"CALLS_ADD_UP"}),
    "a unit lost": (actions.Amount(GET, (OK,), "balance", 137, 136), {"AMOUNT_MOVED"}),
    "a unit vanished": (
        actions.Balance(GET, (OK,), "balance", 137, 136, -137),
        {"TRANSFER_BALANCES"},
    ),
    "taken from the taker": (
        actions.Balance(GET, (OK,), "balance", -1, -1, 1),
        {"TRANSFER_BALANCES"},
    ),
    "twice at once": (actions.OnlyOnce(GET, (OK,), 2), {"ONCE_AT_ONCE"}),
    "one missing": (read("cab", "ca"), {"BATCH_READ_COMPLETE"}),
    "one too many": (read("cab", "cabd"), {"BATCH_READ_COMPLETE"}),
    "another than Get's": (read("cab", "cab", "title"), {"BATCH_READ_COMPLETE"}),
    "sorted": (read("cab", "abc"), {"BATCH_READ_ORDER"}),
    "the absent left out": (
        batches.BatchOfAbsent(GET, (OK, OK)),
        {"BATCH_READ_OF_NOTHING"},
    ),
    "a short reply": (batches.BatchMade(GET, (OK,), 3, 1, 1), {"BATCH_CREATE_COMPLETE"}),
    "told and not there": (batches.BatchMade(GET, (OK,), 3, 3, 2), {"BATCH_CREATE_COMPLETE"}),
    "created twice": (batches.BatchMade(GET, (OK,), 3, 3, 3, 4), {"BATCH_CREATE_COMPLETE"}),
    "in another order": (
        batches.BatchMade(GET, (OK,), 3, 3, 3, in_order=False),
        {"BATCH_CREATE_ORDER"},
    ),
    "a half": (batches.BatchRefused(GET, (OK,), 1), {"BATCH_CREATE_ATOMIC"}),
    "under nothing": (kin.UnderNothing(GET, (OK,)), {"PARENT_MUST_EXIST"}),
    "left behind": (kin.ParentDeleted(GET, (OK,), True, True, True), {"NO_ORPHANS"}),
    "gone with its parent": (
        kin.ParentDeleted(GET, (OK,), False, True, False),
        {"FORCE_DELETES_CHILDREN"},
    ),
    "added to": (tagged("new", "both", "old"), {"UPDATE_REPLACES"}),
    "the same etag": (changed(versioned("next", "e1", 2), FIRST), {"ETAG_MOVES"}),
    "a field that was not told of": (
        actions.Cleared(GET, (OK,), ("name",)),
        {"ACTION_LEAVES_REST"},
    ),
    "counted as another": (
        actions.CountedAs(GET, (OK, OK), "by_kind", "LIKE", "HOOT"),
        {"CALL_COUNTED_AS_SENT"},
    ),
    "counted twice": (actions.Rolled(GET, (OK, OK), "count", 2, 1), {"COUNT_FITS_LIST"}),
    "the same time": (changed(versioned("next", "e2", 1), FIRST), {"UPDATE_TIME_MOVES"}),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_what_is_done_is_not_accused(name):
    """
    Nor what no document forbids.
    """
    assert accused(HEALTHY[name]) == set()


@pytest.mark.parametrize("name", FAULTY)
def test_what_is_done_otherwise_is_accused(name):
    """
    By the one check that names it.
    """
    observation, ids = FAULTY[name]
    assert accused(observation) == ids
