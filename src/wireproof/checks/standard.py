"""Checks over the standard methods: get, create, update, delete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wireproof.checks.check import Check, Profile
from wireproof.checks.compare import differences, inside, is_set, same, value_at
from wireproof.checks.facts import SERVER_FAULTS, UNJUDGED, Code
from wireproof.checks.observations import (
    BrokenUpdate,
    Deleted,
    ImmutableWritten,
    ImpossiblePath,
    Observation,
    OfNothing,
    ReadBack,
    Refused,
    Repeated,
    SecondCreate,
    ServerSetWritten,
    Twice,
    Updated,
    ValidatedOnly,
)
from wireproof.exchange import Exchange
from wireproof.finding import Breach


def _wrong_status(seen: Observation, x: Exchange, wanted: Code) -> Iterator[Breach]:
    if x.code is not wanted and x.code not in UNJUDGED | SERVER_FAULTS:
        yield Breach(seen.subject.full_name, wanted.name, x.code.name)


def nothing_found(seen: OfNothing) -> Iterator[Breach]:
    yield from _wrong_status(seen, seen.exchanges[-1], Code.NOT_FOUND)


def read_back(seen: ReadBack) -> Iterator[Breach]:
    if seen.got is None:
        yield Breach(seen.subject.full_name, "what was created", "nothing")
        return
    for path in differences(seen.created, seen.got, seen.server_set):
        yield Breach(f"{seen.subject.full_name}: {path}", "what create answered", "something else")


def create_keeps(seen: ReadBack) -> Iterator[Breach]:
    if seen.declares_behavior:
        yield from _dropped(seen)


def create_may_keep(seen: ReadBack) -> Iterator[Breach]:
    if not seen.declares_behavior:
        yield from _dropped(seen)


def _dropped(seen: ReadBack) -> Iterator[Breach]:
    for path in differences(seen.sent, seen.created, seen.server_set):
        if is_set(seen.sent, path) and not is_set(seen.created, path):
            yield Breach(f"{seen.subject.full_name}: {path}", "the value sent", "nothing")


def second_refused(seen: SecondCreate) -> Iterator[Breach]:
    yield from _wrong_status(seen, seen.exchanges[-1], Code.ALREADY_EXISTS)


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


def immutable_kept(seen: ImmutableWritten) -> Iterator[Breach]:
    if not same(seen.before, seen.after, seen.field):
        yield Breach(
            f"{seen.subject.full_name}: {seen.field}", "a value that never changes", "a change"
        )


def update_applies(seen: Updated) -> Iterator[Breach]:
    for path in sorted(seen.paths):
        wanted, now = value_at(seen.sent, path), value_at(seen.after, path)
        if now != wanted and now == value_at(seen.before, path):
            yield Breach(_of(seen, path), "the new value", "the old one")
        elif now != wanted and is_set(seen.sent, path) and not is_set(seen.after, path):
            yield Breach(_of(seen, path), "the new value", "nothing")


def mask_limits(seen: Updated) -> Iterator[Breach]:
    if seen.masked:
        yield from _touched(seen)


def unset_kept(seen: Updated) -> Iterator[Breach]:
    if not seen.masked:
        yield from _touched(seen)


def _touched(seen: Updated) -> Iterator[Breach]:
    for path in differences(seen.before, seen.after, seen.server_set):
        if inside(path, seen.paths):
            continue
        cleared = is_set(seen.before, path) and not is_set(seen.after, path)
        what = "the mask leaves out" if seen.masked else "the request leaves out"
        found = "cleared" if cleared else "changed"
        yield Breach(_of(seen, path), f"untouched, as {what} the field", found)


def _of(seen: Updated, path: str) -> str:
    return f"{seen.subject.full_name}: {path}"


def impossible_path(seen: ImpossiblePath) -> Iterator[Breach]:
    yield from _wrong_status(seen, seen.exchanges[-1], Code.INVALID_ARGUMENT)


def update_keeps_rules(seen: BrokenUpdate) -> Iterator[Breach]:
    if seen.stored:
        yield Breach(
            f"{seen.subject.full_name}: {seen.path}",
            f"{seen.rule} of the resource kept",
            "a resource that breaks it",
        )


def refusal_changes_nothing(seen: Refused) -> Iterator[Breach]:
    if seen.before is None:
        if seen.after is not None:
            yield Breach(seen.subject.full_name, "nothing created by a refused request", "created")
        return
    if seen.after is None or any(differences(seen.before, seen.after)):
        yield Breach(seen.subject.full_name, "nothing changed by a refused request", "changed")


def twice_is_once(seen: Twice) -> Iterator[Breach]:
    if seen.second is None:
        code = seen.exchanges[-1].code
        if code not in UNJUDGED | SERVER_FAULTS:
            yield Breach(seen.subject.full_name, "the same outcome twice", code.name)
        return
    for path in differences(seen.first, seen.second, seen.server_set):
        yield Breach(f"{seen.subject.full_name}: {path}", "the same outcome twice", "another")


def delete_removes(seen: Deleted) -> Iterator[Breach]:
    if seen.read_back is not None:
        if not any(differences(seen.before, seen.read_back)):
            yield Breach(seen.subject.full_name, "gone, or marked as deleted", "unchanged")
    elif seen.read.code is not Code.NOT_FOUND and seen.read.code not in UNJUDGED | SERVER_FAULTS:
        yield Breach(seen.read.method.full_name, "NOT_FOUND after a delete", seen.read.code.name)


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
        id="IMMUTABLE_KEPT",
        on=ImmutableWritten,
        check=immutable_kept,
        says="{subject} is IMMUTABLE and must hold {promised}: found {found}",
        why="The schema says that this field never changes.",
        fix="Refuse or ignore a change of it.",
        source="https://google.aip.dev/203",
    ),
    Check(
        id="UPDATE_APPLIED",
        on=Updated,
        check=update_applies,
        says="{subject}, updated with OK, must hold {promised}, holds {found}",
        why="OK says that the update was done.",
        fix="Apply every path that the mask names, or refuse the request.",
        source="google/protobuf/field_mask.proto; https://google.aip.dev/134",
    ),
    Check(
        id="MASK_LIMITS_UPDATE",
        on=Updated,
        check=mask_limits,
        says="{subject} must stay {promised}; it was {found}",
        why="A caller that names one field overwrites what others wrote to the rest.",
        fix="Change only the paths of the mask.",
        source="google/protobuf/field_mask.proto; https://google.aip.dev/134",
    ),
    Check(
        id="UPDATE_KEEPS_UNSET",
        on=Updated,
        check=unset_kept,
        says="{subject} must stay {promised}; it was {found}",
        why="Without a mask an update changes the populated fields only.",
        fix="Treat an absent mask as the list of the populated fields.",
        source="https://google.aip.dev/134",
        profile=Profile.AIP,
    ),
    Check(
        id="IMPOSSIBLE_PATH_REFUSED",
        on=ImpossiblePath,
        check=impossible_path,
        says="{subject} with a mask that names no field must answer {promised}, answered {found}",
        why="A mistyped path would otherwise pass for an update.",
        fix="Check every path of the mask against the schema.",
        source="https://google.aip.dev/161",
        profile=Profile.AIP,
    ),
    Check(
        id="UPDATE_KEEPS_RULES",
        on=BrokenUpdate,
        check=update_keeps_rules,
        says="{subject} was updated with OK: promised {promised}, found {found}",
        why="What create refuses must not come in by an update.",
        fix="Validate the resource that the update would make.",
        source="https://protovalidate.com",
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
        id="TWICE_IS_ONCE",
        on=Twice,
        check=twice_is_once,
        says="{subject} is declared idempotent and owes {promised}, gave {found}",
        why="The schema lets clients and proxies repeat the call.",
        fix="Make the second call change nothing, or drop idempotency_level.",
        source="google/protobuf/descriptor.proto, MethodOptions.IdempotencyLevel",
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
