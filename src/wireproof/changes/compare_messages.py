"""What differs between two versions of a message, its fields and oneofs included."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf import descriptor_pb2

from wireproof.changes import kinds
from wireproof.changes.change import Change
from wireproof.changes.compare_enums import enum_changes, reserved_changes, visibility_changes
from wireproof.changes.compare_fields import field_changes
from wireproof.changes.declarations import declaration_changes
from wireproof.changes.languages import language_changes
from wireproof.changes.matching import Matched, match_types
from wireproof.changes.options import option_changes
from wireproof.changes.versions import Versions
from wireproof.schema.elements import File, MessageType, Oneof
from wireproof.schema.spans import freed, in_words


def message_changes(matched: Matched[MessageType], versions: Versions) -> Iterator[Change]:
    """Everything that happened to the messages of one scope and inside them.

    A message that is gone took along all that it declared, which is told with it.
    """
    for gone in matched.removed:
        if not gone.is_map_entry:
            yield kinds.MessageRemoved(gone, _around(gone, versions))
    for fresh in matched.added:
        if not fresh.is_map_entry:
            yield kinds.MessageAdded(fresh)
    for old, new in matched.renamed:
        if not old.is_map_entry:
            yield kinds.MessageRenamed(old, new)
        yield from altered_message(old, new, versions)
    for old, new in matched.pairs:
        if old.file.name != new.file.name and isinstance(old.parent, File):
            yield kinds.MessageMoved(old, new)
        if old.proto != new.proto or old.features != new.features:
            yield from altered_message(old, new, versions)


def altered_message(old: MessageType, new: MessageType, versions: Versions) -> Iterator[Change]:
    """What differs inside one message."""
    if old.is_map_entry and new.is_map_entry:  # told by the field that made it
        return
    yield from option_changes(old, new, versions)
    yield from language_changes(old, new)
    yield from field_changes(old, new, versions)
    yield from _oneofs(old, new, versions)
    yield from reserved_changes(old, new)
    yield from visibility_changes(old, new)
    if gone := freed(old.extension_ranges, new.extension_ranges):
        yield kinds.ExtensionRangeRemoved(old, new, ", ".join(map(in_words, gone)), "none")
    yield from declaration_changes(old, new)
    if (was := json_format(old)) != (now := json_format(new)):
        yield kinds.JsonFormatChanged(old, new, was, now)
    if old.messages or new.messages:
        yield from message_changes(match_types(old.messages, new.messages, versions), versions)
    if old.enums or new.enums:
        yield from enum_changes(match_types(old.enums, new.enums, versions), versions)


def json_format(one: MessageType) -> str:
    allowed = one.features.json == descriptor_pb2.FeatureSet.ALLOW
    return "allowed" if allowed else "best effort"


def _around(gone: MessageType, versions: Versions) -> File | MessageType | None:
    """What is left in the new version of the place it stood in."""
    parent = gone.parent
    if isinstance(parent, MessageType):
        return versions.new.message(versions.new_name(parent.full_name))
    known = gone.file.name in versions.new.schema.by_name
    return versions.new.file(gone.file.name) if known else None


def _oneofs(old: MessageType, new: MessageType, versions: Versions) -> Iterator[Change]:
    here = {oneof.name: oneof for oneof in new.oneofs}
    before = {oneof.name for oneof in old.oneofs}
    kept: set[str] = set()
    for oneof in old.oneofs:
        found = here.get(oneof.name)
        if found is not None:
            yield from option_changes(oneof, found, versions)
        elif (found := _same_members(oneof, new)) and found.name not in before | kept:
            kept.add(found.name)
            yield kinds.OneofRenamed(oneof, found)
            yield from option_changes(oneof, found, versions)
        else:
            yield kinds.OneofRemoved(oneof, new)
    yield from (kinds.OneofAdded(o) for n, o in here.items() if n not in before | kept)


def _same_members(oneof: Oneof, new: MessageType) -> Oneof | None:
    """The new oneof in which most of its members, and no field from elsewhere, are."""
    numbers = {field.number for field in oneof.fields}
    found = {f.oneof.name: f.oneof for n in numbers if (f := new.by_number.get(n)) and f.oneof}
    return next(iter(found.values())) if len(found) == 1 else None
