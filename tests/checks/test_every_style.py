"""Each check over one exchange: what it accuses, and what it lets be."""

from __future__ import annotations

from typing import Any

import pytest
from google.rpc import error_details_pb2

from tests.checks.exchanges import A, B, Code, blaming, exchange, rich
from wireproof.checks import CHECKS
from wireproof.checks.facts import Kind
from wireproof.exchange import Exchange, Style

TORN = "Stream removed (RST_STREAM (Received RST_STREAM with error code 8))"
INFO = error_details_pb2.ErrorInfo(reason="GONE", domain="example.org")
INVALID: dict[str, Any] = {"kind": Kind.INVALID, "path": "text", "rule": "string.min_len"}
IN_ENTRY: dict[str, Any] = {**INVALID, "path": "links[*].url"}


def accused(x: Exchange) -> set[str]:
    """The ids of the checks over single exchanges that accuse *x*."""
    return {check.id for check in CHECKS if check.concerns(x) and any(check.check(x))} - {
        "ERROR_INFO_PRESENT"
    }


HEALTHY: dict[str, Exchange] = {
    "a reply": exchange(),
    "an error with details": exchange(Code.NOT_FOUND, details=rich(Code.NOT_FOUND, INFO)),
    "a refusal": exchange(Code.INVALID_ARGUMENT, **INVALID),
    "a refusal that names the field": exchange(
        Code.INVALID_ARGUMENT, details=blaming("note.text"), **INVALID
    ),
    "a refusal that names the field under keys that hold brackets and quotes": exchange(
        Code.INVALID_ARGUMENT,
        details=blaming(r'links["]"].to["\"]["].url'),
        kind=Kind.INVALID,
        path="links[*].to[*].url",
        rule="string.uri",
    ),
    "a refusal that names the field under a key that it writes as it is": exchange(
        Code.INVALID_ARGUMENT, details=blaming('links[""]"].url'), **IN_ENTRY
    ),
    "a refusal for want of credentials": exchange(Code.UNAUTHENTICATED, **INVALID),
    "malformed, refused": exchange(Code.INVALID_ARGUMENT, kind=Kind.MALFORMED),
    "malformed, INTERNAL as the status codes say": exchange(Code.INTERNAL, kind=Kind.MALFORMED),
    "an unknown method": exchange(Code.UNIMPLEMENTED, kind=Kind.UNKNOWN_METHOD),
    "an unknown method, by HTTP 404": exchange(
        Code.INTERNAL, kind=Kind.UNKNOWN_METHOD, absent=True
    ),
    "a call that waits, and was never answered OK": exchange(Code.DEADLINE_EXCEEDED, answers=False),
    "no request, no answer": exchange(Code.DEADLINE_EXCEEDED, kind=Kind.CARDINALITY),
    "an open stream that we left": exchange(
        Code.CANCELLED, style=Style.SERVER_STREAMING, received=(A, B), held=True
    ),
    "a stream torn down that we left": exchange(Code.CANCELLED, message=TORN, held=True),
    "a stream torn down amid more than it takes": exchange(
        Code.CANCELLED, message=TORN, sent=(b"\0" * 2**20,)
    ),
    "a call that the server says it cancelled": exchange(Code.CANCELLED, message="shutting down"),
    "words that only look like a leak": exchange(
        Code.NOT_FOUND, message="no error named Exception at home/garden"
    ),
    "malformed, as the library is known to accept": exchange(kind=Kind.MALFORMED, known=("OK",)),
    "malformed, refused by the application after such a library": exchange(
        Code.NOT_FOUND, kind=Kind.MALFORMED, known=("OK",)
    ),
    "a path that the caller sent itself": exchange(
        Code.NOT_FOUND, message="no /usr/a", sent=(b"\x0a\x06/usr/a",)
    ),
}

FAULTY: dict[str, tuple[Exchange, set[str]]] = {
    "UNKNOWN": (exchange(Code.UNKNOWN), {"SERVER_FAULT"}),
    "INTERNAL for an invalid request": (exchange(Code.INTERNAL, **INVALID), {"SERVER_FAULT"}),
    "DATA_LOSS": (exchange(Code.DATA_LOSS), {"SERVER_FAULT"}),
    "a stream torn down": (exchange(Code.CANCELLED, message=TORN), {"SERVER_FAULT"}),
    "an unknown method answered": (
        exchange(Code.NOT_FOUND, kind=Kind.UNKNOWN_METHOD),
        {"UNKNOWN_METHOD_UNIMPLEMENTED"},
    ),
    "malformed, accepted": (exchange(kind=Kind.MALFORMED), {"MALFORMED_REFUSED"}),
    "malformed, UNKNOWN": (exchange(Code.UNKNOWN, kind=Kind.MALFORMED), {"MALFORMED_UNKNOWN"}),
    "two replies": (exchange(received=(A, B)), {"ONE_REPLY"}),
    "no reply": (exchange(received=()), {"ONE_REPLY"}),
    "two replies and an error": (
        exchange(Code.ABORTED, received=(A, B)),
        {"ONE_REPLY_AT_MOST"},
    ),
    "a reply of another type": (exchange(received=(b"\xff\xff",)), {"REPLY_DECODES"}),
    "a reply that breaks a rule": (
        exchange(reply_violations=(("text", "string.min_len"),)),
        {"REPLY_KEEPS_RULES"},
    ),
    "details of another code": (
        exchange(Code.NOT_FOUND, details=rich(Code.ABORTED, INFO)),
        {"STATUS_DETAILS_AGREE"},
    ),
    "details that do not decode": (
        exchange(Code.NOT_FOUND, details=b"\xff"),
        {"STATUS_DETAILS_AGREE"},
    ),
    "one detail twice": (
        exchange(Code.NOT_FOUND, details=rich(Code.NOT_FOUND, INFO, INFO)),
        {"ONE_DETAIL_A_TYPE"},
    ),
    "an invalid request accepted": (exchange(**INVALID), {"INVALID_REQUEST_REFUSED"}),
    "an invalid request, another status": (
        exchange(Code.FAILED_PRECONDITION, **INVALID),
        {"INVALID_REQUEST_REFUSED"},
    ),
    "an invalid request opens a stream": (
        exchange(Code.CANCELLED, style=Style.SERVER_STREAMING, held=True, **INVALID),
        {"INVALID_REQUEST_REFUSED"},
    ),
    "another field blamed": (
        exchange(Code.INVALID_ARGUMENT, details=blaming("size"), **INVALID),
        {"VIOLATION_NAMES_FIELD"},
    ),
    "another field of an entry blamed": (
        exchange(Code.INVALID_ARGUMENT, details=blaming('links["a"].name'), **IN_ENTRY),
        {"VIOLATION_NAMES_FIELD"},
    ),
    "messages before the refusal": (
        exchange(Code.INVALID_ARGUMENT, style=Style.SERVER_STREAMING, received=(A,), **INVALID),
        {"NOTHING_BEFORE_REFUSAL"},
    ),
    "a client stream that never ends": (
        exchange(Code.DEADLINE_EXCEEDED, style=Style.CLIENT_STREAMING),
        {"CLIENT_STREAM_ENDS"},
    ),
    "a call that hangs, where others were answered": (
        exchange(Code.DEADLINE_EXCEEDED, answers=True),
        {"CLIENT_STREAM_ENDS"},
    ),
    "a bidirectional stream that never ends": (
        exchange(Code.DEADLINE_EXCEEDED, style=Style.BIDIRECTIONAL),
        {"HALF_CLOSE_ENDS"},
    ),
    "an exception's text": (
        exchange(Code.NOT_FOUND, message="KeyError: 'x'"),
        {"INTERNALS_LEAKED"},
    ),
}


@pytest.mark.parametrize("x", HEALTHY.values(), ids=HEALTHY)
def test_a_healthy_exchange_is_let_be(x):
    """
    A false alarm is as bad as a miss.
    """
    assert accused(x) == set()


@pytest.mark.parametrize(("x", "ids"), FAULTY.values(), ids=FAULTY)
def test_a_faulty_exchange_is_accused_of_its_fault_alone(x, ids):
    """
    One fault, one finding.
    """
    assert accused(x) == ids


def test_every_check_over_exchanges_has_a_faulty_one_here():
    """
    A check that nothing triggers is no check.
    """
    seen = {id_ for _, ids in FAULTY.values() for id_ in ids}
    assert seen == {c.id for c in CHECKS if c.on is Exchange} - {"ERROR_INFO_PRESENT"}


def test_an_error_without_error_info_is_told_where_asked_for():
    """
    AIP-193 demands it of every error; hardly any service keeps that.
    """
    check = next(check for check in CHECKS if check.id == "ERROR_INFO_PRESENT")
    bare, carrying = (
        exchange(Code.NOT_FOUND),
        exchange(Code.NOT_FOUND, details=rich(Code.NOT_FOUND, INFO)),
    )
    assert (len(list(check.check(bare))), list(check.check(carrying))) == (1, [])
