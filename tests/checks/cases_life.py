"""Observations of a resource's life: what must be let be, and what must be accused of what."""

from __future__ import annotations

from typing import Any

from tests.checks.exchanges import Code, exchange, thing
from tests.exchange.serving import METHODS
from wireproof.checks import life, observations
from wireproof.exchange import Style

GET = METHODS[Style.UNARY]
OK, ABORTED, NOT_FOUND = exchange(), exchange(Code.ABORTED), exchange(Code.NOT_FOUND)
REFUSED, INVALID = exchange(Code.FAILED_PRECONDITION), exchange(Code.INVALID_ARGUMENT)
ONE = thing(id="1", title="t", label="l")
BARE = thing(id="1", title="t")


def undeleted(**changed: Any) -> life.Undeleted:
    facts: dict[str, Any] = {"before": ONE, "after": ONE, "listed": True}
    return life.Undeleted(GET, (OK,), **{**facts, **changed})


def replaced(after: Any) -> life.Replaced:
    return life.Replaced(GET, (OK,), ONE, BARE, after, frozenset({"id"}))


HEALTHY: dict[str, observations.Observation] = {
    "a stale etag, aborted": life.StaleEtag(GET, (ABORTED,)),
    "a closed state, refused": life.ClosedState(GET, (REFUSED,), "SEALED"),
    "a closed state, forbidden by the schema": life.ClosedState(GET, (INVALID,), "SEALED"),
    "missing, and allowed": life.MissingAllowed(GET, (OK,)),
    "missing, and no permission": life.MissingAllowed(GET, (exchange(Code.PERMISSION_DENIED),)),
    "the deleted, asked for": life.DeletedAskedFor(GET, (OK,), listed=True),
    "undeleted": undeleted(),
    "undeleted, where there is no list": undeleted(listed=None),
    "replaced": replaced(BARE),
    "replaced by a default": replaced(thing(id="1", title="t", label="unknown")),
    "a dry run": life.DryChange(GET, (OK,), ONE, ONE),
    "a field left out, refused": life.LeftOut(GET, (INVALID,), "title"),
}

FAULTY: dict[str, tuple[observations.Observation, set[str]]] = {
    "a stale etag, taken": (life.StaleEtag(GET, (OK,)), {"STALE_ETAG_ABORTED"}),
    "a closed state, reached": (life.ClosedState(GET, (OK,), "SEALED"), {"TRANSITION_REFUSED"}),
    "missing, and refused": (life.MissingAllowed(GET, (NOT_FOUND,)), {"ALLOW_MISSING_HONOURED"}),
    "the deleted, hidden": (
        life.DeletedAskedFor(GET, (OK,), listed=False),
        {"SHOW_DELETED_HONOURED"},
    ),
    "undeleted, and changed": (undeleted(after=BARE), {"UNDELETE_RESTORES"}),
    "undeleted, and gone": (undeleted(after=None), {"UNDELETE_RESTORES"}),
    "undeleted, and hidden": (undeleted(listed=False), {"UNDELETE_RESTORES"}),
    "merged, not replaced": (replaced(ONE), {"WILDCARD_REPLACES"}),
    "a dry run that writes": (life.DryChange(GET, (OK,), ONE, BARE), {"DRY_RUN_CHANGES_NOTHING"}),
    "a dry run that deletes": (life.DryChange(GET, (OK,), ONE, None), {"DRY_RUN_CHANGES_NOTHING"}),
    "a field left out, taken": (life.LeftOut(GET, (OK,), "title"), {"REQUIRED_FIELD_ENFORCED"}),
}
