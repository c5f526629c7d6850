"""Checks over a resource's life: etags, states, dry runs, deletion undone, full replacement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from wireproof.checks.check import Check, Profile
from wireproof.checks.compare import Paths, differences, is_set
from wireproof.checks.facts import SERVER_FAULTS, UNJUDGED, Code, wrong_status
from wireproof.checks.observations import Observation
from wireproof.finding import Breach

_ANNOTATIONS = "wireproof/annotations/v1/annotations.proto"


@dataclass(frozen=True, slots=True)
class StaleEtag(Observation):
    """A change with the etag of an earlier state; the last exchange is the answer."""


@dataclass(frozen=True, slots=True)
class ClosedState(Observation):
    """An update to a state that it cannot come to; the last exchange is the answer."""

    state: str


@dataclass(frozen=True, slots=True)
class MissingAllowed(Observation):
    """A change of nothing with allow_missing; the last exchange is the answer."""


@dataclass(frozen=True, slots=True)
class DeletedAskedFor(Observation):
    """A list that asks for what is deleted, after a soft deletion."""

    listed: bool


@dataclass(frozen=True, slots=True)
class Undeleted(Observation):
    """An undelete that answered OK, with the resource before the deletion and after."""

    before: Message
    after: Message | None
    """None where it cannot be read."""
    listed: bool | None
    """None where there is no list."""
    server_set: Paths = frozenset()


@dataclass(frozen=True, slots=True)
class Replaced(Observation):
    """An update with the mask `*` that answered OK."""

    before: Message
    sent: Message
    after: Message
    kept: Paths
    """Fields that no update clears."""


@dataclass(frozen=True, slots=True)
class DryChange(Observation):
    """An update or delete with validate_only that answered OK, the resource before and after."""

    before: Message
    after: Message | None


@dataclass(frozen=True, slots=True)
class LeftOut(Observation):
    """A request without a field that is REQUIRED, and valid otherwise; the last is the answer."""

    field: str


def etag_compared(seen: StaleEtag) -> Iterator[Breach]:
    yield from wrong_status(seen.subject.full_name, seen.exchanges[-1], Code.ABORTED)


def transition_refused(seen: ClosedState) -> Iterator[Breach]:
    subject = f"{seen.subject.full_name}: {seen.state}"
    x = seen.exchanges[-1]
    if x.code is not Code.INVALID_ARGUMENT:  # its schema may forbid the value to every request
        yield from wrong_status(subject, x, Code.FAILED_PRECONDITION)


def missing_allowed(seen: MissingAllowed) -> Iterator[Breach]:
    if seen.exchanges[-1].code is Code.NOT_FOUND:
        yield Breach(seen.subject.full_name, "OK with allow_missing", Code.NOT_FOUND.name)


def deleted_shown(seen: DeletedAskedFor) -> Iterator[Breach]:
    if not seen.listed:
        yield Breach(seen.subject.full_name, "the deleted with show_deleted", "they are hidden")


def undelete_restores(seen: Undeleted) -> Iterator[Breach]:
    if seen.after is None:
        if not seen.unanswered:
            yield Breach(seen.subject.full_name, "the resource as it was", "nothing")
        return
    for path in differences(seen.before, seen.after, seen.server_set):
        yield Breach(f"{seen.subject.full_name}: {path}", "as it was", "something else")
    if seen.listed is False:
        yield Breach(seen.subject.full_name, "the resource in the list again", "it is hidden")


def wildcard_replaces(seen: Replaced) -> Iterator[Breach]:
    changed = set(differences(seen.before, seen.after))
    for path in differences(seen.before, seen.sent, seen.kept):
        cleared = is_set(seen.before, path) and not is_set(seen.sent, path)
        if cleared and path not in changed:
            yield Breach(f"{seen.subject.full_name}: {path}", "replaced by nothing", "it is kept")


def dry_run(seen: DryChange) -> Iterator[Breach]:
    gone = seen.after is None and not seen.unanswered
    if gone or (seen.after is not None and any(differences(seen.before, seen.after))):
        yield Breach(seen.subject.full_name, "nothing changed with validate_only", "a change")


def required_asked(seen: LeftOut) -> Iterator[Breach]:
    x = seen.exchanges[-1]
    if x.code is not Code.INVALID_ARGUMENT and x.code not in UNJUDGED | SERVER_FAULTS:
        yield Breach(
            f"{seen.subject.full_name}: {seen.field}", Code.INVALID_ARGUMENT.name, x.code.name
        )


LIFE: tuple[Check[Any], ...] = (
    Check(
        id="STALE_ETAG_ABORTED",
        on=StaleEtag,
        check=etag_compared,
        says="{subject} with the etag of an earlier state must answer {promised}, answered {found}",
        why="A caller overwrites what another has changed meanwhile, and neither learns of it.",
        fix="Compare the etag in the transaction that writes, and answer ABORTED.",
        source="https://google.aip.dev/154",
        profile=Profile.AIP,
    ),
    Check(
        id="TRANSITION_REFUSED",
        on=ClosedState,
        check=transition_refused,
        says="an update to {subject} must answer {promised}, answered {found}",
        why="The schema declares that no update leads there from where the resource is.",
        fix="Check the transition before writing, and answer FAILED_PRECONDITION.",
        source=f"{_ANNOTATIONS}; https://google.aip.dev/216",
    ),
    Check(
        id="ALLOW_MISSING_HONOURED",
        on=MissingAllowed,
        check=missing_allowed,
        says="{subject} of nothing must answer {promised}, answered {found}",
        why="The request says that it does not matter whether the resource exists.",
        fix="Create it on update, and do nothing on delete.",
        source="https://google.aip.dev/134",
        profile=Profile.AIP,
    ),
    Check(
        id="SHOW_DELETED_HONOURED",
        on=DeletedAskedFor,
        check=deleted_shown,
        says="{subject} must list {promised}: {found}",
        why="The request asks for what is deleted, and it can still be undeleted.",
        fix="List soft-deleted resources where show_deleted is set.",
        source="https://google.aip.dev/164",
        profile=Profile.AIP,
    ),
    Check(
        id="UNDELETE_RESTORES",
        on=Undeleted,
        check=undelete_restores,
        says="{subject}, answered with OK, must bring back {promised}; found {found}",
        why="OK says that the deletion was undone.",
        fix="Clear the mark of deletion and nothing else.",
        source="https://google.aip.dev/164",
        profile=Profile.AIP,
    ),
    Check(
        id="WILDCARD_REPLACES",
        on=Replaced,
        check=wildcard_replaces,
        says="{subject}, updated with the mask `*`, must be {promised}; {found}",
        why="The mask `*` names every field, those that the request leaves unset included.",
        fix="Treat `*` as a full replacement, or refuse it.",
        source="https://google.aip.dev/134",
        profile=Profile.AIP,
    ),
    Check(
        id="DRY_RUN_CHANGES_NOTHING",
        on=DryChange,
        check=dry_run,
        says="{subject} promised {promised}; found {found}",
        why="A dry run that writes is none.",
        fix="Return before writing where validate_only is set.",
        source="https://google.aip.dev/163",
        profile=Profile.AIP,
    ),
    Check(
        id="REQUIRED_FIELD_ENFORCED",
        on=LeftOut,
        check=required_asked,
        says="{subject} is REQUIRED; without it {promised} is owed, answered {found}",
        why="The schema says that the request cannot do without the field.",
        fix="Refuse the request, or drop REQUIRED.",
        source="https://google.aip.dev/203",
        profile=Profile.AIP,
    ),
)
