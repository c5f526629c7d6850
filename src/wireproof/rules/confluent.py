"""Confluent's published Protobuf compatibility, as its Schema Registry judges two schemas.

It follows the registry's own categories and not what happens to data: it lets some lossy changes
pass (int64 to int32) and refuses some harmless ones. Fields are matched by number; the old schema
is the writer's, the new one the reader's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wireproof.changes.versions import Versions
from wireproof.finding import Breaks, Finding, Surface
from wireproof.schema.elements import File, MessageType
from wireproof.schema.fields import Field

VERSION = "8"
"""The major version of Confluent Platform whose verdicts the table holds."""

INCOMPATIBLE: dict[str, str] = {
    "PACKAGE_CHANGED": "the package differs",
    "MESSAGE_REMOVED": "the message is missing",
    "FIELD_KIND_CHANGED": "the field holds a scalar, message or map where it held another",
    "FIELD_SCALAR_KIND_CHANGED": "the scalar is of another group of types",
    "FIELD_NAMED_TYPE_CHANGED": "the field holds another message",
    "FIELD_NUMERIC_LABEL_CHANGED": "the label of a numeric field differs",
    "REQUIRED_FIELD_ADDED": "a required field was added",
    "REQUIRED_FIELD_REMOVED": "a required field is missing",
    "ONEOF_FIELD_REMOVED": "a field of a oneof is missing",
    "MULTIPLE_FIELDS_MOVED_TO_ONEOF": "several fields moved into one oneof",
    "FIELD_MOVED_TO_EXISTING_ONEOF": "a field moved into a oneof that others were in",
}
"""Differences that the registry refuses; every other one it lets pass."""

_GROUPS = {
    **dict.fromkeys(("int32", "int64", "uint32", "uint64", "bool", "enum"), "general number"),
    **dict.fromkeys(("sint32", "sint64"), "signed number"),
    **dict.fromkeys(("string", "bytes"), "string or bytes"),
    **dict.fromkeys(("fixed32", "sfixed32"), "fixed 32"),
    **dict.fromkeys(("fixed64", "sfixed64"), "fixed 64"),
    "float": "float",
    "double": "double",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference that the registry refuses, with the elements that show it."""

    kind: str
    original: Any
    update: Any
    promised: str
    found: str


def differences(versions: Versions) -> Iterator[Difference]:
    """What the registry refuses when data of the old version must be read with the new one."""
    judge = _Judge(versions)
    for name in versions.old_files:
        original = versions.old.file(name)
        if name in versions.new.schema.by_name:
            yield from judge.files(original, versions.new.file(name))
        else:
            yield from (_removed(m) for m in original.messages)


def findings(versions: Versions, *, reverse: bool = False) -> Iterator[Finding]:
    """The differences as findings; *reverse* where new data must be read with the old version."""
    for one in differences(versions):
        at = one.original if reverse and one.original is not None else one.update or one.original
        yield Finding(
            id=f"CONFLUENT_{one.kind}",
            subject=(one.original or one.update).full_name,
            promised=one.promised,
            found=one.found,
            message=f"{(one.original or one.update).full_name}: {INCOMPATIBLE[one.kind]} "
            f"({one.promised} became {one.found})",
            why=f"Confluent Schema Registry {VERSION} refuses such a schema.",
            fix="Keep the element as it is, or register the schema under another subject.",
            surfaces=(Surface.WIRE,),
            breaks=(Breaks.OLD_READER if reverse else Breaks.STORED,),
            location=at.file.location(at.path),
        )


class _Judge:
    """The comparison; it remembers the messages it is inside of, since they may be recursive."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._inside: set[tuple[str, str]] = set()

    def files(self, original: File, update: File) -> Iterator[Difference]:
        if original.package != update.package:
            was, now = original.package or "none", update.package or "none"
            yield Difference("PACKAGE_CHANGED", original, update, was, now)
        yield from self.scope(original, update)

    def scope(
        self, original: File | MessageType, update: File | MessageType
    ) -> Iterator[Difference]:
        """The messages that one file or message declares, by name."""
        here = {m.name: m for m in update.messages if not m.is_map_entry}
        for message in original.messages:
            if message.is_map_entry:
                continue
            if message.name in here:
                yield from self.messages(message, here[message.name])
            else:
                yield _removed(message)

    def messages(self, original: MessageType, update: MessageType) -> Iterator[Difference]:
        both = original.full_name, update.full_name
        if both in self._inside:
            return
        self._inside.add(both)
        yield from self.oneofs(original, update)
        yield from self.fields(original, update)
        self._inside.discard(both)
        yield from self.scope(original, update)

    def oneofs(self, original: MessageType, update: MessageType) -> Iterator[Difference]:
        for oneof in update.oneofs:
            before = [f for m in oneof.fields if (f := original.by_number.get(m.number))]
            moved = [f for f in before if f.oneof is None]
            names = ", ".join(f.name for f in moved)
            if len(moved) > 1:
                kind = "MULTIPLE_FIELDS_MOVED_TO_ONEOF"
                yield Difference(kind, None, oneof, names, f"oneof {oneof.name}")
            elif moved and len(before) > 1:
                kind = "FIELD_MOVED_TO_EXISTING_ONEOF"
                yield Difference(kind, moved[0], oneof, names, f"oneof {oneof.name}")

    def fields(self, original: MessageType, update: MessageType) -> Iterator[Difference]:
        kept = {oneof.name for oneof in update.oneofs}
        for field in original.fields:
            found = update.by_number.get(field.number)
            if found is not None:
                yield from self.field(field, found)
            elif field.required:
                yield Difference("REQUIRED_FIELD_REMOVED", field, update, "required", "missing")
            elif field.oneof and field.oneof.name in kept:
                promised = f"in oneof {field.oneof.name}"
                yield Difference("ONEOF_FIELD_REMOVED", field, update, promised, "missing")
        for field in update.fields:
            if field.required and field.number not in original.by_number:
                yield Difference("REQUIRED_FIELD_ADDED", None, field, "missing", "required")

    def field(self, original: Field, update: Field) -> Iterator[Difference]:
        yield from self.types(original, update, original, update)
        was, now = _label(original), _label(update)
        scalars = original.kind in _GROUPS and update.kind in _GROUPS
        numeric = scalars and _GROUPS[original.kind] != "string or bytes"
        same = scalars and _GROUPS[original.kind] == _GROUPS[update.kind]
        if numeric and same and was and now and was != now:
            yield Difference("FIELD_NUMERIC_LABEL_CHANGED", original, update, was, now)

    def types(
        self, original: Field, update: Field, shown: Field, at: Field
    ) -> Iterator[Difference]:
        """*shown* and *at* are the fields themselves where the two are a map's key or value."""
        words = shown.type_words, at.type_words
        if _kind(original) != _kind(update):
            yield Difference("FIELD_KIND_CHANGED", shown, at, *words)
        elif original.map_entry and update.map_entry:
            pairs = zip(original.map_entry.fields, update.map_entry.fields, strict=True)
            for was, now in pairs:
                yield from self.types(was, now, shown, at)
        elif _kind(original) == "scalar":
            if _GROUPS[original.kind] != _GROUPS[update.kind]:
                yield Difference("FIELD_SCALAR_KIND_CHANGED", shown, at, *words)
        elif self._another(original, update):
            yield Difference("FIELD_NAMED_TYPE_CHANGED", shown, at, *words)

    def _another(self, original: Field, update: Field) -> bool:
        """Whether the held message has another local name, or no longer reads the old one."""
        was = self._versions.old.message(original.type_name)
        now = self._versions.new.message(update.type_name)
        if was is None or now is None:
            return original.type_name != update.type_name
        if _local(was) != _local(now):
            return True
        return any(True for _ in self.messages(was, now))


def _removed(message: MessageType) -> Difference:
    return Difference("MESSAGE_REMOVED", message, None, message.full_name, "missing")


def _local(message: MessageType) -> str:
    return message.full_name.removeprefix(f"{message.file.package}.")


def _kind(field: Field) -> str:
    if field.map_entry:
        return "map"
    return "message" if field.kind in ("message", "group") else "scalar"


def _label(field: Field) -> str:
    """The label that the source writes; proto3's implicit fields have none."""
    return "" if field.cardinality in ("implicit", "map") or field.oneof else field.cardinality
