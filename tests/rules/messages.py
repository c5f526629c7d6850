"""Random messages of any descriptor, and whether they survive a trip."""

from __future__ import annotations

import random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.unknown_fields import UnknownFieldSet

from wireproof.witness.samples import SCALARS, entry, is_map, put
from wireproof.witness.told import told


def random_message(descriptor: Any, rng: random.Random, depth: int = 2) -> Message:
    """Most fields set, to values at the edges; required ones always."""
    message = GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if field.is_required or rng.random() < 0.7:
            value = _value(field, rng, depth)
            if value is not None:
                put(message, field, value)
    return message


def _value(field: FieldDescriptor, rng: random.Random, depth: int) -> Any:
    if is_map(field):
        key, value = entry(field)
        return {_one(key, rng, depth): _one(value, rng, depth) for _ in range(2)}
    if field.message_type is not None and depth == 0:
        return GetMessageClass(field.message_type)() if field.is_required else None
    if field.is_repeated:
        return [_one(field, rng, depth) for _ in range(rng.randint(0, 3))]
    return _one(field, rng, depth)


def _one(field: FieldDescriptor, rng: random.Random, depth: int) -> Any:
    if field.message_type is not None:
        return random_message(field.message_type, rng, depth - 1)
    if field.enum_type is not None:
        return rng.choice([value.number for value in field.enum_type.values])
    return rng.choice([*SCALARS[field.type], type(SCALARS[field.type][0])()])


def written(message: Message) -> bytes | None:
    """Its bytes; None where a required field is missing deep inside."""
    return message.SerializePartialToString(deterministic=True) if message.IsInitialized() else None


def survives(message: Message, data: bytes, reader: type[Message]) -> str:
    """Empty where *reader* sees all that *message* says; else what it does not."""
    try:
        read = reader.FromString(data)
    except (DecodeError, ValueError) as error:
        return f"refused: {error}"
    if not read.IsInitialized():
        return "refused: a required field is missing"
    return _missed(message, read)


def _missed(written: Message, read: Message) -> str:
    """The first field of *written* that *read* does not hold, in itself or as an unknown field."""
    known: Any = read.DESCRIPTOR.fields_by_number
    unknown = {field.field_number for field in UnknownFieldSet(read)}  # type: ignore[attr-defined]
    for field, value in written.ListFields():
        other = known.get(field.number)
        if other is None:
            if field.number not in unknown:
                return f"{field.name} is not even an unknown field"
        elif other.message_type is not None and not other.is_repeated and not _has(read, other):
            return f"{field.name} is read as unset"
        elif lost := _field_missed(field, value, written, read, other):
            return lost
    return ""


def _has(message: Message, field: FieldDescriptor) -> bool:
    return message.HasField(field.name)


def _field_missed(
    field: FieldDescriptor, value: Any, written: Message, read: Message, other: FieldDescriptor
) -> str:
    if told(written, field) == told(read, other):
        return ""
    found = getattr(read, other.name)
    if other.is_repeated and not is_map(other) and list(found) == [value]:
        return ""  # one value, even a zero, is a list of one
    otherwise = f"{field.name}: {value!r} is read as {found!r}"
    if field.message_type is None:
        return otherwise
    if other.type == FieldDescriptor.TYPE_BYTES:
        unset = (
            not other.is_repeated and not found and not (other.has_presence and _has(read, other))
        )
        held = [] if unset else _many(other, found)
        return "" if _as_bytes(field, _many(field, value), held) else otherwise
    if other.message_type is None or is_map(field) != is_map(other):
        return otherwise
    if is_map(field):
        return otherwise if _map_missed(field, value, found) else ""
    return _messages_missed(_many(field, value), _many(other, found), otherwise)


def _as_bytes(field: FieldDescriptor, messages: list[Any], held: list[bytes]) -> bool:
    """Whether every message (or entry of a map) is there as its bytes."""
    if is_map(field) or len(messages) != len(held):
        return len(messages) == len(held)
    return all(type(m).FromString(b) == m for m, b in zip(messages, held, strict=True))


def _map_missed(field: FieldDescriptor, value: Any, found: Any) -> bool:
    if value.keys() != found.keys() or entry(field)[1].message_type is None:
        return True
    return any(_missed(value[key], found[key]) for key in value)


def _messages_missed(written: list[Any], read: list[Any], otherwise: str) -> str:
    if len(written) != len(read):
        return otherwise
    return next((m for a, b in zip(written, read, strict=True) if (m := _missed(a, b))), "")


def _many(field: FieldDescriptor, value: Any) -> list[Any]:
    return list(value) if field.is_repeated else [value]
