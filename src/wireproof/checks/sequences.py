"""Checks over long sequences of the standard methods, against a model of what they promise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wireproof.checks.check import Check, Profile
from wireproof.checks.observations import Observation
from wireproof.finding import Breach


@dataclass(frozen=True, slots=True)
class Diverged(Observation):
    """After a sequence of calls the server and the model of it tell different things."""

    what: str
    """The field, or nothing where the resource as a whole is told otherwise."""
    promised: str
    found: str


def model_agrees(seen: Diverged) -> Iterator[Breach]:
    subject = f"{seen.subject.full_name}: {seen.what}" if seen.what else seen.subject.full_name
    yield Breach(subject, seen.promised, seen.found)


SEQUENCES: tuple[Check[Any], ...] = (
    Check(
        id="SEQUENCE_AGREES",
        on=Diverged,
        check=model_agrees,
        says="{subject} must tell of {promised} after a sequence of calls, tells of {found}",
        why="What was answered with OK holds until the next change, whatever else happens.",
        fix="Change what a request names, in one transaction, and read what was committed last.",
        source="https://google.aip.dev/121",
        profile=Profile.AIP,
    ),
)
