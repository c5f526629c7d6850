"""Checks over the standard methods: get, create, update, delete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wireproof.checks.check import Check, Profile
from wireproof.checks.compare import coarser_times, differences, is_set, same
from wireproof.checks.facts import SERVER_FAULTS, UNJUDGED, Code, wrong_status
from wireproof.checks.kept import lost, swapped
from wireproof.checks.observations import (
    Deleted,
    OfNothing,
    ReadBack,
    Refused,
    Repeated,
    SecondCreate,
    ServerSetWritten,
    ValidatedOnly,
)
from wireproof.finding import Breach


def nothing_found(seen: OfNothing) -> Iterator[Breach]:
    yield from wrong_status(seen.subject.full_name, seen.exchanges[-1], Code.NOT_FOUND)


def read_back(seen: ReadBack) -> Iterator[Breach]:
    if seen.got is None:
        if not seen.unanswered:
            yield Breach(seen.subject.full_name, "what was created", "nothing")
        return
    for path in differences(seen.created, seen.got, seen.server_set):
        yield Breach(f"{seen.subject.full_name}: {path}", "what create answered", "something else")


def times_read_back(seen: ReadBack) -> Iterator[Breach]:
    if seen.got is not None:
        for path in coarser_times(seen.created, seen.got, seen.server_set):
            yield Breach(
                f"{seen.subject.full_name}: {path}", "the time that create told", "a cut one"
            )


def create_keeps(seen: ReadBack) -> Iterator[Breach]:
    if seen.declares_behavior:
        yield from _dropped(seen)


def create_may_keep(seen: ReadBack) -> Iterator[Breach]:
    if not seen.declares_behavior:
        yield from _dropped(seen)


def _dropped(seen: ReadBack) -> Iterator[Breach]:
    for path, wanted, found in lost(seen.sent, seen.created, seen.server_set):
        yield Breach(f"{seen.subject.full_name}: {path}", wanted, found)
    for one, other in swapped(seen.sent, seen.created, seen.server_set):
        yield Breach(f"{seen.subject.full_name}: {one}", "the value sent", f"that of {other}")


def second_refused(seen: SecondCreate) -> Iterator[Breach]:
    yield from wrong_status(seen.subject.full_name, seen.exchanges[-1], Code.ALREADY_EXISTS)


def repeated_once(seen: Repeated) -> Iterator[Breach]:
    if not seen.same_payload or seen.second_id == seen.first_id:
        return
    code = seen.exchanges[-1].code
    if code not in UNJUDGED | SERVER_FAULTS:
        found = "another resource" if seen.second_id is not None else code.name
        yield Breach(seen.subject.full_name, "the first reply for the same key", found)


def key_bound(seen: Repeated) -> Iterator[Breach]:
    if not seen.same_payload and seen.second_id not in (None, seen.first_id):
        yield Breach(seen.subject.full_name, "an error for the key with another payload", "OK")


def server_set_ignored(seen: ServerSetWritten) -> Iterator[Breach]:
    if is_set(seen.sent, seen.field) and same(seen.sent, seen.after, seen.field):
        yield Breach(
            f"{seen.subject.full_name}: {seen.field}", "the server's own value", "the caller's"
        )


def refusal_changes_nothing(seen: Refused) -> Iterator[Breach]:
    if seen.before is None:
        if seen.after is not None:
            yield Breach(seen.subject.full_name, "nothing created by a refused request", "created")
        return
    gone = seen.after is None and not seen.unanswered
    if gone or (seen.after is not None and any(differences(seen.before, seen.after))):
        yield Breach(seen.subject.full_name, "nothing changed by a refused request", "changed")


def delete_removes(seen: Deleted) -> Iterator[Breach]:
    if seen.read_back is not None:
        if not any(differences(seen.before, seen.read_back)):
            yield Breach(seen.subject.full_name, "gone, or marked as deleted", "unchanged")
    elif seen.read.code is not Code.NOT_FOUND and seen.read.code not in UNJUDGED | SERVER_FAULTS:
        yield Breach(seen.read.method.full_name, "NOT_FOUND after a delete", seen.read.code.name)


def deleted_stays_deleted(seen: Deleted) -> Iterator[Breach]:
    if seen.updated is not None and seen.updated.ok and seen.read.code is Code.NOT_FOUND:
        name = seen.updated.method.full_name
        yield Breach(name, "NOT_FOUND for what is deleted", "OK")


def delete_again(seen: Deleted) -> Iterator[Breach]:
    if seen.again is None or seen.idempotent:
        return
    if seen.again.code is not Code.NOT_FOUND and seen.again.code not in UNJUDGED | SERVER_FAULTS:
        yield Breach(seen.subject.full_name, "NOT_FOUND for what is deleted", seen.again.code.name)


def validate_only(seen: ValidatedOnly) -> Iterator[Breach]:
    if seen.exists:
        yield Breach(seen.subject.full_name, "nothing created with validate_only", "created")


STANDARD: tuple[Check[Any], ...] = (
    Check(
        id="NOTHING_IS_NOT_FOUND",
        on=OfNothing,
        check=nothing_found,
        says="{subject} of something that does not exist must answer {promised}, answered {found}",
        why="Clients tell an absent thing from a broken server by the status.",
        fix="Answer NOT_FOUND where the identifier names nothing.",
        source="https://google.aip.dev/131",
        profile=Profile.AIP,
    ),
    Check(
        id="READ_BACK",
        on=ReadBack,
        check=read_back,
        says="{subject} must read {promised}, read {found}",
        why="A reply that the next read contradicts was no promise.",
        fix="Answer a create with what was stored.",
        source="https://google.aip.dev/133",
        profile=Profile.AIP,
    ),
    Check(
        id="TIMES_READ_BACK",
        on=ReadBack,
        check=times_read_back,
        says="{subject} should read {promised}, read {found}",
        why="Clients that compare or page by the time of the first reply find nothing.",
        fix="Cut times to what the store keeps before answering.",
        source="https://google.aip.dev/133",
        profile=Profile.AIP,
    ),
    Check(
        id="CREATE_KEEPS_FIELDS",
        on=ReadBack,
        check=create_keeps,
        says="{subject} must keep {promised}, kept {found}",
        why="The schema marks what the server sets; what it does not mark is the caller's to set.",
        fix="Store the field, or mark it OUTPUT_ONLY.",
        source="https://google.aip.dev/203",
        profile=Profile.AIP,
    ),
    Check(
        id="CREATE_DROPS_FIELD",
        on=ReadBack,
        check=create_may_keep,
        says="{subject} should keep {promised}, kept {found}",
        why="A caller's value was dropped without a word.",
        fix="Store the field, or mark it OUTPUT_ONLY.",
        source="heuristic",
        profile=Profile.AIP,
    ),
    Check(
        id="DUPLICATE_REFUSED",
        on=SecondCreate,
        check=second_refused,
        says="{subject} under an identifier that is taken must answer {promised}, answered {found}",
        why="A second create must neither replace the first nor pass for it.",
        fix="Answer ALREADY_EXISTS.",
        source="https://google.aip.dev/133",
        profile=Profile.AIP,
    ),
    Check(
        id="IDEMPOTENCY_KEY_HONOURED",
        on=Repeated,
        check=repeated_once,
        says="{subject} sent twice must give {promised}, gave {found}",
        why="A client that repeats a lost call creates twice.",
        fix="Remember the key with the reply, in the transaction that creates.",
        source="https://google.aip.dev/155",
        profile=Profile.AIP,
    ),
    Check(
        id="IDEMPOTENCY_KEY_BOUND",
        on=Repeated,
        check=key_bound,
        says="{subject} must answer {promised}, answered {found}",
        why="A key that was used for another request is a client's mistake that must show.",
        fix="Remember a digest of the request with its key.",
        source="https://google.aip.dev/155",
        profile=Profile.AIP,
    ),
    Check(
        id="OUTPUT_ONLY_IGNORED",
        on=ServerSetWritten,
        check=server_set_ignored,
        says="{subject} is OUTPUT_ONLY and must hold {promised}, holds {found}",
        why="The schema says that only the server sets this field.",
        fix="Clear output-only fields of every request before using it.",
        source="https://google.aip.dev/203",
    ),
    Check(
        id="REFUSAL_CHANGES_NOTHING",
        on=Refused,
        check=refusal_changes_nothing,
        says="{subject} promised {promised}; found it {found}",
        why="An error tells the caller that nothing happened.",
        fix="Validate before writing, and write in one transaction.",
        source="https://google.aip.dev/193",
    ),
    Check(
        id="DELETE_REMOVES",
        on=Deleted,
        check=delete_removes,
        says="what {subject} deleted must be {promised}; it is {found}",
        why="OK says that the delete was done.",
        fix="Remove the resource, or mark it as deleted where readers see it.",
        source="https://google.aip.dev/135",
        profile=Profile.AIP,
    ),
    Check(
        id="DELETED_NOT_UPDATED",
        on=Deleted,
        check=deleted_stays_deleted,
        says="{subject} must answer {promised}, answered {found}",
        why="A write to what is gone is lost, or brings it back.",
        fix="Look for the resource before updating it, deleted ones left out.",
        source="https://google.aip.dev/134",
        profile=Profile.AIP,
    ),
    Check(
        id="DELETE_AGAIN_NOT_FOUND",
        on=Deleted,
        check=delete_again,
        says="{subject} a second time must answer {promised}, answered {found}",
        why="Clients tell a delete that did something from one that did not.",
        fix="Answer NOT_FOUND where nothing is left to delete.",
        source="https://google.aip.dev/135",
        profile=Profile.AIP,
    ),
    Check(
        id="VALIDATE_ONLY_CHANGES_NOTHING",
        on=ValidatedOnly,
        check=validate_only,
        says="{subject} promised {promised}; found it {found}",
        why="A dry run that writes is none.",
        fix="Return before writing where validate_only is set.",
        source="https://google.aip.dev/163",
        profile=Profile.AIP,
    ),
)
