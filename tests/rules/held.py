"""Which fields an edit touches, and which a message really holds."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from tests.rules.random_messages import map_entry
from wireproof.schema.schema import Schema

Elements = set[tuple[str, int]]
"""Fields by the full name of their message and their number."""


def differing(old: Schema, new: Schema) -> Elements:
    """The fields whose own descriptor, enum or map differs, or which one version lacks."""
    was, now = _described(old), _described(new)
    return {key for key in was.keys() | now.keys() if was.get(key) != now.get(key)}


def _described(schema: Schema) -> dict[tuple[str, int], Any]:
    pool = schema.pool
    files = [pool.FindFileByName(name) for name in sorted(schema.own)]
    found: dict[tuple[str, int], Any] = {}
    waiting = [one for file in files for one in file.message_types_by_name.values()]
    while waiting:
        kind = waiting.pop()
        if kind.GetOptions().map_entry:
            continue
        fields = [*kind.fields, *pool.FindAllExtensions(kind)]
        found |= {(kind.full_name, one.number): _facts(one) for one in fields}
        waiting += kind.nested_types
    return found


def _facts(field: FieldDescriptor) -> tuple[Any, ...]:
    """All that decides how it is written and read, features resolved."""
    enum: Any = field.enum_type
    values = [(v.name, v.number) for v in enum.values] if enum else None
    kind: Descriptor | None = field.message_type
    entry = map_entry(field)
    return (
        field.name,
        field.json_name,
        field.type,
        field.is_repeated,
        field.is_required,
        field.has_presence,
        field.is_packed,
        str(field.default_value) if not field.is_repeated and not kind else "",
        field.containing_oneof.name if field.containing_oneof else "",
        kind.full_name if kind and entry is None else "",
        [_facts(one) for one in entry] if entry else None,
        (values, enum.is_closed) if enum else None,
    )


def populated(message: Message) -> Elements:
    """Every field that is set in *message* or in one inside it."""
    found: Elements = set()
    name = message.DESCRIPTOR.full_name
    for field, value in message.ListFields():
        found.add((name, field.number))
        if field.message_type is None:
            continue
        entry = map_entry(field)
        if entry is None:
            inner = value if field.is_repeated else (value,)
        else:
            inner = value.values() if entry[1].message_type is not None else ()
        for one in inner:
            found |= populated(one)
    return found


def writable(kind: Descriptor, within: frozenset[str] = frozenset()) -> bool:
    """Whether there is any message of the kind: none, where it requires itself."""
    within |= {kind.full_name}
    required = [f.message_type for f in kind.fields if f.is_required and f.message_type]
    return all(one.full_name not in within and writable(one, within) for one in required)
