"""Checks over updates: what they change, what they leave alone, what they refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message

from wireproof.checks.check import Check, Profile
from wireproof.checks.compare import branches, differences, inside, is_set, same, value_at
from wireproof.checks.facts import SERVER_FAULTS, UNJUDGED, Code, wrong_status
from wireproof.checks.kept import alike
from wireproof.checks.observations import (
    BrokenUpdate,
    ImmutableWritten,
    ImpossiblePath,
    Twice,
    Updated,
)
from wireproof.finding import Breach


def immutable_kept(seen: ImmutableWritten) -> Iterator[Breach]:
    if seen.after is not None and not same(seen.before, seen.after, seen.field):
        yield Breach(_named(seen), "a value that never changes", "a change")


def immutable_refused(seen: ImmutableWritten) -> Iterator[Breach]:
    if seen.after is None:
        yield from wrong_status(_named(seen), seen.exchanges[-1], Code.INVALID_ARGUMENT)


def _named(seen: ImmutableWritten) -> str:
    return f"{seen.subject.full_name}: {seen.field}"


def update_applies(seen: Updated) -> Iterator[Breach]:
    for path in sorted(seen.paths):
        wanted, now = value_at(seen.sent, path), value_at(seen.after, path)
        if alike(now, wanted):
            continue  # a server may tidy up
        if now == value_at(seen.before, path):
            yield Breach(_of(seen, path), "the new value", "the old one")
        elif is_set(seen.sent, path) and not is_set(seen.after, path):
            yield Breach(_of(seen, path), "the new value", "nothing")


def mask_limits(seen: Updated) -> Iterator[Breach]:
    if seen.masked:
        yield from _touched(seen)


def unset_kept(seen: Updated) -> Iterator[Breach]:
    if not seen.masked:
        yield from _touched(seen)


def creation_kept(seen: Updated) -> Iterator[Breach]:
    for path in seen.creation:
        if not same(seen.before, seen.after, path):
            yield Breach(_of(seen, path), "the time of creation", "another")


def update_replaces(seen: Updated) -> Iterator[Breach]:
    for path in sorted(seen.paths) if seen.masked else ():
        before, wanted, now = (value_at(m, path) for m in (seen.before, seen.sent, seen.after))
        if not hasattr(wanted, "__len__") or isinstance(wanted, str | bytes | Message):
            continue
        old = [one for one in before if one not in wanted]
        if old and all(one in now for one in (*old, *wanted)):
            yield Breach(_of(seen, path), "the new items alone", "those that were there too")


def etag_moves(seen: Updated) -> Iterator[Breach]:
    told = "etag" in seen.before.DESCRIPTOR.fields_by_name and is_set(seen.before, "etag")
    if told and _changed(seen) and same(seen.before, seen.after, "etag"):
        yield Breach(_of(seen, "etag"), "another etag after a change", "the same")


def update_time_moves(seen: Updated) -> Iterator[Breach]:
    for field in seen.before.DESCRIPTOR.fields if _changed(seen) else ():
        timed = field.message_type is not None and field.message_type.full_name == _TIME
        if timed and _UPDATE_TIME.match(field.name):
            fine = bool(getattr(seen.before, field.name).nanos)  # a second may be told twice
            if fine and same(seen.before, seen.after, field.name):
                yield Breach(_of(seen, field.name), "a later time after a change", "the same")


def _changed(seen: Updated) -> bool:
    return any(differences(seen.before, seen.after, seen.server_set))


_TIME = "google.protobuf.Timestamp"
_UPDATE_TIME = re.compile(r"^(last_)?(updated?|modified|changed)_?(time|at|on)$")


def _touched(seen: Updated) -> Iterator[Breach]:
    others = frozenset(other for path in seen.paths for other in branches(seen.sent, path))
    for path in differences(seen.before, seen.after, seen.server_set):
        if inside(path, seen.paths | others):
            continue
        cleared = is_set(seen.before, path) and not is_set(seen.after, path)
        what = "the mask leaves out" if seen.masked else "the request leaves out"
        found = "cleared" if cleared else "changed"
        yield Breach(_of(seen, path), f"untouched, as {what} the field", found)


def _of(seen: Updated, path: str) -> str:
    return f"{seen.subject.full_name}: {path}"


def impossible_path(seen: ImpossiblePath) -> Iterator[Breach]:
    yield from wrong_status(seen.subject.full_name, seen.exchanges[-1], Code.INVALID_ARGUMENT)


def update_keeps_rules(seen: BrokenUpdate) -> Iterator[Breach]:
    if seen.stored:
        yield Breach(
            f"{seen.subject.full_name}: {seen.path}",
            f"{seen.rule} of the resource kept",
            "a resource that breaks it",
        )


def twice_is_once(seen: Twice) -> Iterator[Breach]:
    if seen.second is None:
        code = seen.exchanges[-1].code
        if code not in UNJUDGED | SERVER_FAULTS:
            yield Breach(seen.subject.full_name, "the same outcome twice", code.name)
        return
    for path in differences(seen.first, seen.second, seen.server_set):
        yield Breach(f"{seen.subject.full_name}: {path}", "the same outcome twice", "another")


UPDATES: tuple[Check[Any], ...] = (
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
        id="IMMUTABLE_CHANGE_INVALID",
        on=ImmutableWritten,
        check=immutable_refused,
        says="{subject} is IMMUTABLE; a refused change owes {promised}, answered {found}",
        why="A client that asks for what can never be must learn that the mistake is its own.",
        fix="Answer INVALID_ARGUMENT, or ignore the field.",
        source="https://google.aip.dev/203",
        profile=Profile.AIP,
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
        id="UPDATE_REPLACES",
        on=Updated,
        check=update_replaces,
        says="{subject}, updated with OK, should hold {promised}; found {found}",
        why="A caller can add items and never take one away.",
        fix="Replace lists and maps that the mask names.",
        source="https://google.aip.dev/161",
        profile=Profile.AIP,
    ),
    Check(
        id="ETAG_MOVES",
        on=Updated,
        check=etag_moves,
        says="{subject} must be {promised}, is {found}",
        why="Who compares etags overwrites a change that it has not seen.",
        fix="Compute the etag of what is stored, after each write.",
        source="https://google.aip.dev/154",
        profile=Profile.AIP,
    ),
    Check(
        id="UPDATE_TIME_MOVES",
        on=Updated,
        check=update_time_moves,
        says="{subject} must be {promised}, is {found}",
        why="Whoever asks for what changed since then misses it.",
        fix="Set the time of update in the transaction that updates.",
        source="https://google.aip.dev/148",
        profile=Profile.AIP,
    ),
    Check(
        id="CREATION_TIME_KEPT",
        on=Updated,
        check=creation_kept,
        says="{subject} must stay {promised}; it is {found}",
        why="Whatever sorts or pages by it moves with every update.",
        fix="Write the time of creation once.",
        source="https://google.aip.dev/148",
        profile=Profile.AIP,
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
        id="TWICE_IS_ONCE",
        on=Twice,
        check=twice_is_once,
        says="{subject} is declared idempotent and owes {promised}, gave {found}",
        why="The schema lets clients and proxies repeat the call.",
        fix="Make the second call change nothing, or drop idempotency_level.",
        source="google/protobuf/descriptor.proto, MethodOptions.IdempotencyLevel",
    ),
)
