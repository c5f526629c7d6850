"""Checks of methods that read or create several things with one unary call (AIP-231, AIP-233)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wireproof.checks.check import Check, Profile
from wireproof.checks.facts import Code
from wireproof.checks.observations import Observation
from wireproof.finding import Breach

_AIP = "https://google.aip.dev/"


@dataclass(frozen=True, slots=True)
class BatchRead(Observation):
    """Things were asked for by their names, all of which exist; the names in the reply."""

    asked: tuple[str, ...]
    told: tuple[str, ...]
    differing: tuple[str, ...] = ()
    """Fields in which one of them is not what Get tells."""


@dataclass(frozen=True, slots=True)
class BatchOfAbsent(Observation):
    """Among the names that were asked for, one names nothing; the last exchange is the answer."""


@dataclass(frozen=True, slots=True)
class BatchMade(Observation):
    """Several things were created with one call that was answered OK."""

    sent: int
    told: int
    found: int
    """How many of those in the reply are there afterwards."""
    listed: int | None = None
    """How many more the list then holds; None where nobody can say."""
    in_order: bool = True


@dataclass(frozen=True, slots=True)
class BatchRefused(Observation):
    """Several things were to be created, one of which cannot be, and the call was refused."""

    made: int
    """How many are there all the same."""


@dataclass(frozen=True, slots=True)
class LaterItem(Observation):
    """An item that a batch refuses in its first place, in a later one; the last exchange is it."""


@dataclass(frozen=True, slots=True)
class AsAlone(Observation):
    """An item among others; the first exchange is the answer to it alone, the last to all."""

    refused: bool
    """Whether the last answer refuses the item, by its status or in band."""


def read_complete(seen: BatchRead) -> Iterator[Breach]:
    if set(seen.asked) - set(seen.told):
        yield Breach(seen.subject.full_name, "all that were asked for", "some missing")
    elif set(seen.told) - set(seen.asked):
        yield Breach(seen.subject.full_name, "only what was asked for", "others too")
    for path in seen.differing:
        yield Breach(f"{seen.subject.full_name}: {path}", "what Get tells", "something else")


def read_in_order(seen: BatchRead) -> Iterator[Breach]:
    if set(seen.asked) == set(seen.told) and seen.asked != seen.told:
        yield Breach(seen.subject.full_name, "the order that was asked for", "another")


def read_or_refused(seen: BatchOfAbsent) -> Iterator[Breach]:
    if seen.exchanges[-1].ok:
        yield Breach(seen.subject.full_name, "NOT_FOUND where one names nothing", "OK")


def made_complete(seen: BatchMade) -> Iterator[Breach]:
    if seen.told != seen.sent:
        yield Breach(seen.subject.full_name, "each that was sent in the reply", "more or fewer")
    elif seen.found < seen.told:
        yield Breach(seen.subject.full_name, "each that it tells of created", "some missing")
    elif seen.listed is not None and seen.listed != seen.sent:
        yield Breach(seen.subject.full_name, "each that was sent created once", "more or fewer")


def made_in_order(seen: BatchMade) -> Iterator[Breach]:
    if not seen.in_order:
        yield Breach(seen.subject.full_name, "the order of the request", "another")


def made_or_none(seen: BatchRefused) -> Iterator[Breach]:
    if seen.made:
        yield Breach(seen.subject.full_name, "nothing created by a refused batch", "some created")


def items_alike(seen: LaterItem) -> Iterator[Breach]:
    if seen.exchanges[-1].ok:
        yield Breach(seen.subject.full_name, "a refusal wherever the item stands", "OK")


def judged_as_alone(seen: AsAlone) -> Iterator[Breach]:
    alone = seen.exchanges[0]
    one = alone.method.name
    if alone.code is Code.INVALID_ARGUMENT and not seen.refused:
        yield Breach(seen.subject.full_name, f"a refusal, as {one} answers to it alone", "OK")
    elif alone.ok and seen.refused:
        found = seen.exchanges[-1].code.name
        yield Breach(seen.subject.full_name, f"OK, as {one} answers to it alone", found)


BATCHES: tuple[Check[Any], ...] = (
    Check(
        id="BATCH_READ_COMPLETE",
        on=BatchRead,
        check=read_complete,
        says="{subject} should answer {promised}; found {found}",
        why="A caller takes what is missing for deleted.",
        fix="Answer each thing that was asked for, read where Get reads it.",
        source="heuristic",
    ),
    Check(
        id="BATCH_ITEMS_ALIKE",
        on=LaterItem,
        check=items_alike,
        says="{subject}, which refuses an item as the first, should see {promised}; found {found}",
        why="What is checked in the first item alone comes in with the others.",
        fix="Check each item as the method for one does.",
        source="heuristic",
    ),
    Check(
        id="BATCH_ITEM_AS_ALONE",
        on=AsAlone,
        check=judged_as_alone,
        says="{subject} should answer an item with {promised}; found {found}",
        why="One of two doors lets in what the other keeps out, or turns away what is welcome.",
        fix="Check an item with the same code, whether it comes alone or among others.",
        source="heuristic",
    ),
    Check(
        id="BATCH_READ_ORDER",
        on=BatchRead,
        check=read_in_order,
        says="{subject} must answer in {promised}; found {found}",
        why="Clients pair what they asked for with the reply by position.",
        fix="Answer in the order of the request, not in that of the store.",
        source=f"{_AIP}231",
        profile=Profile.AIP,
    ),
    Check(
        id="BATCH_READ_OF_NOTHING",
        on=BatchOfAbsent,
        check=read_or_refused,
        says="{subject} must answer {promised}, answered {found}",
        why="Without a word of what is missing, clients pair names with the wrong things.",
        fix="Fail the whole call where one name is unknown.",
        source=f"{_AIP}231",
        profile=Profile.AIP,
    ),
    Check(
        id="BATCH_CREATE_COMPLETE",
        on=BatchMade,
        check=made_complete,
        says="{subject} should show {promised}; found {found}",
        why="OK says that each was created, once.",
        fix="Create and answer each item of the request.",
        source="heuristic",
    ),
    Check(
        id="BATCH_CREATE_ORDER",
        on=BatchMade,
        check=made_in_order,
        says="{subject} must answer in {promised}; found {found}",
        why="Clients pair what they sent with the reply by position.",
        fix="Answer in the order of the request.",
        source=f"{_AIP}233",
        profile=Profile.AIP,
    ),
    Check(
        id="BATCH_CREATE_ATOMIC",
        on=BatchRefused,
        check=made_or_none,
        says="{subject} must leave {promised}; found {found}",
        why="A caller that is refused sends the whole batch again.",
        fix="Write the batch in one transaction.",
        source=f"{_AIP}233",
        profile=Profile.AIP,
    ),
)
