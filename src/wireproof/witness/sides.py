"""Both versions' messages, and trips between them on the wire and in ProtoJSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message

from wireproof.changes.versions import Versions
from wireproof.finding import Witness
from wireproof.schema.fields import Field
from wireproof.schema.index import Index
from wireproof.schema.linked import Linked, class_of
from wireproof.witness.samples import each, is_map, messages_with
from wireproof.witness.told import UNTOLD, shown, told, told_in_json

LIMIT = 200
"""How many messages a search tries."""


@dataclass(frozen=True, slots=True)
class Side:
    """One version as a writer or reader."""

    name: str
    index: Index
    linked: Linked

    @property
    def pool(self) -> DescriptorPool:
        return self.linked.pool

    def kind(self, full_name: str, near: str = "") -> type[Message] | None:
        """The class of a message; the file *near* is looked at first."""
        found = self._message(full_name, near)
        return class_of(found) if found else None

    def field(self, field: Field) -> FieldDescriptor | None:
        if field.is_extension:
            return self.linked.extension(field.full_name, field.file.name)
        holder = self._message(field.holder, field.file.name)
        return holder.fields_by_number.get(field.number) if holder else None

    def _message(self, full_name: str, near: str) -> Descriptor | None:
        if found := self.linked.message(full_name, near):
            return found
        home = self.index.home(full_name)
        return self.linked.message(full_name, home) if home else None


class Sides:
    """The two sides of a comparison; their files are linked when a witness first asks for them."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    def ordered(self, *, old_writes: bool) -> tuple[Side, Side]:
        """Writer and reader."""
        versions = self._versions
        old = Side("old", versions.old, versions.old_linked)
        new = Side("new", versions.new, versions.new_linked)
        return (old, new) if old_writes else (new, old)


def wire_witness(
    writer: Side, reader: Side, source: Field, target: Field | None, holder: str
) -> Witness | None:
    """The first small message whose field *source* is not what its reader finds in *target*.

    *holder* is the reader's message; without a *target* the reader has no such field.
    """
    near = source.file.name
    kind, read_as = writer.kind(source.holder, near), reader.kind(holder, near)
    field = writer.field(source)
    if kind is None or read_as is None or field is None:
        return None
    wanted = reader.field(target) if target else None
    spare: Witness | None = None
    for message in each(messages_with(kind, field), LIMIT):
        written = told(message, field)
        data = serialized(message)
        if data is None or not written:
            continue
        read, error = _parsed(read_as, data)
        seen = told(read, wanted) if wanted else []
        if not (error or _otherwise(seen, written, wanted, field)):
            continue
        found = Witness(
            writer=writer.name,
            reader=reader.name,
            bytes=data.hex(),
            written=shown(message, writer.pool),
            read=error or shown(read, reader.pool),
        )
        if error or not _of_one_type(field, wanted) or _back(kind, read, field) != written:
            return found
        spare = spare or found  # what differs is a field of the message in it, told as its own
    return spare or _refused_text(writer, reader, kind, read_as, field)


def _of_one_type(field: FieldDescriptor, wanted: FieldDescriptor | None) -> bool:
    """Whether both hold messages of one name."""
    one, other = field.message_type, wanted.message_type if wanted else None
    return one is not None and other is not None and one.full_name == other.full_name


def _back(kind: type[Message], read: Message, field: FieldDescriptor) -> list[Any]:
    """What the writer gets back of *field* from a reader that keeps what it does not know."""
    returned, error = _parsed(kind, read.SerializePartialToString())
    return [] if error else told(returned, field)


_TEXT, _NO_TEXT = "é", b"\xff\xff"


def _refused_text(
    writer: Side, reader: Side, kind: Any, read_as: Any, field: FieldDescriptor
) -> Witness | None:
    """A message in which bytes that are no UTF-8 stand for a text, where only its reader checks."""
    for message in each(messages_with(kind, field), LIMIT):
        data = serialized(message) or b""
        raw = data.replace(_TEXT.encode(), _NO_TEXT)
        if raw == data or parse(kind, raw)[1] or not (refused := parse(read_as, raw)[1]):
            continue
        told = json.dumps(shown(message, writer.pool), ensure_ascii=False)
        written = json.loads(told.replace(_TEXT, r"\\xff"))
        return Witness(writer.name, reader.name, raw.hex(), written, refused)
    return None


def json_witness(
    writer: Side, reader: Side, source: Field, target: Field | None, holder: str
) -> Witness | None:
    """The same in ProtoJSON, read by a parser that lets unknown fields pass."""
    near = source.file.name
    kind, read_as = writer.kind(source.holder, near), reader.kind(holder, near)
    field = writer.field(source)
    if kind is None or read_as is None or field is None:
        return None
    wanted = reader.field(target) if target else None
    for message in each(messages_with(kind, field), LIMIT):
        written = told_in_json(message, field)
        found = _json_trip(message, read_as, writer, reader)
        if found is None or not written:
            continue
        text, read, error = found
        seen = told_in_json(read, wanted) if wanted else []
        if error or _otherwise(seen, written, wanted, field):
            return Witness(
                writer=writer.name,
                reader=reader.name,
                written=text,
                read=error or shown(read, reader.pool),
                note="as JSON",
            )
    return None


def _otherwise(
    seen: list[Any], written: list[Any], wanted: FieldDescriptor | None, field: FieldDescriptor
) -> bool:
    """Whether the two fields tell different things; the entries of a map have no order."""
    if wanted and (is_map(wanted) or is_map(field)):
        return sorted(map(_entry, seen)) != sorted(map(_entry, written))
    return seen != written


def _entry(told: Any) -> str:
    """An entry of a map has its key and value in any case: what is left out is the default."""
    if not isinstance(told, dict):
        return repr(told)
    return repr({number: value for number, value in told.items() if value not in _DEFAULTS})


_DEFAULTS = ([0], [b""])


def parse(kind: type[Message], data: bytes) -> tuple[Message, str]:
    """What *kind* reads from *data*, and why not where it refuses."""
    return _parsed(kind, data)


def serialized(message: Message) -> bytes | None:
    """The bytes of *message*; None where a required field is missing.

    Asked first, since upb crashes on naming the path of a missing field in a recursive message.
    """
    return message.SerializePartialToString(deterministic=True) if message.IsInitialized() else None


def _parsed(kind: type[Message], data: bytes) -> tuple[Message, str]:
    try:
        message = kind.FromString(data)
    except (DecodeError, UnicodeDecodeError, ValueError) as error:
        return kind(), f"refused: {_short(error)}"
    return message, "" if message.IsInitialized() else f"refused: {_missing(message)}"


def _missing(message: Message) -> str:
    names = [f.name for f in message.DESCRIPTOR.fields if f.is_required]
    unset = [name for name in names if not message.HasField(name)]
    return f"required {', '.join(unset)} missing" if unset else "a required field within missing"


def _json_trip(
    message: Message, kind: type[Message], writer: Side, reader: Side
) -> tuple[Any, Message, str] | None:
    if not message.IsInitialized():
        return None
    try:
        text = json_format.MessageToDict(message, descriptor_pool=writer.pool)
    except UNTOLD:
        return None
    read = kind()
    try:
        json_format.ParseDict(text, read, ignore_unknown_fields=True, descriptor_pool=reader.pool)
    except UNTOLD as error:
        return text, read, f"refused: {_short(error)}"
    return text, read, ""


def _short(error: Exception, limit: int = 160) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def first(witnesses: Iterable[Witness | None]) -> Witness | None:
    return next((witness for witness in witnesses if witness), None)
