"""The walk that finds what Confluent's registry looks at: files by name, fields by number.

*was* is the version that data is written with, *now* the one that it is read with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from wireproof.rules.confluent_table import LATEST, SCALARS, Table
from wireproof.schema.elements import File, MessageType, Oneof
from wireproof.schema.fields import Field
from wireproof.schema.index import Index


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference that the registry refuses."""

    kind: str
    subject: str
    was: Any
    """The element in the writer's version, or what holds it there."""
    now: Any
    promised: str
    found: str


def differences(was: Index, now: Index, table: Table = LATEST) -> Iterator[Difference]:
    """What the registry refuses, file by file: each is a subject, those it imports references.

    A file that *now* lacks gets no new version, so the registry has nothing to judge.
    """
    known: Known = {}
    for name in sorted(was.schema.own & now.schema.by_name.keys()):
        yield from _Subject(was, now, name, table, known).differences()


Known = dict[tuple[str, str], list[Difference]]
"""Pairs of referenced messages that were compared: no reference leads back to a subject."""


class _Subject:
    """One file in both versions."""

    def __init__(self, was: Index, now: Index, name: str, table: Table, known: Known) -> None:
        self._was, self._now = was, now
        self._files = was.file(name), now.file(name)
        self._table = table
        self._known = known
        self._inside: set[str] = set()
        """The messages that are being compared: they may contain themselves."""

    def differences(self) -> Iterator[Difference]:
        was, now = self._files
        if was.package != now.package:
            packages = was.package or "none", now.package or "none"
            yield Difference("PACKAGE_CHANGED", was.name, was, now, *packages)
        yield from self._scope(was, now)

    def _scope(self, was: File | MessageType, now: File | MessageType) -> Iterator[Difference]:
        """The messages that a file or message declares, by name."""
        here = {message.name: message for message in _declared(now)}
        for message in _declared(was):
            heir = here.get(message.name)
            if heir is not None:
                yield from self._message(message, heir)
            else:
                name = message.full_name
                yield Difference("MESSAGE_REMOVED", name, message, now, name, "missing")

    def _message(self, was: MessageType, now: MessageType) -> Iterator[Difference]:
        if was.full_name in self._inside:
            return
        self._inside.add(was.full_name)
        for oneof in now.oneofs:
            yield from self._mates(was, oneof)
        yield from self._gone(was, now)
        yield from self._required(was, now)
        yield from self._kept(was, now)
        self._inside.discard(was.full_name)
        yield from self._scope(was, now)

    def _mates(self, was: MessageType, oneof: Oneof) -> Iterator[Difference]:
        """Fields that exclude one another now and could be set together before."""
        known = _fields(was)
        mates = (f for f in oneof.fields if not _is_group(f))
        before = [f for mate in mates if (f := known.get(mate.number))]
        free = [field for field in before if field.oneof is None]
        groups = {field.oneof.name for field in before if field.oneof is not None}
        if not self._table.by_number:
            groups = {"one"} if groups and free else set()
        if len(free) + len(groups) > 1:
            many = "MULTIPLE_FIELDS_MOVED_TO_ONEOF"
            kind = many if len(free) > 1 else "FIELD_MOVED_TO_EXISTING_ONEOF"
            names = ", ".join(field.name for field in before)
            yield Difference(kind, oneof.full_name, was, oneof, names, f"oneof {oneof.name}")

    def _gone(self, was: MessageType, now: MessageType) -> Iterator[Difference]:
        oneofs = {oneof.name: oneof for oneof in now.oneofs}
        here = _fields(now)
        for field in _fields(was).values():
            heir = here.get(field.number)
            if field.oneof is not None:
                kept = oneofs.get(field.oneof.name)
                left = heir is None or (
                    not self._table.by_number and _name(heir) != field.oneof.name
                )
                if kept is not None and left:
                    promised = f"in oneof {field.oneof.name}"
                    yield _missing("ONEOF_FIELD_REMOVED", field, now, promised)
            elif field.required and heir is None:
                yield _missing("REQUIRED_FIELD_REMOVED", field, now, "required")

    def _required(self, was: MessageType, now: MessageType) -> Iterator[Difference]:
        known = _fields(was)
        for field in _fields(now).values():
            before = known.get(field.number)
            if field.required and (before is None or before.oneof is not None):
                kind, name = "REQUIRED_FIELD_ADDED", field.full_name
                yield Difference(kind, name, was, field, "not required", "required")

    def _kept(self, was: MessageType, now: MessageType) -> Iterator[Difference]:
        here = _fields(now)
        for field in _fields(was).values():
            heir = here.get(field.number)
            if heir is None or (not self._table.by_number and _name(field) != _name(heir)):
                continue
            yield from self._types(field, heir, field, heir)
            yield from _labels(field, heir)

    def _types(self, was: Field, now: Field, shown: Field, at: Field) -> Iterator[Difference]:
        """*shown* and *at* are the fields themselves where the two are a map's keys or values."""
        if _kind(was) != _kind(now):
            yield _changed("FIELD_KIND_CHANGED", shown, at)
        elif was.map_entry and now.map_entry:
            for one, other in zip(was.map_entry.fields, now.map_entry.fields, strict=True):
                yield from self._types(one, other, shown, at)
        elif _kind(was) == "message":
            yield from self._named(was, now, shown, at)
        elif SCALARS[was.kind] != SCALARS[now.kind]:
            yield _changed("FIELD_SCALAR_KIND_CHANGED", shown, at)

    def _named(self, was: Field, now: Field, shown: Field, at: Field) -> Iterator[Difference]:
        """Messages of another local name, or of a reference that does not fit any more."""
        held, heir = self._was.message(was.type_name), self._now.message(now.type_name)
        if held is None or heir is None:
            if was.type_name != now.type_name:
                yield _changed("FIELD_NAMED_TYPE_CHANGED", shown, at)
        elif _local(held) != _local(heir):
            yield _changed("FIELD_NAMED_TYPE_CHANGED", shown, at)
        elif not self._same_origin(held.file, heir.file):
            both = held.full_name, heir.full_name
            if both not in self._known:
                self._known[both] = list(self._message(held, heir))
            yield from self._known[both]
            if self._known[both]:
                yield _changed("FIELD_NAMED_TYPE_CHANGED", shown, at)

    def _same_origin(self, was: File, now: File) -> bool:
        """Whether both types are the subject's own, which are compared where they are declared, or
        of one version of one reference.
        """
        if (was, now) == self._files:
            return True
        packed = self._was.schema.by_name[was.name], self._now.schema.by_name.get(was.name)
        return was.name == now.name and packed[1] is not None and packed[0].data == packed[1].data


def _declared(scope: File | MessageType) -> Iterable[MessageType]:
    fields = scope.fields if isinstance(scope, MessageType) else ()
    groups = {field.type_name for field in fields if _is_group(field)}
    return (m for m in scope.messages if not m.is_map_entry and m.full_name not in groups)


def _fields(message: MessageType) -> dict[int, Field]:
    """By number. A group is neither a field nor a message to the registry: it looks at none."""
    return {field.number: field for field in message.fields if not _is_group(field)}


def _is_group(field: Field) -> bool:
    return field.proto.type == field.proto.TYPE_GROUP


def _labels(was: Field, now: Field) -> Iterator[Difference]:
    """A label that was written and that another replaces, of a number within its group."""
    labels = _label(was), _label(now)
    if not all(labels) or labels[0] == labels[1] or not {was.kind, now.kind} <= SCALARS.keys():
        return
    group = SCALARS[was.kind]
    if group == SCALARS[now.kind] and group != SCALARS["string"]:
        yield Difference("FIELD_NUMERIC_LABEL_CHANGED", was.full_name, was, now, *labels)


def _label(field: Field) -> str:
    """The label that the source writes: none in a oneof, of a map or of a field without one."""
    if field.oneof is not None or field.map_entry is not None:
        return ""
    if field.repeated:
        return "repeated"
    if field.file.proto.syntax in ("", "proto2"):
        return "required" if field.required else "optional"
    return "optional" if field.proto.proto3_optional else ""


def _missing(kind: str, field: Field, now: MessageType, promised: str) -> Difference:
    return Difference(kind, field.full_name, field, now, promised, "missing")


def _changed(kind: str, was: Field, now: Field) -> Difference:
    return Difference(kind, was.full_name, was, now, was.type_words, now.type_words)


def _kind(field: Field) -> str:
    if field.map_entry:
        return "map"
    return "message" if field.kind in ("message", "group") else "scalar"


def _name(field: Field) -> str:
    return field.oneof.name if field.oneof else ""


def _local(message: MessageType) -> str:
    return message.full_name.removeprefix(f"{message.file.package}.")
