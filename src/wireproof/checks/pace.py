"""Checks over the pace of calls: who waits for whom, who reads slowly, who calls too often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wireproof.checks.check import Check
from wireproof.checks.facts import Code
from wireproof.checks.observations import Observation
from wireproof.exchange import Style
from wireproof.finding import Breach

_ANNOTATIONS = "wireproof/annotations/v1/annotations.proto"
_BIDI = (Style.BIDIRECTIONAL,)
_CLIENT = (Style.CLIENT_STREAMING,)
_SERVER = (Style.SERVER_STREAMING,)


@dataclass(frozen=True, slots=True)
class BrokenAfter(Observation):
    """Valid requests, then bytes that are no message; the last exchange is it."""

    owed: int
    """How many replies the valid requests alone have."""


@dataclass(frozen=True, slots=True)
class EarlyEnd(Observation):
    """Bytes that are no message, from a client that goes on sending; the last exchange is it."""

    told: bool
    """Whether a status arrived while the client was still sending."""


@dataclass(frozen=True, slots=True)
class Lockstep(Observation):
    """A client that sends a request only after the reply to the one before."""

    sent: int
    answered: int
    """How many were answered before the next was sent."""


@dataclass(frozen=True, slots=True)
class PromisedOrder(Observation):
    """Requests on a stream whose order the schema promises, and the replies, by their marks."""

    asked: tuple[str, ...]
    answered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlowReader(Observation):
    """A reader of events that stopped reading while many changes were made."""

    changes: int
    told: int
    """How many of them it was told of once it read on."""


@dataclass(frozen=True, slots=True)
class RateLimited(Observation):
    """A burst of valid calls of which some were refused and some were not; the last is refused."""

    retry_info: bool
    """Whether the refusal carries google.rpc.RetryInfo."""
    recovered: bool | None
    """Whether the call is answered after the time that it names; None where that is long."""


def delivered_before_error(seen: BrokenAfter) -> Iterator[Breach]:
    got = len(seen.exchanges[-1].received)
    if not seen.exchanges[-1].ok and got < seen.owed:
        yield Breach(
            seen.subject.full_name, "the replies that are due before the error", "some missing"
        )


def early_status_told(seen: EarlyEnd) -> Iterator[Breach]:
    if not seen.told:
        yield Breach(seen.subject.full_name, "a status while the client still sends", "none")


def lockstep_kept(seen: Lockstep) -> Iterator[Breach]:
    if seen.answered < seen.sent:
        yield Breach(seen.subject.full_name, "a reply before the next request", "none in time")


def promised_order_kept(seen: PromisedOrder) -> Iterator[Breach]:
    if sorted(seen.asked) == sorted(seen.answered) and seen.asked != seen.answered:
        yield Breach(
            seen.subject.full_name, "replies in the order of their requests", "another order"
        )


def slow_reader_loses_nothing(seen: SlowReader) -> Iterator[Breach]:
    if seen.told < seen.changes:
        yield Breach(seen.subject.full_name, "every event for a slow reader", "some missing")


def limit_tells_when(seen: RateLimited) -> Iterator[Breach]:
    if not seen.retry_info:
        code = Code.RESOURCE_EXHAUSTED.name
        yield Breach(seen.subject.full_name, f"google.rpc.RetryInfo with {code}", "none")


def limit_recovers(seen: RateLimited) -> Iterator[Breach]:
    if seen.recovered is False:
        yield Breach(seen.subject.full_name, "an answer after the time it names", "a refusal")


PACE: tuple[Check[Any], ...] = (
    Check(
        id="DELIVERED_BEFORE_ERROR",
        on=BrokenAfter,
        check=delivered_before_error,
        says="{subject} should send {promised}; found {found}",
        why="What was done before the error is lost to the client.",
        fix="Send the replies of the requests before, then the status.",
        source="heuristic",
        styles=_BIDI,
    ),
    Check(
        id="EARLY_STATUS_TOLD",
        on=EarlyEnd,
        check=early_status_told,
        says="{subject} should send {promised}; there was {found}",
        why="The client goes on sending what nobody reads.",
        fix="End the call as soon as its outcome is clear.",
        source="heuristic",
        styles=_CLIENT,
    ),
    Check(
        id="LOCKSTEP_KEPT",
        on=Lockstep,
        check=lockstep_kept,
        says="{subject} must send {promised}; there was {found}",
        why="The schema lets clients wait for each reply before they send the next request.",
        fix="Answer each request before reading the next, and flush.",
        source=_ANNOTATIONS,
        styles=_BIDI,
    ),
    Check(
        id="PROMISED_ORDER_KEPT",
        on=PromisedOrder,
        check=promised_order_kept,
        says="{subject} must send {promised}, sends them in {found}",
        why="The schema promises the order, and clients pair replies with requests by it.",
        fix="Answer in the order of the requests.",
        source=_ANNOTATIONS,
        styles=_BIDI,
    ),
    Check(
        id="SLOW_READER_LOSES_NOTHING",
        on=SlowReader,
        check=slow_reader_loses_nothing,
        says="{subject} should keep {promised}; found {found}",
        why="A reader that is busy for a moment holds a stale copy for ever.",
        fix="Keep events where readers can catch up, or end the stream so that they resume.",
        source="heuristic",
        styles=_SERVER,
    ),
    Check(
        id="RATE_LIMIT_TELLS_WHEN",
        on=RateLimited,
        check=limit_tells_when,
        says="{subject}, called often, should answer {promised}, sent {found}",
        why="A client that is not told when to come back comes back at once.",
        fix="Add RetryInfo to the status.",
        source="heuristic",
    ),
    Check(
        id="RATE_LIMIT_RECOVERS",
        on=RateLimited,
        check=limit_recovers,
        says="{subject}, called often, should give {promised}; it is {found}",
        why="Clients wait as long as they are told, and no longer.",
        fix="Name the time after which a call is let through.",
        source="heuristic",
    ),
)
