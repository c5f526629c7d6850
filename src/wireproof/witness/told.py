"""What a message says, in a form in which two versions can be compared.

Numbers compare as numbers and text as its bytes, whatever type declares them; a singular value and
a list of one are the same; an unset field reads as its default.
"""

from __future__ import annotations

import math
import struct
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

from wireproof.values.wellknown import WRAPPERS
from wireproof.witness.samples import is_map, of

UNTOLD = (ValueError, TypeError, AttributeError, KeyError, json_format.Error)
"""What json_format raises for what has no JSON, and for well-known types of another shape."""


def told(message: Message, field: FieldDescriptor) -> list[Any]:
    """The values that *message* holds in *field*, as its reader sees them."""
    value = of(message, field)
    if is_map(field):
        return sorted((_pair(key, one) for key, one in value.items()), key=repr)
    if field.is_repeated:
        return [_text(one, field) for one in value]
    if field.message_type is not None:
        return [_one(value)] if has(message, field) else []
    seen = _text(value, field)
    unset = not (field.has_presence and has(message, field))
    return [] if unset and seen in _ZEROES else [seen]


def told_in_json(message: Message, field: FieldDescriptor) -> list[Any]:
    """The same as ProtoJSON tells it: a wrapper is written as the value that it holds."""
    if field.message_type is None or field.message_type.full_name not in WRAPPERS:
        return told(message, field)
    value = of(message, field)
    held = value if field.is_repeated else [value] if has(message, field) else []
    return [_one(one.value) for one in held]


def entries(values: list[Any]) -> list[str]:
    """Entries of a map, or the messages that stand for them, in order: a map knows no presence."""
    return sorted(repr(_bare(one) if isinstance(one, dict) else one) for one in values)


def _bare(entry: dict[int, list[Any]]) -> dict[int, list[Any]]:
    return {number: held for number, held in entry.items() if held not in _NOTHING}


def _text(value: Any, field: FieldDescriptor) -> Any:
    """A string that lets anything pass may hold what is no text, which Python gives as bytes."""
    garbled = field.type == FieldDescriptor.TYPE_STRING and isinstance(value, bytes)
    return ("no text", value) if garbled else _one(value)


def has(message: Message, field: FieldDescriptor) -> bool:
    """Whether a field with presence is set."""
    if field.is_extension:
        return message.HasExtension(field)  # type: ignore[arg-type]  # as in samples
    return message.HasField(field.name)


_ZEROES = (0, b"")
_NOTHING = ([], [{}], *([zero] for zero in _ZEROES))


def _pair(key: Any, value: Any) -> dict[int, list[Any]]:
    both = {1: _one(key), 2: _one(value)}
    return _bare({number: [one] for number, one in both.items()})


def _one(value: Any) -> Any:
    if isinstance(value, Message):
        return everything(value)
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, float):
        return _number(value)
    return int(value) if isinstance(value, (bool, int)) else value


def _number(value: float) -> Any:
    """A whole number as the integer that it is to JSON; any other, and minus zero, by its bits."""
    whole = value.is_integer() and (value or math.copysign(1, value) > 0)
    return int(value) if whole else struct.pack("<d", value)


def everything(message: Message) -> dict[int, list[Any]]:
    """Every known field of *message*: number → what it holds."""
    held = ((field.number, told(message, field)) for field, _ in message.ListFields())
    return {number: values for number, values in held if values}


def shown(message: Message, pool: DescriptorPool) -> Any:
    """The message as ProtoJSON for a report."""
    try:
        return json_format.MessageToDict(message, descriptor_pool=pool)
    except UNTOLD:
        return str(message).strip()  # JSON refuses it (a bad Timestamp, an Any of an unknown type)


_LONG = 200
_MANY = 12


def brief(value: Any) -> Any:
    """A shown message with what is long told by its length."""
    if isinstance(value, str) and len(value) > _LONG:
        return f"{value[:20]}… ({len(value):,} characters)"
    if isinstance(value, list):
        more = [f"… ({len(value):,} items)"] if len(value) > _MANY else []
        return [brief(one) for one in value[:_MANY]] + more
    if isinstance(value, dict):
        kept = list(value.items())[:_MANY]
        rest = {"…": f"{len(value):,} entries"} if len(value) > len(kept) else {}
        return {key: brief(one) for key, one in kept} | rest
    return value
