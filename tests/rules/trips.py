"""Whether a message survives a trip: what its writer meant against what its reader sees.

Written apart from the engine and its witnesses, which it judges.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.unknown_fields import UnknownFieldSet

from tests.rules.forms import form_differs, formed
from tests.rules.random_messages import map_entry

Find = Callable[[FieldDescriptor, Message], FieldDescriptor | None]
"""The reader's field for a field of the writer."""


@dataclass(frozen=True, slots=True)
class Way:
    """How data travels: how a reader finds a field, and whether it keeps what it does not know."""

    find: Find
    keeps: bool
    presence: bool = True
    """Whether its reader owes its writer to tell a zero that was set from what was not."""


def over_wire(message: Message, reader: type[Message], *, forth: bool = True) -> str:
    """Empty where *reader* sees all that *message* says in its bytes; else what it does not.

    *forth*: the old version writes. Back, an old reader never promised to know of presence.
    """
    data = message.SerializePartialToString(deterministic=True)
    try:
        read = reader.FromString(data)
    except (DecodeError, ValueError) as error:
        return f"refused: {error}"
    if not read.IsInitialized():
        return "refused: a required field is missing"
    return lost(message, read, replace(WIRE, presence=forth))


def over_json(message: Message, reader: type[Message], *, forth: bool = True) -> str:
    """The same for ProtoJSON; unknown fields are let pass."""
    writer_pool: Any = message.DESCRIPTOR.file.pool
    reader_pool: Any = reader.DESCRIPTOR.file.pool
    message = _promised(message, reader())
    if not message.IsInitialized():
        return ""  # nobody promised what it requires
    try:
        text = json_format.MessageToJson(message, descriptor_pool=writer_pool)
        own = json_format.Parse(text, type(message)(), descriptor_pool=writer_pool)
    except (json_format.Error, ValueError, TypeError):
        return ""  # its writer has no JSON for it, or does not read it
    read = reader()
    try:
        json_format.Parse(text, read, ignore_unknown_fields=True, descriptor_pool=reader_pool)
    except json_format.ParseError as error:
        # As unknown as any other field: that this parser does not let it pass is its own way.
        return "" if "does not have extensions" in str(error) else f"refused: {error}"
    if not read.IsInitialized():
        return "refused: a required field is missing"
    return lost(own, read, replace(JSON, presence=forth))


def _promised(message: Message, read: Message) -> Message:
    """*message* without numbers of no name in fields that are of no enum to its reader."""
    kept: Any = type(message)()
    kept.CopyFrom(message)
    for field, value in kept.ListFields():
        other = _by_json_name(field, read)
        if other is None:
            continue
        if _unnamed(field, value, other):
            kept.ClearExtension(field) if field.is_extension else kept.ClearField(field.name)
        elif field.message_type and other.message_type and map_entry(field) is None:
            inner = GetMessageClass(other.message_type)()
            for one in value if field.is_repeated else (value,):
                one.CopyFrom(_promised(one, inner))
    return kept  # type: ignore[no-any-return]


def _by_number(field: FieldDescriptor, message: Message) -> FieldDescriptor | None:
    kind: Any = message.DESCRIPTOR
    if field.number in kind.fields_by_number:
        found: FieldDescriptor = kind.fields_by_number[field.number]
        return found
    try:
        extension: FieldDescriptor = kind.file.pool.FindExtensionByNumber(kind, field.number)
    except KeyError:
        return None
    return extension


def _by_json_name(field: FieldDescriptor, message: Message) -> FieldDescriptor | None:
    kind: Any = message.DESCRIPTOR
    if field.is_extension:
        extensions = kind.file.pool.FindAllExtensions(kind)
        return next((x for x in extensions if x.full_name == field.full_name), None)
    return next((f for f in kind.fields if field.json_name in (f.json_name, f.name)), None)


WIRE = Way(_by_number, keeps=True)
JSON = Way(_by_json_name, keeps=False)


def lost(written: Message, read: Message, way: Way) -> str:
    """The first field of *written* that *read* does not tell alike."""
    unknown = {field.field_number for field in UnknownFieldSet(read)}  # type: ignore[attr-defined]
    heard = {field.full_name for field, _ in written.ListFields()}
    for field, value in written.ListFields():
        other = way.find(field, read)
        if other is None:
            if missed := _gone(field, written, read, unknown, way):
                return missed
        elif missed := (
            form_differs(field, written, other, read, owed=way.presence or other.has_presence)
            if not way.keeps and (formed(field) or formed(other))
            else _differs(field, value, other, read, way)
        ):
            return f"{field.name}: {missed}"
    kind: Any = written.DESCRIPTOR
    for field in (*kind.fields, *kind.file.pool.FindAllExtensions(kind)):
        other = None if field.full_name in heard else way.find(field, read)
        if other is not None and (missed := _unset_differs(field, written, other, read)):
            return f"{field.name}: {missed}"
    return ""


def _gone(
    field: FieldDescriptor, written: Message, read: Message, unknown: set[int], way: Way
) -> str:
    """A removed field may stay unread, but not one that moved, nor one of another type's."""
    was: Any = written.DESCRIPTOR
    now: Any = read.DESCRIPTOR
    if was.full_name != now.full_name and (
        way.presence or (now.fields and not {*was.fields_by_number} & {*now.fields_by_number})
    ):
        return f"{now.full_name} has no {field.name}"
    if way.keeps and field.number not in unknown:
        return f"{field.name} is not even an unknown field"
    heir = None if way.keeps else _by_number(field, read)
    renamed = heir is not None and way.find(heir, written) is None
    extended = {x.full_name for x in now.file.pool.FindAllExtensions(now)}
    here = field.full_name in extended if field.is_extension else field.name in now.fields_by_name
    moved = here or renamed
    return f"{field.name} is looked for elsewhere" if moved else ""


def _get(message: Any, field: FieldDescriptor) -> Any:
    return message.Extensions[field] if field.is_extension else getattr(message, field.name)


def _is_set(message: Message, field: FieldDescriptor) -> bool:
    return any(found.number == field.number for found, _ in message.ListFields())


def _differs(
    field: FieldDescriptor, value: Any, other: FieldDescriptor, read: Message, way: Way
) -> str:
    found = _get(read, other)
    if _news(field, value, other, way) or _unnamed(field, value, other):
        return ""
    if not other.is_repeated and not _is_set(read, other):
        # A zero without presence is as good as written where nobody is owed the difference.
        told_apart = field.has_presence and not field.is_required  # required is never unset
        owed = (way.presence and told_apart) or other.has_presence
        if owed or field.is_repeated or field.message_type is not None:
            return f"{value!r} reads as unset"
    written, seen = _many(field, value), _many(other, found)
    either_map = map_entry(field) is not None or map_entry(other) is not None
    if map_entry(field) is not None and other.type == FieldDescriptor.TYPE_BYTES:
        entry = GetMessageClass(field.message_type)  # type: ignore[arg-type]
        seen = [entry.FromString(one) for one in seen]
    if either_map:
        written, seen = (sorted(one, key=_key) for one in (written, seen))
    if len(written) != len(seen):
        return f"{value!r} reads as {found!r}"
    for was, now in zip(written, seen, strict=True):
        if missed := _one_differs(was, now, field, other, way):
            return missed
    return ""


def _news(field: FieldDescriptor, value: Any, other: FieldDescriptor, way: Way) -> bool:
    """Whether it holds names that an old reader of JSON cannot know yet, as with new fields."""
    if way.keeps or way.presence or field.enum_type is None or other.enum_type is None:
        return False
    known = {one.name for one in other.enum_type.values} | {
        one.number for one in other.enum_type.values
    }
    return any(not {n, *_names(field.enum_type, n)} & known for n in _many(field, value))


def _unnamed(field: FieldDescriptor, value: Any, other: FieldDescriptor) -> bool:
    """Whether it holds numbers of no name, which nobody promised to the reader of another type."""
    if field.enum_type is None or other.enum_type is not None:
        return False
    return any(n not in field.enum_type.values_by_number for n in _many(field, value))


def _many(field: FieldDescriptor, value: Any) -> list[Any]:
    """Its values in order; of a map, its entries as pairs."""
    if map_entry(field) is not None:
        return [(key, value[key]) for key in value]
    return list(value) if field.is_repeated else [value]


def _key(one: Any) -> str:
    """Entries by their key, whether of a map or of the messages that encode it."""
    key = one[0] if isinstance(one, tuple) else getattr(one, "key", getattr(one, "f1", one))
    return repr(_scalar(key)) if not isinstance(key, Message) else ""


def _one_differs(
    was: Any, now: Any, field: FieldDescriptor, other: FieldDescriptor, way: Way
) -> str:
    if isinstance(was, tuple) and isinstance(now, tuple):
        pairs = zip(was, now, map_entry(field) or (), map_entry(other) or (), strict=True)
        return next((m for a, b, f, o in pairs if (m := _one_differs(a, b, f, o, way))), "")
    if isinstance(was, Message) and isinstance(now, Message):
        return lost(was, now, way)
    text = other.type == FieldDescriptor.TYPE_STRING  # bytes there are what is no text
    if isinstance(was, Message) and isinstance(now, bytes) and not text:
        return "" if type(was).FromString(now) == was else f"{now!r} is not its bytes"
    if isinstance(was, (tuple, Message)) or isinstance(now, (tuple, Message)):
        return _entry_differs(was, now)
    if not way.keeps and isinstance(now, str) and _as_text(was, field) == now:
        return ""  # the same text in JSON
    return "" if _alike(was, now, field, other, way) else f"{was!r} reads as {now!r}"


def _as_text(value: Any, field: FieldDescriptor) -> str | None:
    """What JSON writes as a string, though it is none."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if field.enum_type is not None:
        return next(iter(_names(field.enum_type, value)), None)
    return str(value) if isinstance(value, int) else None


def _entry_differs(was: Any, now: Any) -> str:
    """A map's entry against a message or bytes: by what its fields hold."""
    raw = _encoded_entry(was), _encoded_entry(now)
    return "" if raw[0] is not None and raw[0] == raw[1] else f"{was!r} reads as {now!r}"


def _encoded_entry(value: Any) -> dict[int, Any] | None:
    """Number → value of what an entry says, zeroes left out."""
    if isinstance(value, tuple):
        both = {1: value[0], 2: value[1]}
        return {n: _told(one) for n, one in both.items() if _told(one) not in _ZEROES}
    if isinstance(value, Message):
        told = {f.number: _told(one) for f, one in value.ListFields()}
        return {n: one for n, one in told.items() if one not in _ZEROES}
    return None


def _told(value: Any) -> Any:
    if isinstance(value, Message):
        return {f.number: _told(one) for f, one in value.ListFields()}
    return _scalar(value)


_ZEROES: tuple[Any, ...] = (0, b"", {}, ("float", bytes(8)))


def _alike(was: Any, now: Any, field: FieldDescriptor, other: FieldDescriptor, way: Way) -> bool:
    if other.type == FieldDescriptor.TYPE_STRING and isinstance(now, bytes):
        return False  # what is no text, in a string that is not verified
    if field.enum_type is not None and other.enum_type is not None:
        return _same_value(was, now, field.enum_type, other.enum_type, way)
    if not way.keeps and {type(was), type(now)} == {int, float}:
        return bool(was == now)  # in JSON, numbers are numbers
    if not way.keeps and field.type == FieldDescriptor.TYPE_FLOAT and isinstance(now, float):
        now = _single(now)  # JSON writes a float by its shortest decimal form
    return bool(_scalar(was) == _scalar(now))


def _same_value(was: int, now: int, writer: Any, reader: Any, way: Way) -> bool:
    """By its number on the wire, unless the reader has the name elsewhere; by its name in JSON."""
    written, seen = _names(writer, was), _names(reader, now)
    if not way.keeps:
        return bool(set(written[:1]) & set(seen)) or (not written and was == now)
    same = all(
        name not in enum.values_by_name or enum.values_by_name[name].number == was
        for name in (*written, *seen)
        for enum in (writer, reader)
    )
    return was == now and same


def _names(enum: Any, number: int) -> list[str]:
    return [value.name for value in enum.values if value.number == number]


def _single(value: float) -> float:
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return value


def _scalar(value: Any) -> Any:
    """Numbers as numbers, texts as their bytes, floats by their bits."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, float):
        return ("float", struct.pack("<d", value)) if value == value else ("float", "nan")
    return int(value) if isinstance(value, (bool, int)) else value


def _unset_differs(
    field: FieldDescriptor, written: Message, other: FieldDescriptor, read: Message
) -> str:
    if _is_set(read, other):
        return "unset, and read as set"
    if field.is_repeated or other.is_repeated or field.message_type or other.message_type:
        return ""
    was, now = _get(written, field), _get(read, other)
    if field.enum_type is not None and other.enum_type is not None:
        named = {*_names(field.enum_type, was)} & {*_names(other.enum_type, now)}
        return "" if named or was == now else f"unset, and reads as {now!r} instead of {was!r}"
    same = _scalar(was) == _scalar(now) or not (was or now)
    return "" if same else f"unset, and reads as {now!r} instead of {was!r}"
