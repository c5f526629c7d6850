"""Each check over a sequence of calls: what it accuses, and what it lets be."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checks import cases_access, cases_life, cases_pace, cases_sequences, cases_wire
from tests.checks.exchanges import Code, exchange, thing
from tests.exchange.serving import METHODS
from wireproof.checks import CHECKS, Profile
from wireproof.checks import observations as seen
from wireproof.exchange import Style

GET = METHODS[Style.UNARY]
OK, NOT_FOUND, INVALID = exchange(), exchange(Code.NOT_FOUND), exchange(Code.INVALID_ARGUMENT)
ONE = thing(id="1", title="t", label="l", tags=["x"])


def accused(observation: seen.Observation) -> set[str]:
    rows = (c for c in CHECKS if c.profile is not Profile.SELF)  # which stand in for others
    return {c.id for c in rows if c.on is type(observation) and any(c.check(observation))}


def back(**changed: Any) -> seen.ReadBack:
    facts: dict[str, Any] = {"sent": ONE, "created": ONE, "got": ONE, "declares_behavior": True}
    return seen.ReadBack(GET, (OK, OK), **{**facts, **changed})


def updated(after, *, paths=("title",), masked=True, before=ONE, sent=None) -> seen.Updated:
    sent = sent or thing(id="1", title="new", label="other")
    return seen.Updated(GET, (OK,), frozenset(paths), masked, before, sent, after)


def deleted(**changed: Any) -> seen.Deleted:
    facts: dict[str, Any] = {
        "before": ONE,
        "read": NOT_FOUND,
        "read_back": None,
        "again": NOT_FOUND,
    }
    return seen.Deleted(GET, (OK,), **{**facts, **changed})


def paged(*pages, expected="abcd", ended=True) -> seen.Paged:
    made = tuple(seen.Page(2, tuple(ids), token) for ids, token in pages)
    return seen.Paged(GET, (OK,), made, tuple(expected), ended)


def repeated(second, *, same=True, code=OK) -> seen.Repeated:
    return seen.Repeated(GET, (OK, code), same, "1", second)


NEW = thing(id="1", title="new", label="l", tags=["x"])

HEALTHY: dict[str, seen.Observation] = {
    "get of nothing": seen.OfNothing(GET, (NOT_FOUND,)),
    "get of nothing, no permission": seen.OfNothing(GET, (exchange(Code.PERMISSION_DENIED),)),
    "read back": back(),
    "read back, a stamp of the server's": back(
        created=thing(id="1", title="t", label="l", tags=["x"], stamp="now"),
        got=thing(id="1", title="t", label="l", tags=["x"], stamp="now"),
    ),
    "a second create refused": seen.SecondCreate(GET, (OK, exchange(Code.ALREADY_EXISTS))),
    "the same key, the same reply": repeated("1"),
    "the same key, another payload, refused": repeated(None, same=False, code=INVALID),
    "a server's field kept": seen.ServerSetWritten(
        GET, (OK,), "stamp", thing(stamp="mine"), thing(stamp="now")
    ),
    "an immutable field kept": seen.ImmutableWritten(GET, (OK,), "label", ONE, ONE),
    "a change of it refused": seen.ImmutableWritten(GET, (INVALID,), "label", ONE, None),
    "an update of one path": updated(NEW),
    "an update whose value the server normalises": updated(
        thing(id="1", title="NEW", label="l", tags=["x"])
    ),
    "an impossible path refused": seen.ImpossiblePath(GET, (INVALID,)),
    "a spoiling update that was mended": seen.BrokenUpdate(GET, (OK,), "title", "min", False),
    "a refusal that changed nothing": seen.Refused(GET, (INVALID,), ONE, ONE),
    "a refused create that made nothing": seen.Refused(GET, (INVALID,), None, None),
    "twice is once": seen.Twice(GET, (OK, OK), ONE, ONE),
    "a delete": deleted(),
    "a soft delete": deleted(read=OK, read_back=thing(id="1", stamp="deleted")),
    "an idempotent delete": deleted(again=OK, idempotent=True),
    "a list without the deleted": seen.ListedAfterDelete(GET, (OK,), False),
    "a dry run": seen.ValidatedOnly(GET, (OK,), False),
    "pages": paged(("ab", "t"), ("cd", "")),
    "a short page between": paged(("a", "t"), ("", "u"), ("bcd"[:2], "v"), ("d", "")),
    "pages with things of others": paged(("az", "t"), ("bc", "u"), ("d", "")),
    "a negative page size refused": seen.NegativePageSize(GET, (INVALID,)),
    "a token refused elsewhere": seen.TokenReused(GET, (OK, INVALID), "status"),
    "a filter kept": seen.Filtered(GET, (OK,), "role", "ADMIN", 0),
    "an order kept": seen.Sorted(GET, (OK,), "title", False, True),
    "a batch": seen.Batched(GET, (OK,), 3, 3),
    "an item refused": seen.InvalidItem(GET, (OK,), "text", "min", True, 1),
    "a stream refused": seen.InvalidItem(GET, (INVALID,), "text", "min", False, 1),
    "answers in order": seen.Answered(GET, (OK,), ("a", "b"), ("a", "b")),
    "streams apart": seen.Interleaved(GET, (OK,), ("a",), ("a",)),
    "an empty stream": seen.EmptyStream(GET, (exchange(received=()),)),
    "events": seen.Events(GET, (OK,), ("create", "delete"), (1, 1), 0),
    "a stream that tells of other things": seen.Events(GET, (OK,), ("create",), (0,), 0),
    "resumed": seen.Resumed(GET, (OK,), 0, ("a", "b"), ("a", "b")),
}

FAULTY: dict[str, tuple[seen.Observation, set[str]]] = {
    "get of nothing, OK": (seen.OfNothing(GET, (OK,)), {"NOTHING_IS_NOT_FOUND"}),
    "get of nothing, INVALID": (seen.OfNothing(GET, (INVALID,)), {"NOTHING_IS_NOT_FOUND"}),
    "read back nothing": (back(got=None), {"READ_BACK"}),
    "read back something else": (back(got=thing(id="1", title="x")), {"READ_BACK"}),
    "a value dropped": (
        back(
            created=thing(id="1", label="l", tags=["x"]), got=thing(id="1", label="l", tags=["x"])
        ),
        {"CREATE_KEEPS_FIELDS"},
    ),
    "a value dropped, nothing declared": (
        back(
            created=thing(id="1", label="l", tags=["x"]),
            got=thing(id="1", label="l", tags=["x"]),
            declares_behavior=False,
        ),
        {"CREATE_DROPS_FIELD"},
    ),
    "a second create": (seen.SecondCreate(GET, (OK, OK)), {"DUPLICATE_REFUSED"}),
    "the same key, another thing": (repeated("2"), {"IDEMPOTENCY_KEY_HONOURED"}),
    "the same key, refused": (
        repeated(None, code=exchange(Code.ALREADY_EXISTS)),
        {"IDEMPOTENCY_KEY_HONOURED"},
    ),
    "the key with another payload": (repeated("2", same=False), {"IDEMPOTENCY_KEY_BOUND"}),
    "a server's field taken": (
        seen.ServerSetWritten(GET, (OK,), "stamp", thing(stamp="mine"), thing(stamp="mine")),
        {"OUTPUT_ONLY_IGNORED"},
    ),
    "an immutable field changed": (
        seen.ImmutableWritten(GET, (OK,), "label", ONE, thing(id="1", label="other")),
        {"IMMUTABLE_KEPT"},
    ),
    "a change of an immutable field refused by another status": (
        seen.ImmutableWritten(GET, (NOT_FOUND,), "label", ONE, None),
        {"IMMUTABLE_CHANGE_INVALID"},
    ),
    "an update without effect": (updated(ONE), {"UPDATE_APPLIED"}),
    "a mask ignored": (
        updated(thing(id="1", title="new", label="other", tags=["x"])),
        {"MASK_LIMITS_UPDATE"},
    ),
    "a mask that clears the rest": (
        updated(thing(id="1", title="new", label="l")),
        {"MASK_LIMITS_UPDATE"},
    ),
    "no mask, and the rest cleared": (
        updated(thing(id="1", title="new"), masked=False),
        {"UPDATE_KEEPS_UNSET"},
    ),
    "an impossible path accepted": (
        seen.ImpossiblePath(GET, (OK,)),
        {"IMPOSSIBLE_PATH_REFUSED"},
    ),
    "a spoiling update stored": (
        seen.BrokenUpdate(GET, (OK,), "title", "min", True),
        {"UPDATE_KEEPS_RULES"},
    ),
    "a refusal that changed something": (
        seen.Refused(GET, (INVALID,), ONE, NEW),
        {"REFUSAL_CHANGES_NOTHING"},
    ),
    "a refused create that made something": (
        seen.Refused(GET, (INVALID,), None, ONE),
        {"REFUSAL_CHANGES_NOTHING"},
    ),
    "twice is another": (seen.Twice(GET, (OK, OK), ONE, NEW), {"TWICE_IS_ONCE"}),
    "twice fails": (seen.Twice(GET, (OK, NOT_FOUND), ONE, None), {"TWICE_IS_ONCE"}),
    "a delete without effect": (deleted(read=OK, read_back=ONE), {"DELETE_REMOVES"}),
    "a read after a delete with another status": (deleted(read=INVALID), {"DELETE_REMOVES"}),
    "a second delete": (deleted(again=OK), {"DELETE_AGAIN_NOT_FOUND"}),
    "a list with the deleted": (
        seen.ListedAfterDelete(GET, (OK,), True),
        {"LIST_HIDES_DELETED"},
    ),
    "a dry run that wrote": (
        seen.ValidatedOnly(GET, (OK,), True),
        {"VALIDATE_ONLY_CHANGES_NOTHING"},
    ),
    "an item skipped": (paged(("ab", "t"), ("d", "")), {"PAGES_COMPLETE"}),
    "an item repeated": (paged(("ab", "t"), ("bc", "u"), ("d", "")), {"PAGES_DISTINCT"}),
    "a page too long": (paged(("abc", "t"), ("d", "")), {"PAGE_SIZE_HONOURED"}),
    "a token on the last page": (
        paged(("ab", "t"), ("cd", "u"), ("", "")),
        {"LAST_PAGE_HAS_NO_TOKEN"},
    ),
    "pages that never end": (
        paged(("ab", "t"), ("cd", "t"), ("ab", "t"), expected="abcd", ended=False),
        {"LAST_PAGE_HAS_NO_TOKEN", "PAGES_DISTINCT"},
    ),
    "a negative page size": (seen.NegativePageSize(GET, (OK,)), {"NEGATIVE_PAGE_SIZE_REFUSED"}),
    "a token used elsewhere": (seen.TokenReused(GET, (OK, OK), "status"), {"PAGE_TOKEN_BOUND"}),
    "a filter ignored": (
        seen.Filtered(GET, (OK,), "role", "ADMIN", 2),
        {"LIST_FILTER_HONOURED"},
    ),
    "an order ignored": (
        seen.Sorted(GET, (OK,), "title", True, False),
        {"LIST_ORDER_HONOURED"},
    ),
    "an item lost": (seen.Batched(GET, (OK,), 3, 2), {"BATCH_ACCOUNTS_FOR_ALL"}),
    "an item told of and not made": (
        seen.Batched(GET, (OK,), 3, 3, 1),
        {"BATCH_ACCOUNTS_FOR_ALL"},
    ),
    "an item accepted": (
        seen.InvalidItem(GET, (OK,), "text", "min", False, 1),
        {"INVALID_ITEM_REFUSED"},
    ),
    "answers out of order": (
        seen.Answered(GET, (OK,), ("a", "b"), ("b", "a")),
        {"REPLIES_IN_ORDER"},
    ),
    "an answer missing": (
        seen.Answered(GET, (OK,), ("a", "b"), ("a",)),
        {"EACH_REQUEST_ANSWERED"},
    ),
    "another stream's answer": (
        seen.Interleaved(GET, (OK,), ("a",), ("a", "b")),
        {"STREAMS_ISOLATED"},
    ),
    "an answer to nothing": (seen.EmptyStream(GET, (OK,)), {"EMPTY_STREAM_EMPTY"}),
    "an event missing": (
        seen.Events(GET, (OK,), ("create", "delete"), (1, 0), 0),
        {"EVENTS_COMPLETE"},
    ),
    "an event twice": (seen.Events(GET, (OK,), ("create",), (2,), 1), {"EVENTS_ONCE"}),
    "a gap": (seen.Resumed(GET, (OK,), 0, ("a", "b"), ("b",)), {"RESUME_WITHOUT_GAP"}),
    "a repeat": (
        seen.Resumed(GET, (OK,), 0, ("a", "b"), ("z", "a", "b")),
        {"RESUME_WITHOUT_REPEAT"},
    ),
    "another order on resuming": (
        seen.Resumed(GET, (OK,), 0, ("a", "b"), ("b", "a")),
        {"RESUME_IN_ORDER"},
    ),
    "a valid value refused": (
        seen.ValidRefused(GET, (INVALID,), "title", "title"),
        {"VALID_ACCEPTED"},
    ),
}

for cases in (cases_access, cases_life, cases_pace, cases_sequences, cases_wire):
    HEALTHY |= cases.HEALTHY
    FAULTY |= cases.FAULTY


@pytest.mark.parametrize("observation", HEALTHY.values(), ids=HEALTHY)
def test_what_is_kept_is_let_be(observation):
    """
    A false alarm is as bad as a miss.
    """
    assert accused(observation) == set()


@pytest.mark.parametrize(("observation", "ids"), FAULTY.values(), ids=FAULTY)
def test_what_is_broken_is_accused_of_that_alone(observation, ids):
    """
    One fault, one finding.
    """
    assert accused(observation) == ids
