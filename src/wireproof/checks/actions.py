"""Methods of other verbs than the standard ones, beside what reads tell before and after them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wireproof.checks.check import Check
from wireproof.checks.observations import Observation
from wireproof.finding import Breach

_HEURISTIC = "heuristic"


@dataclass(frozen=True, slots=True)
class Acted(Observation):
    """A method answered OK, and what it had named was read: fields told otherwise than read."""

    contradicted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bystander(Observation):
    """A method answered OK, and something that it had not named was read before and after."""

    fields: tuple[str, ...]
    """Those that became there what they became in the thing that was named."""


@dataclass(frozen=True, slots=True)
class Cleared(Observation):
    """A method that sets a field of a thing answered OK; what a create had set was read again."""

    fields: tuple[str, ...]
    """Those that hold nothing now, and which the request could not name."""


@dataclass(frozen=True, slots=True)
class CountedAs(Observation):
    """One call about something new; what reads its counts by kind told of one kind."""

    field: str
    kind: str
    told: str


@dataclass(frozen=True, slots=True)
class Rolled(Observation):
    """A call was made twice; after the first, as many were counted as listed."""

    field: str
    counted: int
    listed: int


@dataclass(frozen=True, slots=True)
class AtOnce(Observation):
    """A call that moves a number by a fixed step was made several times at once."""

    field: str
    expected: int
    found: int


@dataclass(frozen=True, slots=True)
class Amount(Observation):
    """A number in a request by which the call moves a number that is read."""

    field: str
    asked: int
    moved: int


@dataclass(frozen=True, slots=True)
class Balance(Observation):
    """A call moved an amount from one thing to another; what each of the two gained."""

    field: str
    asked: int
    given: int
    taken: int


@dataclass(frozen=True, slots=True)
class OnlyOnce(Observation):
    """A call that is refused the second time was made several times at once."""

    accepted: int


def as_told(seen: Acted) -> Iterator[Breach]:
    for path in seen.contradicted:
        yield Breach(f"{seen.subject.full_name}: {path}", "what the reply tells", "something else")


def others_left(seen: Bystander) -> Iterator[Breach]:
    for path in seen.fields:
        yield Breach(f"{seen.subject.full_name}: {path}", "what it was", "changed too")


def rest_stays(seen: Cleared) -> Iterator[Breach]:
    for path in seen.fields:
        yield Breach(f"{seen.subject.full_name}: {path}", "what it was", "cleared")


def counted_as_sent(seen: CountedAs) -> Iterator[Breach]:
    if seen.told != seen.kind:
        yield Breach(f"{seen.subject.full_name}: {seen.field}", seen.kind, seen.told)


def count_fits_list(seen: Rolled) -> Iterator[Breach]:
    if seen.counted != seen.listed:
        found = "more" if seen.counted > seen.listed else "less"
        subject = f"{seen.subject.full_name}: {seen.field}"
        yield Breach(subject, "as many as are listed", found)


def adds_up(seen: AtOnce) -> Iterator[Breach]:
    if seen.found != seen.expected:
        subject = f"{seen.subject.full_name}: {seen.field}"
        yield Breach(subject, "the sum of all that were answered OK", "less or more")


def amount_moved(seen: Amount) -> Iterator[Breach]:
    if seen.moved != seen.asked:
        subject = f"{seen.subject.full_name}: {seen.field}"
        yield Breach(subject, "the amount asked for, as before", "another amount")


def balanced(seen: Balance) -> Iterator[Breach]:
    subject = f"{seen.subject.full_name}: {seen.field}"
    if seen.asked > 0 and seen.given + seen.taken:
        yield Breach(subject, "as much given as is taken", "less or more")
    elif seen.asked < 0 and seen.given < 0 < seen.taken:
        yield Breach(subject, "a refusal of less than nothing", "the giver gaining")


def once_is_once(seen: OnlyOnce) -> Iterator[Breach]:
    if seen.accepted > 1:
        yield Breach(seen.subject.full_name, "one of them accepted", "several")


ACTIONS: tuple[Check[Any], ...] = (
    Check(
        id="ACTION_AS_TOLD",
        on=Acted,
        check=as_told,
        says="after {subject} a read should tell {promised}; it tells {found}",
        why="A caller that is answered OK goes on in the belief that it is done.",
        fix="Answer what was written, after it was written.",
        source=_HEURISTIC,
    ),
    Check(
        id="ACTION_LEAVES_OTHERS",
        on=Bystander,
        check=others_left,
        says="{subject} of what was not named should stay {promised}; it is {found}",
        why="A caller changes what belongs to somebody else.",
        fix="Let the statement that writes name the one thing.",
        source=_HEURISTIC,
    ),
    Check(
        id="ACTION_LEAVES_REST",
        on=Cleared,
        check=rest_stays,
        says="{subject}, which the call was told nothing of, should stay {promised}; it is {found}",
        why="Whoever sets one field loses another without a word.",
        fix="Write the fields of the request, and no others.",
        source=_HEURISTIC,
    ),
    Check(
        id="CALL_COUNTED_AS_SENT",
        on=CountedAs,
        check=counted_as_sent,
        says="{subject} should count a call under {promised}, counts it under {found}",
        why="What is read of each kind is that of another.",
        fix="Count under the name of the value itself.",
        source=_HEURISTIC,
    ),
    Check(
        id="COUNT_FITS_LIST",
        on=Rolled,
        check=count_fits_list,
        says="{subject} should tell {promised} after the same call again; it tells {found}",
        why="What is counted is not what is there.",
        fix="Count what is kept, or count only what was added to it.",
        source=_HEURISTIC,
    ),
    Check(
        id="CALLS_ADD_UP",
        on=AtOnce,
        check=adds_up,
        says="calls at once should bring {subject} to {promised}; it holds {found}",
        why="Of two callers at once, the work of one is lost.",
        fix="Read and write in one transaction, or let the store add.",
        source=_HEURISTIC,
    ),
    Check(
        id="AMOUNT_MOVED",
        on=Amount,
        check=amount_moved,
        says="{subject} should move by {promised}; it moved by {found}",
        why="What is booked is not what was asked for.",
        fix="Compute in the smallest unit, in a type that holds it.",
        source=_HEURISTIC,
    ),
    Check(
        id="TRANSFER_BALANCES",
        on=Balance,
        check=balanced,
        says="{subject} moved from one to another should show {promised}; found {found}",
        why="Something vanishes, or comes from nowhere.",
        fix="Write both sides in one transaction, and refuse what is not positive.",
        source=_HEURISTIC,
    ),
    Check(
        id="ONCE_AT_ONCE",
        on=OnlyOnce,
        check=once_is_once,
        says="{subject}, refused a second time, should see {promised} at once; found {found}",
        why="What can be done once is done twice by two callers at once.",
        fix="Check and write in one transaction.",
        source=_HEURISTIC,
    ),
)
