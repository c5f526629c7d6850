"""Random schemas of every syntax, and random edits of any part of a descriptor."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool

from wireproof.schema.schema import Schema

_Field = descriptor_pb2.FieldDescriptorProto
_File = descriptor_pb2.FileDescriptorProto
_Message = descriptor_pb2.DescriptorProto
_SCALARS = [n for n in _Field.Type.values() if n not in (10, 11, 14)]
_KEYS = [3, 4, 5, 8, 9, 13, 17]
_DEFAULTS = {1: "1.5", 3: "7", 5: "-3", 8: "true", 9: "d", 13: "9"}


def random_file(rng: random.Random) -> _File:
    """A small file: two enums, four messages that refer to one another."""
    file = _File(name="r.proto", package="r")
    file.syntax = rng.choice(["proto2", "proto3", "editions"])
    if file.syntax == "editions":
        file.edition = descriptor_pb2.EDITION_2023
    for name in ("E", "F"):
        _add_enum(file, name, rng)
    for name in ("A", "B", "C", "D"):
        _add_message(file, name, rng)
    return file


def _add_enum(file: _File, name: str, rng: random.Random) -> None:
    enum = file.enum_type.add(name=name)
    numbers = [0, *rng.sample(range(1, 9), rng.randint(1, 4))]
    for number in numbers:
        enum.value.add(name=f"{name}_{number}", number=number)
    if file.syntax == "editions" and rng.random() < 0.4:
        enum.options.features.enum_type = descriptor_pb2.FeatureSet.CLOSED


def _add_message(file: _File, name: str, rng: random.Random) -> None:
    message = file.message_type.add(name=name)
    if rng.random() < 0.4:
        message.oneof_decl.add(name="choice")
    numbers = rng.sample(range(1, 30), rng.randint(1, 7))
    for number in numbers:
        add_field(file, message, f"f{number}", number, rng)
    if not any(field.HasField("oneof_index") for field in message.field):
        message.ClearField("oneof_decl")


def add_field(file: _File, message: _Message, name: str, number: int, rng: random.Random) -> None:
    field = message.field.add(name=name, number=number)
    field.label = rng.choice([_Field.LABEL_OPTIONAL] * 3 + [_Field.LABEL_REPEATED])
    set_type(message, field, rng)
    if file.syntax == "proto2" and rng.random() < 0.1 and field.label != _Field.LABEL_REPEATED:
        field.label = _Field.LABEL_REQUIRED
    single = field.label == _Field.LABEL_OPTIONAL
    if message.oneof_decl and single and rng.random() < 0.5:
        field.oneof_index = 0
    elif file.syntax != "proto3" and single and field.type in _DEFAULTS and rng.random() < 0.2:
        field.default_value = _DEFAULTS[field.type]


def set_type(message: _Message, field: _Field, rng: random.Random) -> None:
    """A random type: scalar, enum, message or map."""
    choice = rng.random()
    field.ClearField("type_name")
    field.ClearField("default_value")
    if choice < 0.7:
        field.type = rng.choice(_SCALARS)
    elif choice < 0.8:
        field.type, field.type_name = _Field.TYPE_ENUM, f".r.{rng.choice('EF')}"
    elif choice < 0.9 or field.label != _Field.LABEL_REPEATED:
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".r.{rng.choice('ABCD')}"
    else:
        _make_map(message, field, rng)


def _make_map(message: _Message, field: _Field, rng: random.Random) -> None:
    name = f"{field.name.title().replace('_', '')}Entry"
    if any(nested.name == name for nested in message.nested_type):
        field.type = _Field.TYPE_BYTES
        return
    entry = message.nested_type.add(name=name)
    entry.options.map_entry = True
    key = entry.field.add(name="key", number=1, label=_Field.LABEL_OPTIONAL)
    key.type = rng.choice(_KEYS)  # type: ignore[assignment]
    value = entry.field.add(name="value", number=2, label=_Field.LABEL_OPTIONAL)
    value.type = rng.choice(_SCALARS)
    field.label = _Field.LABEL_REPEATED
    field.type, field.type_name = _Field.TYPE_MESSAGE, f".r.{message.name}.{name}"


Edit = Callable[[_File, random.Random], None]


def _some(file: _File, rng: random.Random) -> tuple[_Message, _Field]:
    message = rng.choice(file.message_type)
    return message, rng.choice(message.field)


def retype(file: _File, rng: random.Random) -> None:
    message, field = _some(file, rng)
    set_type(message, field, rng)


def relabel(file: _File, rng: random.Random) -> None:
    _, field = _some(file, rng)
    field.label = rng.choice([1, 2, 3])  # type: ignore[assignment]


def renumber(file: _File, rng: random.Random) -> None:
    _, field = _some(file, rng)
    field.number = rng.randint(1, 40)


def swap_numbers(file: _File, rng: random.Random) -> None:
    message, field = _some(file, rng)
    other = rng.choice(message.field)
    field.number, other.number = other.number, field.number


def rename(file: _File, rng: random.Random) -> None:
    _, field = _some(file, rng)
    field.name = f"g{rng.randint(0, 99)}"


def remove_field(file: _File, rng: random.Random) -> None:
    message = rng.choice(file.message_type)
    if len(message.field) > 1:
        del message.field[rng.randrange(len(message.field))]


def add_a_field(file: _File, rng: random.Random) -> None:
    message = rng.choice(file.message_type)
    add_field(file, message, f"n{rng.randint(0, 99)}", rng.randint(1, 40), rng)


def move_oneof(file: _File, rng: random.Random) -> None:
    message, field = _some(file, rng)
    if field.HasField("oneof_index") and rng.random() < 0.5:
        field.ClearField("oneof_index")
    else:
        if not message.oneof_decl:
            message.oneof_decl.add(name="fresh")
        field.oneof_index = rng.randrange(len(message.oneof_decl))
        field.proto3_optional = False


def toggle_optional(file: _File, rng: random.Random) -> None:
    message, field = _some(file, rng)
    if file.syntax == "proto3" and not field.HasField("oneof_index"):
        message.oneof_decl.add(name=f"_{field.name}")
        field.oneof_index, field.proto3_optional = len(message.oneof_decl) - 1, True


def any_feature(file: _File, rng: random.Random) -> None:
    """Override some feature of some element, or of the whole file."""
    _, field = _some(file, rng)
    options: Any = rng.choice([file.options, field.options])
    name, values = rng.choice(
        [
            ("field_presence", (1, 2, 3)),
            ("enum_type", (1, 2)),
            ("repeated_field_encoding", (1, 2)),
            ("utf8_validation", (2, 3)),
            ("message_encoding", (1, 2)),
            ("json_format", (1, 2)),
        ]
    )
    setattr(options.features, name, rng.choice(values))


def any_option(file: _File, rng: random.Random) -> None:
    _, field = _some(file, rng)
    field.options.deprecated = rng.random() < 0.5
    if field.label == _Field.LABEL_REPEATED and rng.random() < 0.5:
        field.options.packed = rng.random() < 0.5


def edit_enum(file: _File, rng: random.Random) -> None:
    enum = rng.choice(file.enum_type)
    choice = rng.randrange(4)
    if choice == 0 and len(enum.value) > 1:
        del enum.value[rng.randrange(len(enum.value))]
    elif choice == 1:
        enum.value.add(name=f"{enum.name}_x{rng.randint(0, 99)}", number=rng.randint(0, 12))
    elif choice == 2:
        rng.choice(enum.value).number = rng.randint(0, 12)
    else:
        first, second = rng.choice(enum.value), rng.choice(enum.value)
        first.name, second.name = second.name, first.name


def syntax(file: _File, rng: random.Random) -> None:
    file.syntax = rng.choice(["proto2", "proto3", "editions"])
    file.ClearField("edition")
    if file.syntax == "editions":
        file.edition = descriptor_pb2.EDITION_2023


def default(file: _File, rng: random.Random) -> None:
    _, field = _some(file, rng)
    if field.type in _DEFAULTS:
        field.default_value = rng.choice([_DEFAULTS[field.type], "1"])


EDITS: tuple[Edit, ...] = (
    retype,
    retype,
    relabel,
    renumber,
    swap_numbers,
    rename,
    remove_field,
    add_a_field,
    move_oneof,
    toggle_optional,
    any_feature,
    any_feature,
    any_option,
    edit_enum,
    edit_enum,
    syntax,
    default,
)


def edited(file: _File, rng: random.Random) -> tuple[_File, str]:
    """*file* after one to three random edits, and their names."""
    new = _File()
    new.CopyFrom(file)
    chosen = [rng.choice(EDITS) for _ in range(rng.randint(1, 3))]
    for edit in chosen:
        edit(new, rng)
    return new, "+".join(edit.__name__ for edit in chosen)


def _valid(file: _File, message: _Message, field: _Field) -> bool:
    """What protoc demands of a field."""
    entries = {f".r.{message.name}.{n.name}" for n in message.nested_type}
    optional = field.label == _Field.LABEL_OPTIONAL
    features, in_oneof = field.options.features, field.HasField("oneof_index")
    return not (
        (field.type_name in entries and field.label != _Field.LABEL_REPEATED)
        or (in_oneof and not optional)
        or (field.label == _Field.LABEL_REQUIRED and file.syntax != "proto2")
        or (field.HasField("default_value") and (file.syntax == "proto3" or not optional))
        or (features.HasField("field_presence") and (in_oneof or not optional))
        or (features.field_presence == 2 and field.HasField("default_value"))
        or (features.field_presence == 2 and field.type in (10, 11))
        or (features.HasField("repeated_field_encoding") and optional)
        or (features.HasField("message_encoding") and field.type != 11)
        or (features.HasField("utf8_validation") and field.type != 9)
        or (file.syntax != "editions" and features.ByteSize() > 0)
        or (file.syntax != "editions" and file.options.features.ByteSize() > 0)
    )


def linked(file: _File) -> Schema | None:
    """The schema of *file*; None where it is not valid (the runtime checks less than protoc)."""
    if not all(_valid(file, m, f) for m in file.message_type for f in m.field):
        return None
    if file.options.features.field_presence == descriptor_pb2.FeatureSet.LEGACY_REQUIRED:
        return None
    if any(file.syntax == "proto3" and e.value[0].number for e in file.enum_type):
        return None
    try:
        descriptor_pool.DescriptorPool().Add(file)
    except (TypeError, ValueError):
        return None
    return Schema([file], source="random", own=frozenset({file.name}))
