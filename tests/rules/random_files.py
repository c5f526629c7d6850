"""Random files of every syntax and edition, as valid as protoc asks for."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
from grpc_tools import protoc

from wireproof.schema.schema import Schema

_Field = descriptor_pb2.FieldDescriptorProto
_File = descriptor_pb2.FileDescriptorProto
_Message = descriptor_pb2.DescriptorProto
_Set = descriptor_pb2.FeatureSet
_SCALARS = [n for n in _Field.Type.values() if n not in (10, 11, 14)]
_KEYS = [3, 4, 5, 6, 7, 8, 9, 13, 15, 16, 17, 18]
DEFAULTS = {
    1: ("1.5", "inf"),
    2: ("-0.5",),
    3: ("7", "-9223372036854775808"),
    5: ("-3", "0"),
    8: ("true",),
    9: ("d", "é"),
    12: ("\\001x",),
    13: ("9",),
}
ENUMS = ("E", "F", "A.N")
MESSAGES = ("A", "B", "C", "D", "A.I", "W")
_KNOWN = (duration_pb2, empty_pb2, field_mask_pb2, struct_pb2, timestamp_pb2, wrappers_pb2)
EDITIONS = (descriptor_pb2.EDITION_2023, descriptor_pb2.EDITION_2024)


def random_file(rng: random.Random) -> _File:
    """Enums, messages that refer to one another, extensions, and a service over some of them."""
    file = _File(name="r.proto", package="r")
    file.dependency.extend(module.DESCRIPTOR.name for module in _KNOWN)
    set_syntax(file, rng)
    for name in ("E", "F"):
        _add_enum(file, file.enum_type.add(name=name), name, rng)
    for name in ("A", "B", "C", "D"):
        file.message_type.add(name=name)
    outer = file.message_type[0]
    _add_enum(file, outer.enum_type.add(name="N"), "N", rng)
    _fill(file, outer.nested_type.add(name="I"), "A.I", rng)
    for message in list(file.message_type):
        _fill(file, message, message.name, rng)
    _wrapper(file, rng)
    if file.syntax != "proto3":
        _extend(file, rng)
    service = file.service.add(name="S")
    for name in ("First", "Second")[: rng.randint(0, 2)]:
        sent, answered = rng.choice(MESSAGES), rng.choice(MESSAGES)
        service.method.add(name=name, input_type=f".r.{sent}", output_type=f".r.{answered}")
    settle(file)
    return file


def well_known(file: _File) -> list[str]:
    """The types of protobuf's own that *file* imports."""
    return [
        f".{message.full_name}"
        for module in _KNOWN
        if module.DESCRIPTOR.name in file.dependency
        for message in module.DESCRIPTOR.message_types_by_name.values()
    ]


def _wrapper(file: _File, rng: random.Random) -> None:
    """A message built like one of those that have a form of their own in JSON."""
    message = file.message_type.add(name="W")
    message.field.add(name="value", number=1, label=1, type=rng.choice(_SCALARS))
    if rng.random() < 0.5:
        message.field[0].name, message.field[0].type = "seconds", _Field.TYPE_INT64
        message.field.add(name="nanos", number=2, label=1, type=_Field.TYPE_INT32)


def messages(file: _File) -> Iterator[tuple[str, Any]]:
    """Every message but the entries of maps, by its name without the package."""
    waiting = [(message.name, message) for message in file.message_type]
    while waiting:
        scope, message = waiting.pop()
        if not message.options.map_entry:
            yield scope, message
        waiting += [(f"{scope}.{nested.name}", nested) for nested in message.nested_type]


def settle(file: _File) -> None:
    """What a source file cannot say otherwise: members of a oneof stand together, none is empty."""
    for _, message in messages(file):
        fields = sorted(message.field, key=lambda f: f.oneof_index if _in_oneof(f) else -1)
        used = sorted({f.oneof_index for f in fields if _in_oneof(f)})
        known = [index for index in used if 0 <= index < len(message.oneof_decl)]
        known.sort(key=lambda index: message.oneof_decl[index].name.startswith("_"))
        kept = [copied(message.oneof_decl[index]) for index in known]
        moved = [copied(field) for field in fields]
        for field in moved:
            if _in_oneof(field) and field.oneof_index in known:
                field.oneof_index = known.index(field.oneof_index)
        del message.field[:], message.oneof_decl[:]
        message.field.extend(moved)
        message.oneof_decl.extend(kept)


def _in_oneof(field: _Field) -> bool:
    return field.HasField("oneof_index")


def copied(one: Any) -> Any:
    """A message of the same content."""
    copy = type(one)()
    copy.CopyFrom(one)
    return copy


def converted(file: _File, rng: random.Random) -> None:
    """The same in another syntax: to an edition with the features that it had, else as it comes."""
    before = file.syntax
    if before == "editions" or rng.random() < 0.4:
        set_syntax(file, rng)
        for _, message in messages(file):
            for field in message.field:
                _as_plain(file, message, field)
        return
    file.syntax, file.edition = "editions", rng.choice(EDITIONS)
    features = file.options.features
    if before == "proto3":
        features.field_presence = _Set.IMPLICIT
    else:
        features.enum_type, features.json_format = _Set.CLOSED, _Set.LEGACY_BEST_EFFORT
        features.utf8_validation = _Set.NONE
        features.repeated_field_encoding = _Set.EXPANDED
    set_style(file)
    for _, message in messages(file):
        for field in message.field:
            _as_edition(field)


def _as_edition(field: _Field) -> None:
    """A field of proto2 or proto3 as an edition says it."""
    features = field.options.features
    if field.label == _Field.LABEL_REQUIRED:
        field.label, features.field_presence = _Field.LABEL_OPTIONAL, _Set.LEGACY_REQUIRED
    if field.proto3_optional:
        field.ClearField("oneof_index")
        field.ClearField("proto3_optional")
        if field.type not in (10, 11):
            features.field_presence = _Set.EXPLICIT
    if field.type == _Field.TYPE_GROUP:
        field.type, features.message_encoding = _Field.TYPE_MESSAGE, _Set.DELIMITED
    if field.options.HasField("packed"):
        features.repeated_field_encoding = _Set.PACKED if field.options.packed else _Set.EXPANDED
        field.options.ClearField("packed")


def _as_plain(file: _File, message: _Message, field: _Field) -> None:
    """What the syntax does not know, left out."""
    if file.syntax != "editions":
        field.options.ClearField("features")
    if file.syntax != "proto2":
        field.label = min(field.label, 3) if field.label != 2 else 1  # type: ignore[assignment]
        field.type = 11 if field.type == 10 else field.type  # type: ignore[assignment]
    if file.syntax != "proto3":
        field.ClearField("proto3_optional")
    else:
        field.ClearField("default_value")
        message.ClearField("extension_range")
        file.ClearField("extension")
        message.ClearField("extension")


def set_style(file: _File) -> None:
    """Names here are short, not stylish."""
    if file.edition >= descriptor_pb2.EDITION_2024:
        file.options.features.enforce_naming_style = _Set.STYLE_LEGACY


def set_syntax(file: _File, rng: random.Random) -> None:
    file.ClearField("edition")
    file.syntax = rng.choice(["proto2", "proto3", "editions", "editions"])
    file.options.ClearField("features")
    if file.syntax == "editions":
        file.edition = rng.choice(EDITIONS)
        set_style(file)
        if rng.random() < 0.2:
            file.options.features.field_presence = _Set.IMPLICIT


def _add_enum(file: _File, enum: Any, name: str, rng: random.Random) -> None:
    numbers = [0, *rng.sample([*range(1, 7), -1, 2**31 - 1], rng.randint(1, 4))]
    if file.syntax == "proto2" and rng.random() < 0.3:
        rng.shuffle(numbers)
    for number in numbers:
        enum.value.add(name=f"{name}_{number}".replace("-", "M"), number=number)
    if rng.random() < 0.2:
        enum.options.allow_alias = True
        enum.value.add(name=f"{name}_ALIAS", number=rng.choice(numbers))
    if file.syntax == "editions" and rng.random() < 0.4:
        enum.options.features.enum_type = _Set.CLOSED


def _fill(file: _File, message: _Message, scope: str, rng: random.Random) -> None:
    for name in ("choice", "other")[: rng.choice([0, 0, 1, 2])]:
        message.oneof_decl.add(name=name)
    for number in rng.sample(range(1, 30), rng.randint(1, 7)):
        add_field(file, message, scope, f"f{number}", number, rng)
    if rng.random() < 0.2:
        message.reserved_range.add(start=40, end=rng.randint(41, 50))
        message.reserved_name.append("gone")
    if file.syntax != "proto3" and rng.random() < 0.5:
        message.extension_range.add(start=100, end=200)


def add_field(
    file: _File, message: _Message, scope: str, name: str, number: int, rng: random.Random
) -> None:
    field = message.field.add(name=name, number=number)
    field.label = rng.choice([_Field.LABEL_OPTIONAL] * 3 + [_Field.LABEL_REPEATED])
    set_type(file, message, scope, field, rng)
    scalar = field.label == _Field.LABEL_OPTIONAL and not field.type_name
    if file.syntax == "proto2" and rng.random() < 0.1 and scalar:
        field.label = _Field.LABEL_REQUIRED
    single = field.label == _Field.LABEL_OPTIONAL
    if message.oneof_decl and single and rng.random() < 0.5:
        field.oneof_index = rng.randrange(len(message.oneof_decl))
    elif file.syntax != "proto3" and single and field.type in DEFAULTS and rng.random() < 0.2:
        field.default_value = rng.choice(DEFAULTS[field.type])
    elif file.syntax == "editions" and single and field.type != 11 and rng.random() < 0.3:
        field.options.features.field_presence = rng.choice([1, 2, 3])  # type: ignore[assignment]
    if rng.random() < 0.05:
        field.json_name = f"j{number}"


def set_type(file: _File, message: _Message, scope: str, field: _Field, rng: random.Random) -> None:
    """A random type: scalar, enum, message, group or map."""
    choice = rng.random()
    field.ClearField("type_name")
    field.ClearField("default_value")
    if choice < 0.65:
        field.type = rng.choice(_SCALARS)
    elif choice < 0.77:
        field.type, field.type_name = _Field.TYPE_ENUM, f".r.{rng.choice(ENUMS)}"
    elif choice < 0.9 or field.label != _Field.LABEL_REPEATED:
        group = file.syntax == "proto2" and rng.random() < 0.2
        field.type = _Field.TYPE_GROUP if group else _Field.TYPE_MESSAGE
        field.type_name = f".r.{rng.choice(MESSAGES)}"
        if field.type == _Field.TYPE_MESSAGE and rng.random() < 0.3:
            field.type_name = rng.choice(well_known(file) or [field.type_name])
        if file.syntax == "editions" and rng.random() < 0.3:
            field.options.features.message_encoding = _Set.DELIMITED
    else:
        _make_map(message, scope, field, rng)


def _make_map(message: _Message, scope: str, field: _Field, rng: random.Random) -> None:
    name = f"{field.name.title().replace('_', '')}Entry"
    if any(nested.name == name for nested in message.nested_type):
        field.type = _Field.TYPE_BYTES
        return
    entry = message.nested_type.add(name=name)
    entry.options.map_entry = True
    key = entry.field.add(name="key", number=1, label=_Field.LABEL_OPTIONAL)
    key.type = rng.choice(_KEYS)  # type: ignore[assignment]
    value = entry.field.add(name="value", number=2, label=_Field.LABEL_OPTIONAL)
    value.type = rng.choice([*_SCALARS, 11, 14])  # type: ignore[assignment]
    if value.type in (11, 14):
        value.type_name = f".r.{rng.choice(MESSAGES if value.type == 11 else ENUMS)}"
    field.label = _Field.LABEL_REPEATED
    field.type, field.type_name = _Field.TYPE_MESSAGE, f".r.{scope}.{name}"


def _extend(file: _File, rng: random.Random) -> None:
    open_ = [m for m in file.message_type if m.extension_range]
    for index, message in enumerate(open_):
        home: Any = rng.choice([file, *file.message_type])
        extension = home.extension.add(name=f"x{index}", number=100 + index)
        extension.extendee = f".r.{message.name}"
        extension.label = rng.choice([_Field.LABEL_OPTIONAL, _Field.LABEL_REPEATED])
        extension.type = rng.choice(_SCALARS)
        if rng.random() < 0.3:
            extension.type, extension.type_name = _Field.TYPE_MESSAGE, f".r.{rng.choice(MESSAGES)}"


def linked(file: _File) -> Schema | None:
    """The schema of *file*; None where protoc itself refuses it."""
    files = descriptor_pb2.FileDescriptorSet(file=[*_known_files(), file])
    if not files.IsInitialized():
        return None
    with tempfile.NamedTemporaryFile(suffix=".binpb") as image:
        Path(image.name).write_bytes(files.SerializeToString())
        arguments = ("protoc", f"--descriptor_set_in={image.name}", f"-o{os.devnull}", file.name)
        with _silent():
            if protoc.main(arguments) != 0:
                return None
    pool = descriptor_pool.DescriptorPool()
    try:
        for one in files.file:
            pool.Add(one)
    except (TypeError, ValueError):
        return None
    return Schema(files.file, source="random", own=frozenset({file.name}))


@cache
def _known_files() -> tuple[_File, ...]:
    return tuple(_File.FromString(module.DESCRIPTOR.serialized_pb) for module in _KNOWN)


@contextmanager
def _silent() -> Iterator[None]:
    """Without protoc's complaints, which go past Python's stderr."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
