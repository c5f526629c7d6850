"""What no JSON Schema can say of the API over REST: schemathesis is told here, and nowhere else.

Loaded by schemathesis (SCHEMATHESIS_HOOKS). Each entry drops requests that the document allows and
the service must refuse; of those that the document forbids one kind alone is dropped. What depends
on other requests is made to stand alone when it is sent, as a sequence changes a case once drawn.
"""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis import GenerationMode

DELETED = (4, "USER_STATUS_DELETED", "4")
LONGEST_KEY = 128  # characters


def page_token_of_nobody(case: Any) -> bool:
    """Page tokens are opaque: only the server makes them."""
    return bool((case.query or {}).get("pageToken"))


def created_as_deleted(case: Any) -> bool:
    """A rule in CEL: a user is created, then deleted."""
    body = case.body if isinstance(case.body, dict) else {}
    return case.method == "POST" and body.get("status") in DELETED


def no_segment(case: Any) -> bool:
    """An empty id in the path asks for another path, which a check takes for the user's absence."""
    return "" in (case.path_parameters or {}).values()


IMPOSSIBLE = (page_token_of_nobody, created_as_deleted)


def filter_case(_: Any, case: Any) -> bool:
    """Whether a case is worth sending."""
    allowed = case.meta is None or case.meta.generation.mode == GenerationMode.POSITIVE
    if no_segment(case):
        return False
    return not (allowed and any(impossible(case) for impossible in IMPOSSIBLE))


def before_call(_: Any, case: Any, __: Any) -> None:
    """Give each case a key of its own: one stands for one payload, whoever sent it before."""
    key = (case.query or {}).get("idempotencyKey")
    if isinstance(key, str) and 0 < len(key) <= LONGEST_KEY:
        case.query["idempotencyKey"] = key[: LONGEST_KEY - len(case.id)] + case.id


schemathesis.hook(filter_case)
schemathesis.hook(before_call)
