"""Streams against what else the server does: observations, and the checks of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from wireproof.checks.check import Check
from wireproof.checks.facts import Code
from wireproof.checks.observations import Observation
from wireproof.exchange import Style
from wireproof.finding import Breach

_SERVER = (Style.SERVER_STREAMING,)
_BIDI = (Style.BIDIRECTIONAL,)
_CLIENT = (Style.CLIENT_STREAMING,)


@dataclass(frozen=True, slots=True)
class StreamedCreate(Observation):
    """A stream of operations answered with something created; the last exchange looked for it."""

    found: bool


@dataclass(frozen=True, slots=True)
class EventsOfOthers(Observation):
    """A stream of events was asked for those of one resource, while others changed too."""

    field: str
    strangers: int
    """How many events told of another resource."""


@dataclass(frozen=True, slots=True)
class StaysOpen(Observation):
    """A bidirectional stream that answered every request stayed open after the half-close."""


@dataclass(frozen=True, slots=True)
class Counted(Observation):
    """A reply to a stream of equal messages; a number in it was 1 wherever one had been sent."""

    field: str
    sent: int
    told: int


@dataclass(frozen=True, slots=True)
class Tallied(Observation):
    """A reply to a stream of messages; a map in it had one entry of 1 for each of them alone.

    Or a number in it was that of a message alone.
    """

    field: str
    expected: tuple[tuple[str, float], ...]
    """What the map should hold, by what each message had alone; the sum of the numbers."""
    told: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Measured(Observation):
    """A reply to bytes in several pieces; to one piece alone it had told a measure of it."""

    field: str
    measure: str
    """`size`, `sha256`, …"""
    right: bool
    """Whether it is that of all the pieces together."""


@dataclass(frozen=True, slots=True)
class Limited(Observation):
    """A stream of which so many messages were asked for: pairs of asked and received."""

    field: str
    lengths: tuple[tuple[int, int], ...]
    """The first number is asked for once more at the end."""


@dataclass(frozen=True, slots=True)
class InNumbers(Observation):
    """A stream of events whose numbers rise with the order in which things happened."""

    field: str
    numbers: tuple[int, ...]
    """Those of the events, in the order in which they came."""


@dataclass(frozen=True, slots=True)
class Retold(Observation):
    """A stream told the items of a thing, which Get told the same before and after it."""

    missing: int
    """How many of them the stream left out."""
    repeated: int
    """How many of them it told more often than Get."""


def map_counted(seen: Tallied) -> Iterator[Breach]:
    if dict(seen.told) != dict(seen.expected):
        subject = f"{seen.subject.full_name}: {seen.field}"
        yield Breach(subject, _spelled(seen.expected), _spelled(seen.told))


def _spelled(counts: tuple[tuple[str, float], ...]) -> str:
    return ", ".join(str(number) for _, number in sorted(counts, key=itemgetter(1))) or "nothing"


def whole_measured(seen: Measured) -> Iterator[Breach]:
    if not seen.right:
        subject = f"{seen.subject.full_name}: {seen.field}"
        yield Breach(subject, f"the {seen.measure} of all the bytes", "another")


def limit_kept(seen: Limited) -> Iterator[Breach]:
    subject = f"{seen.subject.full_name}: {seen.field}"
    if all(got == asked + 1 for asked, got in seen.lengths):
        yield Breach(subject, "as many messages as asked for", "one more")
    elif all(got == asked - 1 for asked, got in seen.lengths):
        yield Breach(subject, "as many messages as asked for", "one less, of more that are there")


def items_counted(seen: Counted) -> Iterator[Breach]:
    if seen.told not in (1, seen.sent):  # equal ones may count as one
        subject = f"{seen.subject.full_name}: {seen.field}"
        yield Breach(subject, f"{seen.sent} of {seen.sent} messages", str(seen.told))


def streamed_is_kept(seen: StreamedCreate) -> Iterator[Breach]:
    if seen.exchanges[-1].code is Code.NOT_FOUND:
        yield Breach(seen.subject.full_name, "what it says it created", "nothing")


def events_filtered(seen: EventsOfOthers) -> Iterator[Breach]:
    if seen.strangers:
        yield Breach(
            f"{seen.subject.full_name}: {seen.field}", "events of those asked for", "others too"
        )


def events_in_numbers(seen: InNumbers) -> Iterator[Breach]:
    rising = sorted(seen.numbers)
    if list(seen.numbers) not in (rising, rising[::-1]):
        subject = f"{seen.subject.full_name}: {seen.field}"
        yield Breach(subject, "events in the order of their numbers", "another order")


def items_retold(seen: Retold) -> Iterator[Breach]:
    if seen.missing:
        yield Breach(seen.subject.full_name, "every item that Get tells", "fewer")
    if seen.repeated:
        yield Breach(seen.subject.full_name, "every item once", "some twice")


def stays_open(seen: StaysOpen) -> Iterator[Breach]:
    yield Breach(
        seen.subject.full_name, "a status after the half-close", "a stream that stays open"
    )


CONVERSATIONS: tuple[Check[Any], ...] = (
    Check(
        id="STREAMED_CREATE_KEPT",
        on=StreamedCreate,
        check=streamed_is_kept,
        says="{subject} should have made {promised}; Get finds {found}",
        why="A client goes on in the belief that its work is stored.",
        fix="Answer an operation after it was committed, as the unary method does.",
        source="heuristic",
        styles=_BIDI,
    ),
    Check(
        id="STREAM_IS_COUNTED",
        on=Counted,
        check=items_counted,
        says="{subject} should count {promised}, tells {found}; of one message it tells 1",
        why="The client believes that the rest was lost, or was never there.",
        fix="Count each message that was dealt with, the last one too.",
        source="heuristic",
        styles=_CLIENT,
    ),
    Check(
        id="STREAM_IS_TALLIED",
        on=Tallied,
        check=map_counted,
        says="{subject} should tell {promised} of the messages, tells {found}",
        why="The client believes that the rest was lost, or was never there.",
        fix="Add what each message tells to what those before it told, all of it.",
        source="heuristic",
        styles=_CLIENT,
    ),
    Check(
        id="STREAM_IS_MEASURED",
        on=Measured,
        check=whole_measured,
        says="{subject} should tell {promised}, as it does of one piece; it tells {found}",
        why="Whoever compares it takes a good upload for a broken one, or a broken one for good.",
        fix="Measure what was put together, every piece of it, in the order in which it came.",
        source="heuristic",
        styles=_CLIENT,
    ),
    Check(
        id="STREAM_LIMIT_EXACT",
        on=Limited,
        check=limit_kept,
        says="{subject} should bring {promised}; it brought {found}",
        why="Clients that ask for a number of messages wait for the last, or get one too many.",
        fix="Count what was sent before the limit is compared.",
        source="heuristic",
        styles=_SERVER,
    ),
    Check(
        id="EVENTS_FILTERED",
        on=EventsOfOthers,
        check=events_filtered,
        says="{subject} should let through {promised}; found {found}",
        why="Readers act on what they did not ask for, or see what is not theirs.",
        fix="Apply the filter to every event, those of later changes too.",
        source="heuristic",
        styles=_SERVER,
    ),
    Check(
        id="EVENTS_IN_ORDER",
        on=InNumbers,
        check=events_in_numbers,
        says="{subject} should send {promised}; found {found}",
        why="A reader that keeps what came last keeps what is gone by.",
        fix="Read events in the order of their numbers, and send them in it.",
        source="heuristic",
        styles=_SERVER,
    ),
    Check(
        id="STREAM_TELLS_ITEMS",
        on=Retold,
        check=items_retold,
        says="{subject} should tell {promised}; it tells {found}",
        why="Readers of the stream have other items than those who ask for the whole.",
        fix="Send each item of the thing once, the last one too.",
        source="heuristic",
        styles=_SERVER,
    ),
    Check(
        id="STREAM_STAYS_OPEN",
        on=StaysOpen,
        check=stays_open,
        says="{subject}, with every request answered, should send {promised}: found {found}",
        why="A client that has said everything waits for the end of the stream.",
        fix="End the call when the stream of requests ends.",
        source="heuristic",
        styles=_BIDI,
    ),
)
