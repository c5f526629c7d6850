"""Checks of what becomes of values on their way into a store and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wireproof.checks.check import Check, Profile
from wireproof.checks.observations import Observation
from wireproof.finding import Breach

_HEURISTIC = "heuristic"


@dataclass(frozen=True, slots=True)
class Dropped(Observation):
    """A create of a thing of which a field that was sent is read as something else."""

    path: str
    found: str = "nothing"


@dataclass(frozen=True, slots=True)
class Mangled(Observation):
    """A value that a create answered with another, where it keeps others of that field."""

    path: str
    found: str
    """What became of it."""


@dataclass(frozen=True, slots=True)
class ChangedInPart(Observation):
    """A change that set one of the fields which its request may leave out, and left out others."""

    cleared: tuple[str, ...]
    """Those of the others that were set before and are not afterwards."""


@dataclass(frozen=True, slots=True)
class LeftUnset(Observation):
    """A create left out everything that it may; the thing was read."""

    zero: tuple[str, ...]
    """What it then holds all the same: its default, as if it had been sent."""


@dataclass(frozen=True, slots=True)
class Stamped(Observation):
    """A time of creation or change that the server set just now."""

    path: str
    ahead: float
    """By how many seconds it is ahead of the caller's clock."""


def sent_is_stored(seen: Dropped) -> Iterator[Breach]:
    yield Breach(f"{seen.subject.full_name}: {seen.path}", "what was sent", seen.found)


def value_comes_back(seen: Mangled) -> Iterator[Breach]:
    yield Breach(f"{seen.subject.full_name}: {seen.path}", "the value sent", seen.found)


def absent_stays(seen: ChangedInPart) -> Iterator[Breach]:
    for path in seen.cleared:
        yield Breach(f"{seen.subject.full_name}: {path}", "what it was where left out", "cleared")


def unset_stays(seen: LeftUnset) -> Iterator[Breach]:
    for path in seen.zero:
        yield Breach(f"{seen.subject.full_name}: {path}", "unset, as it was sent", "set to zero")


_ZONE, _MOST = 1800.0, 14 * 3600.0
"""Seconds by which zones differ, and the most by which any does from UTC."""
_NEAR = 5.0
"""Seconds by which clocks may differ."""


def clock_is_utc(seen: Stamped) -> Iterator[Breach]:
    zones = round(seen.ahead / _ZONE)
    if zones and abs(seen.ahead - zones * _ZONE) <= _NEAR and abs(seen.ahead) <= _MOST + _NEAR:
        found = f"{abs(zones) / 2:g} h {'ahead' if zones > 0 else 'behind'}"
        yield Breach(f"{seen.subject.full_name}: {seen.path}", "the time in UTC", found)


STORED: tuple[Check[Any], ...] = (
    Check(
        id="CREATE_STORES_FIELD",
        on=Dropped,
        check=sent_is_stored,
        says="{subject} should read {promised} after the create, reads {found}",
        why="A caller's value was dropped without a word.",
        fix="Store every field that the request has, or refuse it.",
        source=_HEURISTIC,
        profile=Profile.SELF,
    ),
    Check(
        id="VALUE_COMES_BACK",
        on=Mangled,
        check=value_comes_back,
        says="{subject} should answer {promised}, which came back {found}; other values are kept",
        why="A value that a store cannot hold is silently another.",
        fix="Store the type as it is; refuse what cannot be stored.",
        source=_HEURISTIC,
    ),
    Check(
        id="ABSENT_STAYS",
        on=ChangedInPart,
        check=absent_stays,
        says="{subject} should stay {promised}; it is {found}",
        why="A field is `optional` so that a request can leave it out: to say nothing of it.",
        fix="Change only the fields that the request has.",
        source=_HEURISTIC,
    ),
    Check(
        id="UNSET_IS_NO_ZERO",
        on=LeftUnset,
        check=unset_stays,
        says="{subject} should be read {promised}; it is {found}",
        why="A field is `optional` on both ways so that nothing can be told from zero.",
        fix="Ask whether the field is set, and store that.",
        source=_HEURISTIC,
    ),
    Check(
        id="CLOCK_IS_UTC",
        on=Stamped,
        check=clock_is_utc,
        says="{subject} should be {promised}; it is {found}",
        why="A Timestamp is in UTC: callers elsewhere read a local time as another moment.",
        fix="Take the time of the zone UTC, not the local one without its zone.",
        source="google/protobuf/timestamp.proto",
    ),
)
