"""Checks over resources that lie under others: parents that are not there, or no longer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wireproof.checks.check import Check, Profile
from wireproof.checks.facts import Code
from wireproof.checks.observations import Observation
from wireproof.finding import Breach


@dataclass(frozen=True, slots=True)
class UnderNothing(Observation):
    """A create under a parent that never was; the last exchange is the answer."""


@dataclass(frozen=True, slots=True)
class ParentDeleted(Observation):
    """A parent was deleted with OK while something lay under it."""

    forced: bool
    """Whether the request asked for the deletion of what lies under it."""
    asks: bool
    """Whether requests can ask for that."""
    orphaned: bool
    """Whether what lay under it is still there, and the parent is not."""


def parent_exists(seen: UnderNothing) -> Iterator[Breach]:
    if seen.exchanges[-1].code is Code.OK:
        yield Breach(seen.subject.full_name, "NOT_FOUND under a parent that does not exist", "OK")


def no_orphans(seen: ParentDeleted) -> Iterator[Breach]:
    if seen.orphaned:
        name = seen.subject.full_name
        yield Breach(name, "nothing left under what was deleted", "something there")


def force_asked(seen: ParentDeleted) -> Iterator[Breach]:
    if seen.asks and not seen.forced and not seen.orphaned:
        name = seen.subject.full_name
        yield Breach(name, "FAILED_PRECONDITION without force where something lies under it", "OK")


KIN: tuple[Check[Any], ...] = (
    Check(
        id="PARENT_MUST_EXIST",
        on=UnderNothing,
        check=parent_exists,
        says="{subject} must answer {promised}, answered {found}",
        why="What is created there can be found by nobody who follows the names.",
        fix="Look for the parent before creating under it, in one transaction.",
        source="https://google.aip.dev/133",
        profile=Profile.AIP,
    ),
    Check(
        id="NO_ORPHANS",
        on=ParentDeleted,
        check=no_orphans,
        says="{subject} must leave {promised}; found {found}",
        why="What lies under nothing is shown by no list, and never goes away.",
        fix="Refuse the deletion, or delete what lies under it in the same transaction.",
        source="https://google.aip.dev/135",
        profile=Profile.AIP,
    ),
    Check(
        id="FORCE_DELETES_CHILDREN",
        on=ParentDeleted,
        check=force_asked,
        says="{subject} must answer {promised}, answered {found}",
        why="A caller loses what it did not know to be there.",
        fix="Answer FAILED_PRECONDITION unless force is set.",
        source="https://google.aip.dev/135",
        profile=Profile.AIP,
    ),
)
