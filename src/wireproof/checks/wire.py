"""Checks of what travels below the messages: counts, encodings, metadata, sizes, deadlines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wireproof.checks.check import Check
from wireproof.checks.facts import SERVER_FAULTS, Code
from wireproof.checks.observations import Observation
from wireproof.checks.stacks import PROMISED, Oddity, Stack, let_pass
from wireproof.exchange import Exchange, Style
from wireproof.finding import Breach

_HTTP2 = "https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md"
_COMPRESSION = "https://github.com/grpc/grpc/blob/master/doc/compression.md"
_STATUSES = "https://grpc.github.io/grpc/core/md_doc_statuscodes.html"
_ONE_REQUEST = (Style.UNARY, Style.SERVER_STREAMING)


@dataclass(frozen=True, slots=True)
class Odd(Observation):
    """Something odd was sent on a connection of its own; the last exchange shows it."""

    oddity: Oddity
    answer: str
    """A status of gRPC (`OK`) or of HTTP (`HTTP 415`), a reset, or `no status`."""
    stack: Stack | None
    usual: str = ""
    """What the same call is answered without the oddity."""
    alive: bool = True
    """Whether the server answers the usual call afterwards."""


@dataclass(frozen=True, slots=True)
class Gone(Observation):
    """The last call that a server was sent: it broke off, and no connection was taken after it."""


@dataclass(frozen=True, slots=True)
class SizeLimit(Observation):
    """Messages around the largest size that the server takes."""

    limit: int | None
    """Bytes, as a refusal names it; None where it names none."""
    at: Exchange | None
    """A message of just that size."""
    later: Exchange | None
    """One above it, after a small one on the same stream."""


@dataclass(frozen=True, slots=True)
class PastDeadline(Observation):
    """A call that stays open was begun with a deadline that only the server knows."""

    seconds: float
    ended: bool
    """Whether the server ended it within some seconds more."""


@dataclass(frozen=True, slots=True)
class AfterCancels(Observation):
    """Many streams were opened and cancelled; the last exchange is a call right after."""

    count: int


def _judged(seen: Odd, *oddities: Oddity) -> Iterator[Breach]:
    if seen.oddity in oddities and let_pass(seen.stack, seen.oddity, seen.answer):
        library = seen.stack.name if seen.stack else "the server's library"
        subject = f"{library}, sent {seen.oddity}"
        yield Breach(subject, PROMISED[seen.oddity], seen.answer)


def request_counted(seen: Odd) -> Iterator[Breach]:
    yield from _judged(seen, Oddity.NO_MESSAGE, Oddity.TWO_MESSAGES)


def encoding_refused(seen: Odd) -> Iterator[Breach]:
    yield from _judged(
        seen, Oddity.UNKNOWN_ENCODING, Oddity.BROKEN_ENCODING, Oddity.UNNAMED_ENCODING
    )


def content_type_refused(seen: Odd) -> Iterator[Breach]:
    yield from _judged(seen, Oddity.CONTENT_TYPE)


def unpadded_read(seen: Odd) -> Iterator[Breach]:
    # Another status may be the application's own: the same request twice, say.
    broken = seen.answer in ("INTERNAL", "UNKNOWN") or seen.answer.startswith(("HTTP", "RST"))
    if seen.oddity is Oddity.UNPADDED and seen.usual == "OK" and broken:
        yield Breach(seen.subject.full_name, "binary metadata read without padding", seen.answer)


def alive_afterwards(seen: Odd) -> Iterator[Breach]:
    if not seen.alive:
        yield Breach(
            f"{seen.subject.full_name}, sent {seen.oddity}", "an answer to the next call", "none"
        )


def stays_up(seen: Gone) -> Iterator[Breach]:
    yield Breach(seen.subject.full_name, "a server that takes the next call", "none")


def limit_exact(seen: SizeLimit) -> Iterator[Breach]:
    if seen.at is not None and seen.at.code is Code.RESOURCE_EXHAUSTED:
        words = f"a message of {seen.limit} bytes accepted, as the limit says"
        yield Breach(seen.subject.full_name, words, Code.RESOURCE_EXHAUSTED.name)


def limit_on_later(seen: SizeLimit) -> Iterator[Breach]:
    if seen.later is not None and seen.later.code not in _TOO_LARGE | SERVER_FAULTS:
        words = "RESOURCE_EXHAUSTED for a later message above the limit"
        yield Breach(seen.subject.full_name, words, seen.later.code.name)


_TOO_LARGE = frozenset({Code.RESOURCE_EXHAUSTED, Code.CANCELLED, Code.UNAVAILABLE})
"""A server that refuses in the middle of a message may break off before the client reads why."""


def deadline_ends(seen: PastDeadline) -> Iterator[Breach]:
    if not seen.ended:
        words = f"an end after its deadline of {seen.seconds:g} s"
        yield Breach(seen.subject.full_name, words, "a stream that stays open")


def cancels_free(seen: AfterCancels) -> Iterator[Breach]:
    if seen.exchanges[-1].code is Code.DEADLINE_EXCEEDED:
        words = f"an answer after {seen.count} cancelled streams"
        yield Breach(seen.subject.full_name, words, "none in time")


WIRE: tuple[Check[Any], ...] = (
    Check(
        id="REQUESTS_COUNTED",
        on=Odd,
        check=request_counted,
        says="{subject}, should answer {promised}, answered {found}",
        why="A call without a request, or with a second one, must not pass for a plain one.",
        fix="Nothing in the application: report it to the library, or update it.",
        source="heuristic",
        styles=_ONE_REQUEST,
    ),
    Check(
        id="ENCODING_REFUSED",
        on=Odd,
        check=encoding_refused,
        says="{subject}, should answer {promised}, answered {found}",
        why=f"Clients fall back to another encoding by the status ({_COMPRESSION}).",
        fix="Nothing in the application: report it to the library, or update it.",
        source="heuristic",
    ),
    Check(
        id="CONTENT_TYPE_REFUSED",
        on=Odd,
        check=content_type_refused,
        says="{subject}, should answer {promised}, answered {found}",
        why=f"What is no gRPC must not be taken for it ({_HTTP2}).",
        fix="Nothing in the application: report it to the library, or update it.",
        source="heuristic",
    ),
    Check(
        id="BINARY_METADATA_READ",
        on=Odd,
        check=unpadded_read,
        says="{subject} must answer with {promised}, answered {found}",
        why="Clients of most languages send binary metadata without padding.",
        fix="Accept base64 with and without padding.",
        source=_HTTP2,
    ),
    Check(
        id="ALIVE_AFTERWARDS",
        on=Odd,
        check=alive_afterwards,
        says="{subject}, owes {promised}; there was {found}",
        why="One malformed call must not take a server away from everybody.",
        fix="Contain what the call breaks.",
        source=_STATUSES,
    ),
    Check(
        id="SERVER_STAYS_UP",
        on=Gone,
        check=stays_up,
        says="a call of {subject} should leave {promised}; it left {found}",
        why="One call takes the server away from everybody.",
        fix="Read what the server said when it ended; answer what cannot be done with a status.",
        source=_STATUSES,
    ),
    Check(
        id="SIZE_LIMIT_EXACT",
        on=SizeLimit,
        check=limit_exact,
        says="{subject} owes {promised}, answered {found}",
        why="Clients cut what they send by the limit that the server names.",
        fix="Count the bytes of the message alone, and compare with `>`.",
        source=_STATUSES,
    ),
    Check(
        id="SIZE_LIMIT_ON_EVERY_MESSAGE",
        on=SizeLimit,
        check=limit_on_later,
        says="{subject} owes {promised}, answered {found}",
        why="A limit that only the first message knows protects nothing.",
        fix="Apply the limit to every message of a stream.",
        source=_STATUSES,
        styles=(Style.CLIENT_STREAMING, Style.BIDIRECTIONAL),
    ),
    Check(
        id="DEADLINE_ENDS_CALL",
        on=PastDeadline,
        check=deadline_ends,
        says="{subject} should come to {promised}: found {found}",
        why="A call that nobody waits for any more costs the server for ever.",
        fix="End the handler when its context does.",
        source="heuristic",
        styles=(Style.SERVER_STREAMING, Style.CLIENT_STREAMING, Style.BIDIRECTIONAL),
    ),
    Check(
        id="CANCEL_FREES_SERVER",
        on=AfterCancels,
        check=cancels_free,
        says="{subject} should leave {promised}; there was {found}",
        why="Readers that come and go take the server's workers with them.",
        fix="End the handler when the client has cancelled.",
        source="heuristic",
        styles=(Style.SERVER_STREAMING,),
    ),
)
