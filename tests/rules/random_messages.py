"""Random messages of any descriptor."""

from __future__ import annotations

import math
import random
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

_F = FieldDescriptor
_INT32 = (0, 1, -1, 2, 3, 127, 128, 2**31 - 1, -(2**31))
_UINT32 = (0, 1, 2, 5, 2**31 - 1, 2**31, 2**32 - 1)
_INT64 = (*_INT32, 2**32, 2**31, 2**32 + 1, 2**53 + 1, 2**63 - 1, -(2**63), -(2**32))
_UINT64 = (*_UINT32, 2**32, 2**32 + 2, 2**53 + 1, 2**63, 2**64 - 1)
_DOUBLES = (0.0, -0.0, 1.0, 1.5, -1.0, 0.1, 16777217.0, 1e300, math.inf, math.nan, 5e-324)
_VALUES: dict[int, tuple[Any, ...]] = {
    _F.TYPE_BOOL: (True, False),
    **dict.fromkeys((_F.TYPE_INT32, _F.TYPE_SINT32, _F.TYPE_SFIXED32), _INT32),
    **dict.fromkeys((_F.TYPE_UINT32, _F.TYPE_FIXED32), _UINT32),
    **dict.fromkeys((_F.TYPE_INT64, _F.TYPE_SINT64, _F.TYPE_SFIXED64), _INT64),
    **dict.fromkeys((_F.TYPE_UINT64, _F.TYPE_FIXED64), _UINT64),
    _F.TYPE_FLOAT: (0.0, -0.0, 1.0, 1.5, -1.0, 0.1, 16777216.0, math.inf, math.nan),
    _F.TYPE_DOUBLE: _DOUBLES,
    _F.TYPE_STRING: ("", "a", "A b", "é", "1", "true", "\x00", "E_1", "\U0001f600", "AQ=="),
    _F.TYPE_BYTES: (b"", b"a", b"\xff", b"\x08\x01", b"\xfb\xff", b"\x00"),
}


def random_message(
    kind: Descriptor, rng: random.Random, wanted: frozenset[int] = frozenset(), depth: int = 2
) -> Message:
    """Most fields set, those of the numbers *wanted* if a oneof allows it; required ones always."""
    if kind.file.package == "google.protobuf":
        return well_known(kind, rng, depth)
    message = GetMessageClass(kind)()
    extensions = kind.file.pool.FindAllExtensions(kind)
    fields = [*kind.fields, *extensions]
    rng.shuffle(fields)
    for field in sorted(fields, key=lambda f: f.number in wanted):
        if field.is_required or field.number in wanted or rng.random() < 0.6:
            fill(message, field, rng, depth)
    return message


def well_known(kind: Descriptor, rng: random.Random, depth: int) -> Message:
    """One that JSON can say."""
    message: Any = GetMessageClass(kind)()
    if kind.name in ("Timestamp", "Duration"):
        message.seconds = rng.choice([0, 1, 86400, 2**31])
        message.nanos = rng.choice([0, 1, 500_000_000])
    elif kind.name == "FieldMask":
        message.paths.extend(rng.sample(["a", "b_c", "d.e"], rng.randint(0, 2)))
    elif kind.name == "Struct":
        message.update({name: _plain(rng, depth) for name in rng.sample("abc", rng.randint(0, 2))})
    elif kind.name == "Any":
        _pack(message, rng, depth)
    elif kind.name == "ListValue":
        message.extend([_plain(rng, depth) for _ in range(rng.randint(0, 2))])
    elif kind.name == "Value":
        holder = GetMessageClass(kind.file.message_types_by_name["ListValue"])()
        holder.extend([_plain(rng, depth)])  # type: ignore[attr-defined]
        message.CopyFrom(holder.values[0])  # type: ignore[attr-defined]
    elif kind.name.endswith("Value"):
        message.value = one(kind.fields_by_name["value"], rng, depth)
    return message  # type: ignore[no-any-return]


def _pack(message: Any, rng: random.Random, depth: int) -> None:
    """Nothing, or a type of protobuf's own that every version knows."""
    pool = message.DESCRIPTOR.file.pool
    names = [f"google.protobuf.{name}" for name in ("Duration", "Int64Value", "Struct", "Empty")]
    if rng.random() < 0.8:
        held = well_known(pool.FindMessageTypeByName(rng.choice(names)), rng, depth)
        message.Pack(held, deterministic=True)


def _plain(rng: random.Random, depth: int) -> Any:
    inner = [[True], {"a": 1.5}] if depth > 0 else []
    return rng.choice([None, True, 0.0, 1.5, "", "a", *inner])


def fill(message: Message, field: FieldDescriptor, rng: random.Random, depth: int) -> None:
    """Set *field* at random; nested messages end at *depth*, save for required ones."""
    if field.message_type is not None and depth == 0:
        if field.is_required:
            getattr(message, field.name).SetInParent()
        return
    values = [one(field, rng, depth) for _ in range(rng.randint(1, 3))]
    held = message.Extensions[field] if field.is_extension else getattr(message, field.name)  # type: ignore[index]
    if not field.is_repeated and field.message_type is not None:
        held.CopyFrom(values[0])
        held.SetInParent()
    elif not field.is_repeated:
        _set(message, field, values[0])
    elif (entry := map_entry(field)) is None:
        held.extend(values)
    else:
        _fill_map(held, entry, rng, depth)


def _set(message: Any, field: FieldDescriptor, value: Any) -> None:
    if field.is_extension:
        message.Extensions[field] = value
    else:
        setattr(message, field.name, value)


def _fill_map(
    held: Any, entry: tuple[FieldDescriptor, FieldDescriptor], rng: random.Random, depth: int
) -> None:
    key, value = entry
    for _ in range(rng.randint(1, 2)):
        name, content = one(key, rng, depth), one(value, rng, depth)
        if value.message_type is None:
            held[name] = content
        else:
            held[name].CopyFrom(content)


def one(field: FieldDescriptor, rng: random.Random, depth: int) -> Any:
    """A single value."""
    if field.message_type is not None:
        return random_message(field.message_type, rng, depth=depth - 1)
    if field.enum_type is not None:
        unknown: Any = [] if field.enum_type.is_closed else [77]
        return rng.choice([*(value.number for value in field.enum_type.values), *unknown])
    return rng.choice(_VALUES[field.type])


def map_entry(field: FieldDescriptor) -> tuple[FieldDescriptor, FieldDescriptor] | None:
    """Key and value, where *field* is a map."""
    kind: Any = field.message_type
    if kind is None or not field.is_repeated or not kind.GetOptions().map_entry:
        return None
    return kind.fields_by_name["key"], kind.fields_by_name["value"]
