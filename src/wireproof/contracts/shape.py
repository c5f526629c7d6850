"""Does a message have what an example names? Presence and type, nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from wireproof.contracts.located import Node
from wireproof.contracts.protojson import descriptor_of, fields_by_key, is_leaf, is_map, map_value
from wireproof.finding import Breach


def missing(example: Node, message: Message) -> Iterator[Breach]:
    """Each field that *example* names and *message* lacks.

    A field without presence is there when it is not its default, so an example that writes the
    default (`0`, `""`, `false`, an empty list) asks for nothing. Each item of an example's list
    must resemble one of the message's, in any order; each key of a map must be there.
    """
    if is_leaf(descriptor_of(message)) or not isinstance(example.value, dict):
        return
    known = fields_by_key(descriptor_of(message))
    for key, value in example.value.items():
        field = known.get(key)
        if field is not None and value.value is not None:
            yield from _field(value, field, message)


def _field(example: Node, field: FieldDescriptor, message: Message) -> Iterator[Breach]:
    if is_map(field):
        yield from _map(example, field, message)
    elif field.is_repeated:
        yield from _repeated(example, field, message)
    elif not _present(example, field, message):
        yield Breach(field.full_name, "a value", _instead(field, message))
    elif field.message_type is not None:
        yield from missing(example, getattr(message, field.name))


def _present(example: Node, field: FieldDescriptor, message: Message) -> bool:
    if field.has_presence:
        return bool(message.HasField(field.name))
    return bool(getattr(message, field.name)) or _is_default(example, field)


def _is_default(example: Node, field: FieldDescriptor) -> bool:
    """Whether the example writes what a field without presence has anyway."""
    value: Any = example.value
    if field.enum_type is not None:
        zeros = [known.name for known in field.enum_type.values if known.number == 0]
        return bool(value in (0, "0", *zeros))
    if field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
        return bool(value == "")
    return bool(value in (0, False, "0", "-0", "0.0"))


def _repeated(example: Node, field: FieldDescriptor, message: Message) -> Iterator[Breach]:
    wanted = example.value if isinstance(example.value, list) else []
    items = list(getattr(message, field.name))
    if wanted and not items:
        yield Breach(field.full_name, "at least one item", _instead(field, message))
    elif field.message_type is not None and not is_leaf(field.message_type):
        for one in wanted:
            yield from _closest(list(missing(one, item)) for item in items)


def _map(example: Node, field: FieldDescriptor, message: Message) -> Iterator[Breach]:
    wanted = example.value if isinstance(example.value, dict) else {}
    entries = {_key(key): key for key in getattr(message, field.name)}
    of_messages = map_value(field).message_type is not None
    for key, value in wanted.items():
        if key not in entries:
            yield Breach(field.full_name, f"an entry {key!r}", "no such entry")
        elif of_messages:
            yield from missing(value, getattr(message, field.name)[entries[key]])


def _closest(candidates: Iterable[list[Breach]]) -> list[Breach]:
    return min(candidates, key=len)


def _key(key: Any) -> str:
    """A map key as ProtoJSON writes it."""
    return str(key).lower() if isinstance(key, bool) else str(key)


def _instead(field: FieldDescriptor, message: Message) -> str:
    """What is there in the place of a missing field."""
    for unknown in UnknownFieldSet(message):  # type: ignore[attr-defined]  # the stubs forget it
        if unknown.field_number == field.number:
            return f"number {field.number} with bytes of another type"
    oneof = field.containing_oneof
    other = message.WhichOneof(oneof.name) if oneof is not None else None
    return f"{other} instead" if other else "none"
