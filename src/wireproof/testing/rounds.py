"""Who is next: phases in rounds, and the methods of each, so that a small budget reaches them all.

Each has its share of the calls; what one leaves over goes to the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.testing.session import Session
    from wireproof.testing.trial import Trial

Steps = Iterator["Trial | None"]
"""Trials to be run; None where the calls were made already."""


@dataclass(slots=True, eq=False)
class Row:
    """What is to be done, in its own order, for a share of the calls."""

    name: str
    """The phase, or within one the full name of the method."""
    steps: Steps
    share: int = 1
    """Of the calls, in proportion to the other rows'."""
    at_once: int = 1
    """Calls that one step may take: who takes many waits until the others have had as many."""
    rows: Sequence[Row] = ()
    """What it consists of."""
    spent: int = 0
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What there was no budget left for."""

    phase: str
    method: str
    """Its full name; empty where the phase tests all of them together."""
    begun: bool


def in_rounds(session: Session, rows: Iterable[Row]) -> Steps:
    """The steps of all *rows*: next comes the one that will have had the least of its share."""
    left = list(rows)
    while left:
        row = min(left, key=lambda one: (one.spent + one.at_once) / one.share)
        before = session.calls
        try:
            step = next(row.steps)
        except StopIteration:
            row.ended = True
            left.remove(row)
        else:
            yield step
        row.spent += session.calls - before


def phase(session: Session, name: str, rows: Sequence[Row], share: int) -> Row:
    """A phase that gives each of its rows the same."""
    return Row(name, in_rounds(session, rows), share, rows=rows)


def by_method(trials: Iterable[Trial]) -> list[Row]:
    """A row for each method, of its trials in their order."""
    found: dict[str, list[Trial]] = {}
    for trial in trials:
        found.setdefault(trial.method.full_name, []).append(trial)
    return [Row(method, iter(of)) for method, of in found.items()]


def unfinished(phases: Iterable[Row]) -> tuple[Unfinished, ...]:
    """What has not come to its end, by phases and methods, each once.

    A phase without rows takes whatever the others leave: of it, only that it was never begun.
    """
    named = [(one.name, row.name, row) for one in phases for row in one.rows]
    named += [(one.name, "", one) for one in phases if not one.rows]
    begun = {(name, method) for name, method, row in named if row.spent}
    left = [(name, method) for name, method, row in named if not row.ended]
    return tuple(
        Unfinished(name, method, (name, method) in begun)
        for name, method in dict.fromkeys(left)
        if method or (name, method) not in begun
    )
