"""Random edits of any part of a set of files: whatever descriptors can say may change."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tests.rules.random_files import (
    DEFAULTS,
    add_field,
    converted,
    copied,
    known,
    messages,
    set_feature,
    set_type,
    settle,
    well_known,
)
from tests.rules.random_moves import moved
from tests.rules.random_sets import Files, import_missing

_File = descriptor_pb2.FileDescriptorProto
_KEPT = {
    "google.protobuf.FileDescriptorProto.name",
    "google.protobuf.FileDescriptorProto.source_code_info",
    "google.protobuf.FileDescriptorProto.syntax",
    "google.protobuf.FileDescriptorProto.edition",
}
_REFERENCES = {"type_name", "input_type", "output_type", "extendee"}


def edited(files: Files, rng: random.Random) -> tuple[Files, str]:
    """*files* after one to three random edits, and what they were."""
    new = [copied(file) for file in files]
    done = [_edit(new, rng) for _ in range(rng.choice([1, 1, 2, 3]))]
    for file in new:
        settle(file)
        import_missing(new, file)
    return new, " + ".join(done)


def _edit(files: Files, rng: random.Random) -> str:
    file, choice = rng.choice(files), rng.random()
    if choice < 0.1:
        converted(file, rng)
        return f"{file.name} to {file.syntax}"
    if choice < 0.3:
        return _typical(files, file, rng)
    if choice < 0.45:
        return moved(files, rng)
    if choice < 0.5 and file.syntax == "editions":
        return _featured(file, rng)
    node, path = rng.choice([*_nodes(file, file.name)])
    return _mutate(files, node, path, rng)


def _featured(file: _File, rng: random.Random) -> str:
    """Another feature of the file, a message, a field, an enum."""
    nodes = [(n, p) for n, p in _nodes(file, file.name) if "options" in n.DESCRIPTOR.fields_by_name]
    nodes = [one for one in nodes if "features" in one[0].options.DESCRIPTOR.fields_by_name]
    node, path = rng.choice([(file, file.name), *nodes])
    return f"{path} gets {set_feature(node.options.features, rng)}"


def anywhere(file: _File, rng: random.Random) -> None:
    """Change one thing somewhere in *file*, whatever it is."""
    node, path = rng.choice([*_nodes(file, "")])
    _mutate([file], node, path, rng)


def _typical(files: Files, file: _File, rng: random.Random) -> str:
    """What people do most: another type for a field, or another field."""
    here, types = [*messages(file)], known(files)
    if not here:
        return _mutate(files, file, file.name, rng)
    scope, message = rng.choice(here)
    if file.syntax == "proto3" and rng.random() < 0.3:
        return _optional(scope, message, rng)
    if rng.random() < 0.4 or not message.field:
        number = rng.randint(1, 40)
        add_field(file, message, scope, f"n{number}", number, types, rng)
        return f"{scope} gains n{number}"
    field = rng.choice(message.field)
    set_type(file, message, scope, field, types, rng)
    return f"{scope}.{field.name} retyped"


def _optional(scope: str, message: Any, rng: random.Random) -> str:
    """Give a field the keyword `optional`, as protoc encodes it."""
    plain = [f for f in message.field if f.label == 1 and not f.HasField("oneof_index")]
    if plain:
        field = rng.choice(plain)
        message.oneof_decl.add(name=f"_{field.name}")
        field.oneof_index, field.proto3_optional = len(message.oneof_decl) - 1, True
    return f"{scope} optional"


def _nodes(message: Any, path: str) -> Iterator[tuple[Any, str]]:
    """Every message inside the descriptor, options and features included."""
    yield message, path
    for field, value in message.ListFields():
        if field.message_type is not None:
            for one in value if field.is_repeated else (value,):
                yield from _nodes(one, f"{path}.{getattr(one, 'name', field.name)}")


def _everywhere(files: Files) -> Iterator[tuple[Any, str]]:
    return (one for file in files for one in _nodes(file, file.name))


def _mutate(files: Files, node: Any, path: str, rng: random.Random) -> str:
    fields = [f for f in node.DESCRIPTOR.fields if f.full_name not in _KEPT]
    field = rng.choice(fields)
    what = f"{path}.{field.name}"
    if field.is_repeated:
        _mutate_list(files, getattr(node, field.name), field, rng)
    elif field.message_type is not None:
        getattr(node, field.name).SetInParent()
        return _mutate(files, getattr(node, field.name), what, rng)
    elif field.has_presence and node.HasField(field.name) and rng.random() < 0.2:
        node.ClearField(field.name)
    else:
        setattr(node, field.name, _value(files, node, field, rng))
    return what


def _mutate_list(files: Files, items: Any, field: FieldDescriptor, rng: random.Random) -> None:
    choice = rng.random()
    if items and choice < 0.3:
        del items[rng.randrange(len(items))]
    elif len(items) > 1 and choice < 0.45:
        first, second = rng.sample(range(len(items)), 2)
        _swap(items, first, second)
    elif field.message_type is None:
        items.append(rng.choice(["gone", "f1", "f2", "f3"]) if field.type == 9 else 0)
    else:
        alike = [n for n, _ in _everywhere(files) if n.DESCRIPTOR is field.message_type]
        fresh = items.add()
        if alike:
            fresh.CopyFrom(copied(rng.choice(alike)))
        if choice < 0.9 and isinstance(getattr(fresh, "name", None), str):
            fresh.name = f"{fresh.name}x{rng.randint(0, 9)}"
        if isinstance(getattr(fresh, "number", None), int):
            fresh.number = rng.randint(-1, 40)


def _swap(items: Any, first: int, second: int) -> None:
    kept = [copied(one) if isinstance(one, Message) else one for one in items]
    kept[first], kept[second] = kept[second], kept[first]
    del items[:]
    items.extend(kept)


def _value(files: Files, node: Any, field: FieldDescriptor, rng: random.Random) -> Any:
    if field.enum_type is not None:
        return rng.choice([value.number for value in field.enum_type.values])
    if field.type == FieldDescriptor.TYPE_BOOL:
        return rng.random() < 0.5
    if field.type == FieldDescriptor.TYPE_STRING:
        return _text(files, node, field, rng)
    if field.type in (FieldDescriptor.TYPE_BYTES, FieldDescriptor.TYPE_DOUBLE):
        return b"x" if field.type == FieldDescriptor.TYPE_BYTES else 1.5
    if field.name == "number":
        others = [n.number for n, _ in _everywhere(files) if n.DESCRIPTOR is node.DESCRIPTOR]
        return rng.choice([*others, rng.randint(1, 40)])
    return rng.choice([0, 0, 1, 2, rng.randint(0, 40)])


def _text(files: Files, node: Any, field: FieldDescriptor, rng: random.Random) -> str:
    if field.name in _REFERENCES:
        held = known(files)
        here = [*held.messages, *held.enums, *well_known(files[0])]
        return str(rng.choice(here or [getattr(node, field.name)]))  # services alone have no types
    if field.name == "default_value":
        named = [
            n.name for n, _ in _everywhere(files) if n.DESCRIPTOR.name == "EnumValueDescriptorProto"
        ]
        return str(rng.choice([*DEFAULTS.get(node.type, ("1",)), *named, "1"]))
    if field.name in ("name", "json_name"):
        others = [n.name for n, _ in _everywhere(files) if n.DESCRIPTOR is node.DESCRIPTOR]
        return str(rng.choice([*others, f"{node.name}{rng.randint(0, 9)}"]))
    return f"{getattr(node, field.name)}x"
