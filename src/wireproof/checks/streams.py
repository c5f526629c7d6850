"""Checks over streams: aggregates, items, order, isolation, events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wireproof.checks.check import Check
from wireproof.checks.facts import SERVER_FAULTS, UNJUDGED, Code
from wireproof.checks.observations import (
    Answered,
    Batched,
    EmptyStream,
    Events,
    Interleaved,
    InvalidItem,
    Resumed,
    ValidRefused,
)
from wireproof.exchange import Style
from wireproof.finding import Breach

_CLIENT = (Style.CLIENT_STREAMING,)
_BIDI = (Style.BIDIRECTIONAL,)
_SERVER = (Style.SERVER_STREAMING,)


def batch_accounted(seen: Batched) -> Iterator[Breach]:
    if seen.accounted != seen.sent:
        words = f"all {seen.sent} items in the reply"
        yield Breach(seen.subject.full_name, words, str(seen.accounted))
    elif seen.missing:
        words = f"all {seen.sent} items made or reported"
        yield Breach(seen.subject.full_name, words, f"{seen.missing} of them lost")


def item_refused(seen: InvalidItem) -> Iterator[Breach]:
    code = seen.exchanges[-1].code
    if seen.refused or code in UNJUDGED | SERVER_FAULTS:
        return
    place = "first" if seen.position == 0 else "later"
    subject = f"{seen.subject.full_name}: {seen.path}"
    if code is Code.OK:
        yield Breach(
            subject, "INVALID_ARGUMENT or an error for the item", f"a {place} item accepted"
        )
    elif code is not Code.INVALID_ARGUMENT:
        yield Breach(subject, "INVALID_ARGUMENT or an error for the item", code.name)


def in_order(seen: Answered) -> Iterator[Breach]:
    if sorted(seen.asked) == sorted(seen.answered) and seen.asked != seen.answered:
        yield Breach(
            seen.subject.full_name, "replies in the order of the requests", "another order"
        )


def each_answered(seen: Answered) -> Iterator[Breach]:
    if sorted(seen.asked) == sorted(seen.answered):
        return
    lost = [one for one in seen.asked if one not in seen.answered]
    found = "some missing" if lost else "some twice"
    yield Breach(seen.subject.full_name, "one reply for each request", found)


def isolated(seen: Interleaved) -> Iterator[Breach]:
    if set(seen.answered) - set(seen.asked):
        yield Breach(seen.subject.full_name, "replies to this stream's requests only", "another's")


def empty_stays_empty(seen: EmptyStream) -> Iterator[Breach]:
    if seen.exchanges[-1].received:
        count = len(seen.exchanges[-1].received)
        yield Breach(seen.subject.full_name, "no reply without a request", str(count))


def events_complete(seen: Events) -> Iterator[Breach]:
    for kind in sorted({k for k, n in zip(seen.changes, seen.counts, strict=True) if not n}):
        if any(seen.counts):
            yield Breach(seen.subject.full_name, f"an event for every {kind}", "none")


def events_once(seen: Events) -> Iterator[Breach]:
    if seen.repeats:
        yield Breach(seen.subject.full_name, "every event once", "some twice")


def resumed_without_gap(seen: Resumed) -> Iterator[Breach]:
    if [one for one in seen.expected if one not in seen.got]:
        yield Breach(seen.subject.full_name, "every later event on resuming", "some missing")


def resumed_without_repeat(seen: Resumed) -> Iterator[Breach]:
    extra = [one for one in seen.got if one not in seen.expected]
    if extra or len(set(seen.got)) < len(seen.got):
        yield Breach(seen.subject.full_name, "only later events on resuming", "some repeated")


def resumed_in_order(seen: Resumed) -> Iterator[Breach]:
    if sorted(seen.expected) == sorted(seen.got) and seen.expected != seen.got:
        yield Breach(seen.subject.full_name, "events in their order on resuming", "another order")


def valid_accepted(seen: ValidRefused) -> Iterator[Breach]:
    subject = f"{seen.subject.full_name}: {seen.path}"
    yield Breach(subject, "a value that keeps every rule accepted", "INVALID_ARGUMENT")


STREAMS: tuple[Check[Any], ...] = (
    Check(
        id="BATCH_ACCOUNTS_FOR_ALL",
        on=Batched,
        check=batch_accounted,
        says="{subject} must account for {promised}; it tells of {found}",
        why="The client believes that everything it sent was dealt with.",
        fix="Deal with every message before the end of the stream is answered.",
        source="https://grpc.io/docs/what-is-grpc/core-concepts/",
        styles=_CLIENT,
    ),
    Check(
        id="INVALID_ITEM_REFUSED",
        on=InvalidItem,
        check=item_refused,
        says="{subject} breaks a rule of its schema: promised {promised}, found {found}",
        why="A constraint that a stream ignores is not a promise.",
        fix="Validate each message of the stream, not only the first.",
        source="https://protovalidate.com",
        styles=(*_CLIENT, *_BIDI),
    ),
    Check(
        id="REPLIES_IN_ORDER",
        on=Answered,
        check=in_order,
        says="{subject} should send {promised}, sends them in {found}",
        why="Clients pair replies with requests by their order.",
        fix="Answer in order, or say in the schema that there is none.",
        source="heuristic",
        styles=_BIDI,
    ),
    Check(
        id="EACH_REQUEST_ANSWERED",
        on=Answered,
        check=each_answered,
        says="{subject} should send {promised}; found {found}",
        why="A request alone on a stream is answered once, so others are owed the same.",
        fix="Answer each request once, whatever came before it.",
        source="heuristic",
        styles=_BIDI,
    ),
    Check(
        id="STREAMS_ISOLATED",
        on=Interleaved,
        check=isolated,
        says="{subject} should send {promised}, sent {found}",
        why="One caller is told of another's business.",
        fix="Keep the state of a stream in its handler.",
        source="heuristic",
        styles=_BIDI,
    ),
    Check(
        id="EMPTY_STREAM_EMPTY",
        on=EmptyStream,
        check=empty_stays_empty,
        says="{subject} should send {promised}, sent {found}",
        why="Nothing was asked.",
        fix="Answer requests only.",
        source="heuristic",
        styles=_BIDI,
    ),
    Check(
        id="EVENTS_COMPLETE",
        on=Events,
        check=events_complete,
        says="{subject} owes {promised}; found {found}",
        why="A reader that follows the stream holds a stale copy for ever.",
        fix="Commit the change and its event together.",
        source="heuristic",
        styles=_SERVER,
    ),
    Check(
        id="EVENTS_ONCE",
        on=Events,
        check=events_once,
        says="{subject} owes {promised}; found {found}",
        why="A reader counts the change twice.",
        fix="Send each event once to each stream.",
        source="heuristic",
        styles=_SERVER,
    ),
    Check(
        id="RESUME_WITHOUT_GAP",
        on=Resumed,
        check=resumed_without_gap,
        says="{subject} owes {promised}; found {found}",
        why="A reader that lost its connection never learns of the change.",
        fix="Start right after the event that the token names.",
        source="heuristic",
        styles=_SERVER,
    ),
    Check(
        id="RESUME_WITHOUT_REPEAT",
        on=Resumed,
        check=resumed_without_repeat,
        says="{subject} owes {promised}; found {found}",
        why="A reader that lost its connection counts the change twice.",
        fix="Start right after the event that the token names.",
        source="heuristic",
        styles=_SERVER,
    ),
    Check(
        id="RESUME_IN_ORDER",
        on=Resumed,
        check=resumed_in_order,
        says="{subject} owes {promised}; found {found}",
        why="A reader applies changes in the order in which it gets them.",
        fix="Send events in the order of their commits.",
        source="heuristic",
        styles=_SERVER,
    ),
    Check(
        id="VALID_ACCEPTED",
        on=ValidRefused,
        check=valid_accepted,
        says="{subject} owes {promised}, answered {found}",
        why="The schema allows the value, and others of the field were accepted.",
        fix="Loosen the service's own rule, or state it in the schema.",
        source="https://protovalidate.com",
    ),
)
