"""Observations of who may do what: what must be let be, and what must be accused of what."""

from __future__ import annotations

from typing import Any

from tests.checks.exchanges import Code, exchange
from tests.exchange.serving import METHODS
from wireproof.checks import access, observations
from wireproof.exchange import Style

GET = METHODS[Style.UNARY]
OK, DENIED = exchange(), exchange(Code.PERMISSION_DENIED)
UNKNOWN, NOT_FOUND = exchange(Code.UNAUTHENTICATED), exchange(Code.NOT_FOUND)
HELD = exchange(Code.CANCELLED, held=True)


def unproven(x: Any, *, declared: bool = False, alike: bool = True) -> access.Unproven:
    return access.Unproven(GET, (x,), "without credentials", declared, alike)


def denied(*, declared: bool = False, missing: Any = DENIED, invalid: Any = DENIED) -> Any:
    return access.Denied(GET, (DENIED,), declared, missing, invalid)


HEALTHY: dict[str, observations.Observation] = {
    "no credentials, refused": unproven(UNKNOWN, declared=True),
    "no credentials, a public method": unproven(OK, alike=False),
    "no credentials, nothing served": unproven(NOT_FOUND),
    "no credentials, a server that is busy": unproven(
        exchange(Code.RESOURCE_EXHAUSTED), declared=True
    ),
    "denied alike": denied(declared=True),
    "denied, nothing else asked": denied(declared=True, missing=None, invalid=None),
    "a stream denied too": access.DoneAllTheSame(GET, (DENIED, DENIED), done=False),
    "a key of each caller's own": access.KeyOfAnother(GET, (OK, OK), shared=False),
    "a stranger kept out": access.Stranger(GET, (DENIED,), "read", reached=False),
}

FAULTY: dict[str, tuple[observations.Observation, set[str]]] = {
    "declared, and open": (unproven(OK, declared=True), {"CREDENTIALS_REQUIRED"}),
    "declared, and a stream opens": (unproven(HELD, declared=True), {"CREDENTIALS_REQUIRED"}),
    "declared, and looked up first": (unproven(NOT_FOUND, declared=True), {"CREDENTIALS_REQUIRED"}),
    "declared, and denied": (unproven(DENIED, declared=True), {"CREDENTIALS_REQUIRED"}),
    "open where its siblings ask": (unproven(OK), {"CREDENTIALS_ASKED_ALIKE"}),
    "a stream open where its siblings ask": (unproven(HELD), {"CREDENTIALS_ASKED_ALIKE"}),
    "nobody is denied": (unproven(DENIED), {"ANONYMOUS_IS_UNAUTHENTICATED"}),
    "declared, and tells what exists": (
        denied(declared=True, missing=NOT_FOUND),
        {"PERMISSION_FIRST"},
    ),
    "tells what is valid": (
        denied(invalid=exchange(Code.INVALID_ARGUMENT)),
        {"PERMISSION_BEFORE_ANSWER"},
    ),
    "done by a stream": (
        access.DoneAllTheSame(GET, (DENIED, OK), done=True),
        {"DENIED_ALIKE"},
    ),
    "a key of another's": (access.KeyOfAnother(GET, (OK, OK), shared=True), {"KEYS_APART"}),
    "a stranger reads": (access.Stranger(GET, (OK,), "read", reached=True), {"OTHERS_KEPT_OUT"}),
}
