"""ProtoJSON with places: a message built from a file, and every part that does not fit its type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf import descriptor_pool, empty_pb2, json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from wireproof.contracts.contract import PLACEHOLDER
from wireproof.contracts.located import Node
from wireproof.contracts.parts import closest

_WELL_KNOWN = "google.protobuf."
# json_format lets some errors of Python's own through.
_REFUSALS = (json_format.ParseError, ValueError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class Misfit:
    """A part of a ProtoJSON value that its message type does not have, or has otherwise."""

    node: Node
    subject: str
    """The full name of the field (or message) that it was meant for."""
    promised: str
    found: str
    words: str
    unknown: bool
    """Whether the type has no such field at all."""


def check(node: Node, message: Descriptor) -> tuple[Misfit, ...]:
    """Every part of *node* that is no ProtoJSON of *message*; `${…}` fits anywhere."""
    found = tuple(_misfits(node, message))
    if found or has_placeholder(node):
        return found
    try:  # what no single field shows: the keys of maps, extensions
        build(node, message)
    except _REFUSALS as error:
        return (_wrong(node, message.full_name, f"it is no {message.full_name}: {error}"),)
    return ()


def _misfits(node: Node, message: Descriptor) -> Iterator[Misfit]:
    if is_leaf(message):
        yield from _leaf_misfits(node, message)
        return
    if not isinstance(node.value, dict):
        yield _wrong(node, message.full_name, f"{message.full_name} is written as a mapping")
        return
    known = fields_by_key(message)
    for key, value in node.value.items():
        if key.startswith("["):  # an extension: json_format knows it by its pool
            continue
        field = known.get(key)
        if field is None:
            yield _unknown(value, key, message)
        else:
            yield from _field_misfits(value, field)
    yield from _oneof_misfits(node.value, message)


def build(node: Node, message: Descriptor) -> Message:
    """The message that *node* writes; it must have no misfits."""
    built = GetMessageClass(message)()
    json_format.ParseDict(node.plain(), built, descriptor_pool=message.file.pool)
    return built


def written(message: Message) -> dict[str, Any]:
    """*message* as ProtoJSON; of an Any whose type nobody here knows, its type alone."""
    pool: Any = _Pools(message)
    document: dict[str, Any] = json_format.MessageToDict(message, descriptor_pool=pool)
    return document


class _Pools:
    """What json_format asks for the types of Any: the message's own pool, then the common one."""

    def __init__(self, message: Message) -> None:
        self._pools = (descriptor_of(message).file.pool, descriptor_pool.Default())

    def FindMessageTypeByName(self, name: str) -> Descriptor:  # noqa: N802 - protobuf's name
        for pool in self._pools:
            try:
                return pool.FindMessageTypeByName(name)
            except KeyError:
                continue
        return descriptor_of(empty_pb2.Empty)


def is_leaf(message: Descriptor) -> bool:
    """Whether ProtoJSON writes *message* in a way of its own (Timestamp, Struct, Any, …)."""
    name = message.full_name
    return name.startswith(_WELL_KNOWN) and name.removeprefix(_WELL_KNOWN) in _LEAVES


def fields_by_key(message: Descriptor) -> dict[str, FieldDescriptor]:
    """The fields of *message* by each key that ProtoJSON accepts for them."""
    by_name = {field.name: field for field in message.fields}
    return by_name | {_json_name(field): field for field in message.fields}


def is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def map_value(field: FieldDescriptor) -> FieldDescriptor:
    """The value field of a map's entries."""
    entry: Any = field.message_type
    value: FieldDescriptor = entry.fields_by_name["value"]
    return value


def descriptor_of(message: Message | type[Message]) -> Descriptor:
    """Its descriptor, by the one name that the type stubs have for it."""
    descriptor: Any = message.DESCRIPTOR
    return descriptor  # type: ignore[no-any-return]


_LEAVES = frozenset(
    {"Any", "Timestamp", "Duration", "FieldMask", "Struct", "Value", "ListValue", "BoolValue"}
    | {"BytesValue", "DoubleValue", "FloatValue", "Int32Value", "Int64Value", "StringValue"}
    | {"UInt32Value", "UInt64Value"}
)


def _field_misfits(node: Node, field: FieldDescriptor) -> Iterator[Misfit]:
    if node.value is None:  # unset
        return
    if is_map(field):
        yield from _map_misfits(node, field)
    elif field.is_repeated:
        if not isinstance(node.value, list):
            yield _wrong(node, field.full_name, f"{field.full_name} is repeated: write a list")
            return
        for item in node.value:
            yield from _one_misfits(item, field)
    else:
        yield from _one_misfits(node, field)


def _map_misfits(node: Node, field: FieldDescriptor) -> Iterator[Misfit]:
    if not isinstance(node.value, dict):
        yield _wrong(node, field.full_name, f"{field.full_name} is a map: write a mapping")
        return
    of_value = map_value(field)
    for value in node.value.values():
        for misfit in _one_misfits(value, of_value):
            of_map = misfit.subject == of_value.full_name
            yield replace(misfit, subject=field.full_name) if of_map else misfit


def _one_misfits(node: Node, field: FieldDescriptor) -> Iterator[Misfit]:
    if field.message_type is not None and not is_leaf(field.message_type):
        yield from _misfits(node, field.message_type)
        return
    if has_placeholder(node):
        return
    owner: Any = field.containing_type
    holder = GetMessageClass(owner)()
    value = [node.plain()] if field.is_repeated else node.plain()
    try:
        json_format.ParseDict({field.name: value}, holder, descriptor_pool=owner.file.pool)
    except _REFUSALS:
        kind = type_name(field).removeprefix("repeated ")
        article = "value of" if field.enum_type else "valid"
        unquoted = kind == "string" and isinstance(node.value, bool | int | float)
        fix = f": quote it ('{node}')" if unquoted else ""
        yield _wrong(node, field.full_name, f"{node} is no {article} {kind}{fix}", kind)


def _leaf_misfits(node: Node, message: Descriptor) -> Iterator[Misfit]:
    if has_placeholder(node):
        return
    try:
        build(node, message)
    except _REFUSALS:
        words = f"{node} is no {message.full_name}"
        yield _wrong(node, message.full_name, words, message.full_name)


def _oneof_misfits(pairs: dict[str, Node], message: Descriptor) -> Iterator[Misfit]:
    known = fields_by_key(message)
    chosen: dict[str, str] = {}
    for key, value in pairs.items():
        field = known.get(key)
        if field is None or field.containing_oneof is None or value.value is None:
            continue
        oneof = field.containing_oneof.full_name
        if oneof in chosen:
            words = f"{chosen[oneof]} and {key} exclude each other: both are of the oneof {oneof}"
            yield _wrong(value, oneof, words)
        chosen[oneof] = key


def has_placeholder(node: Node) -> bool:
    return any(PLACEHOLDER.search(str(string.value)) for string in node.strings())


def _unknown(node: Node, key: str, message: Descriptor) -> Misfit:
    known = tuple(_json_name(field) for field in message.fields)
    words = f"{message.full_name} has no field {key!r}{closest(key, known)}"
    # The field had a name in snake case, most likely, as findings about it have.
    name = re.sub("(?<=.)[A-Z]", r"_\g<0>", key).lower()
    return Misfit(
        node, f"{message.full_name}.{name}", "a field", "no such field", words, unknown=True
    )


def _wrong(node: Node, subject: str, words: str, found: str = "another type") -> Misfit:
    return Misfit(node, subject, str(node), found, words, unknown=False)


def _json_name(field: FieldDescriptor) -> str:
    name: Any = field.json_name
    return str(name)


def type_name(field: FieldDescriptor) -> str:
    """The type of *field* as its schema writes it."""
    many = "repeated " if field.is_repeated else ""
    named = field.message_type or field.enum_type
    return many + (str(named.full_name) if named is not None else _SCALARS[field.type])


_SCALARS = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in vars(FieldDescriptor).items()
    if name.startswith("TYPE_")
}
