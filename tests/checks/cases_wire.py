"""Observations below the messages: what must be let be, and what must be accused of what."""

from __future__ import annotations

from typing import Any

from tests.checks.exchanges import Code, exchange
from tests.exchange.serving import METHODS
from wireproof.checks import observations, wire
from wireproof.checks.stacks import STACKS, Oddity, Stack
from wireproof.exchange import Style

GET, WATCH = METHODS[Style.UNARY], METHODS[Style.SERVER_STREAMING]
STORE = METHODS[Style.CLIENT_STREAMING]
PYTHON = next(stack for stack in STACKS if "Python" in stack.name)
X, TOO_LARGE = exchange(), exchange(Code.RESOURCE_EXHAUSTED)
LATE = exchange(Code.DEADLINE_EXCEEDED)


def odd(oddity: Oddity, answer: str, stack: Stack | None = None, **known: Any) -> wire.Odd:
    return wire.Odd(GET, (X,), oddity, answer, stack, **known)


HEALTHY: dict[str, observations.Observation] = {
    "no message, refused": odd(Oddity.NO_MESSAGE, "INTERNAL"),
    "no message, a library that waits": odd(Oddity.NO_MESSAGE, "no status", PYTHON),
    "two messages, a library that does not look": odd(Oddity.TWO_MESSAGES, "OK", PYTHON),
    "an unknown encoding, refused": odd(Oddity.UNKNOWN_ENCODING, "UNIMPLEMENTED"),
    "an unknown encoding, refused otherwise": odd(Oddity.UNKNOWN_ENCODING, "INTERNAL", PYTHON),
    "text/plain, refused": odd(Oddity.CONTENT_TYPE, "HTTP 415"),
    "unpadded metadata, read": odd(Oddity.UNPADDED, "OK", usual="OK"),
    "unpadded metadata, as the rest": odd(Oddity.UNPADDED, "NOT_FOUND", usual="NOT_FOUND"),
    "bad metadata, refused": odd(Oddity.BAD_BINARY, "INTERNAL", usual="OK"),
    "a limit that is one": wire.SizeLimit(STORE, (TOO_LARGE,), 4096, X, TOO_LARGE),
    "a limit of one message": wire.SizeLimit(GET, (TOO_LARGE,), 4096, X, None),
    "a deadline that ends": wire.PastDeadline(WATCH, (X,), 0.3, ended=True),
    "an answer after cancels": wire.AfterCancels(WATCH, (X,), 24),
}

FAULTY: dict[str, tuple[observations.Observation, set[str]]] = {
    "no message, taken for one": (odd(Oddity.NO_MESSAGE, "OK"), {"REQUESTS_COUNTED"}),
    "two messages, taken for one": (odd(Oddity.TWO_MESSAGES, "OK"), {"REQUESTS_COUNTED"}),
    "an unknown encoding, taken": (odd(Oddity.UNKNOWN_ENCODING, "OK"), {"ENCODING_REFUSED"}),
    "garbage, taken": (odd(Oddity.BROKEN_ENCODING, "OK", PYTHON), {"ENCODING_REFUSED"}),
    "text/plain, taken": (odd(Oddity.CONTENT_TYPE, "OK"), {"CONTENT_TYPE_REFUSED"}),
    "unpadded metadata, refused": (
        odd(Oddity.UNPADDED, "INTERNAL", usual="OK"),
        {"BINARY_METADATA_READ"},
    ),
    "dead afterwards": (
        odd(Oddity.BAD_BINARY, "a closed connection", usual="OK", alive=False),
        {"ALIVE_AFTERWARDS"},
    ),
    "gone for good": (wire.Gone(GET, (TOO_LARGE,)), {"SERVER_STAYS_UP"}),
    "a limit that is one less": (
        wire.SizeLimit(GET, (TOO_LARGE,), 4096, TOO_LARGE, None),
        {"SIZE_LIMIT_EXACT"},
    ),
    "a limit of the first message only": (
        wire.SizeLimit(STORE, (TOO_LARGE,), 4096, X, X),
        {"SIZE_LIMIT_ON_EVERY_MESSAGE"},
    ),
    "a deadline that nobody keeps": (
        wire.PastDeadline(WATCH, (X,), 0.3, ended=False),
        {"DEADLINE_ENDS_CALL"},
    ),
    "no answer after cancels": (wire.AfterCancels(WATCH, (LATE,), 24), {"CANCEL_FREES_SERVER"}),
}
