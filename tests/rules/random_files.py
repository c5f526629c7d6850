"""Random files of every syntax and edition, as valid as protoc asks for."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)

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
KNOWN = (
    any_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
EDITIONS = (descriptor_pb2.EDITION_2023, descriptor_pb2.EDITION_2024)
FEATURES: dict[str, tuple[int, ...]] = {
    "field_presence": (1, 2, 3),
    "enum_type": (1, 2),
    "repeated_field_encoding": (1, 2),
    "utf8_validation": (2, 3),
    "message_encoding": (1, 2),
    "json_format": (1, 2),
}


@dataclass(frozen=True, slots=True)
class Known:
    """The types that a field may be of, as descriptors name them: `.r.A`."""

    messages: tuple[str, ...]
    enums: tuple[str, ...]


def known(files: Iterable[_File]) -> Known:
    """Those that *files* declare."""
    files = tuple(files)
    named = [f".{scope}" for file in files for scope, _ in messages(file)]
    return Known(tuple(named), tuple(f".{name}" for file in files for name in enums(file)))


def random_file(rng: random.Random) -> _File:
    """Enums, messages that refer to one another, extensions, and a service over some of them."""
    file = _File(name="r.proto", package="r")
    file.dependency.extend(module.DESCRIPTOR.name for module in KNOWN)
    set_syntax(file, rng)
    for name in ("E", "F"):
        _add_enum(file, file.enum_type.add(name=name), name, rng)
    for name in ("A", "B", "C", "D"):
        file.message_type.add(name=name)
    outer = file.message_type[0]
    _add_enum(file, outer.enum_type.add(name="N"), "N", rng)
    outer.nested_type.add(name="I")
    _wrapper(file, rng)
    open_ended = [_message_set(file)] if file.syntax == "proto2" and rng.random() < 0.3 else []
    types = known([file])
    for scope, message in [*messages(file)]:
        if message.name not in ("W", *open_ended):
            _fill(file, message, scope, types, rng)
    if file.syntax != "proto3":
        _extend(file, types, rng)
    service = file.service.add(name="S")
    for name in ("First", "Second")[: rng.randint(0, 2)]:
        sent, answered = rng.choice(types.messages), rng.choice(types.messages)
        service.method.add(name=name, input_type=sent, output_type=answered)
    settle(file)
    return file


def _message_set(file: _File) -> str:
    message = file.message_type.add(name="M")
    message.options.message_set_wire_format = True
    message.extension_range.add(start=4, end=2**31 - 1)
    return "M"


def well_known(file: _File) -> list[str]:
    """The types of protobuf's own that *file* imports."""
    return [
        f".{message.full_name}"
        for module in KNOWN
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
    """Every message but the entries of maps, by its full name."""
    waiting = [(f"{file.package}.{m.name}".lstrip("."), m) for m in file.message_type]
    while waiting:
        scope, message = waiting.pop()
        if not message.options.map_entry:
            yield scope, message
        waiting += [(f"{scope}.{nested.name}", nested) for nested in message.nested_type]


def enums(file: _File) -> Iterator[str]:
    """The full names of its enums."""
    yield from (f"{file.package}.{enum.name}".lstrip(".") for enum in file.enum_type)
    for scope, message in messages(file):
        yield from (f"{scope}.{enum.name}" for enum in message.enum_type)


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
        if rng.random() < 0.3:
            set_feature(file.options.features, rng)


def set_feature(features: Any, rng: random.Random) -> str:
    """Any feature, to any value; protoc knows where it may stand."""
    name = rng.choice([*FEATURES])
    setattr(features, name, rng.choice(FEATURES[name]))
    return name


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


def _fill(file: _File, message: _Message, scope: str, types: Known, rng: random.Random) -> None:
    for name in ("choice", "other")[: rng.choice([0, 0, 1, 2])]:
        message.oneof_decl.add(name=name)
    for number in rng.sample(range(1, 30), rng.randint(1, 7)):
        add_field(file, message, scope, f"f{number}", number, types, rng)
    if rng.random() < 0.2:
        message.reserved_range.add(start=40, end=rng.randint(41, 50))
        message.reserved_name.append("gone")
    if file.syntax != "proto3" and rng.random() < 0.5:
        message.extension_range.add(start=100, end=200)


def add_field(
    file: _File,
    message: _Message,
    scope: str,
    name: str,
    number: int,
    types: Known,
    rng: random.Random,
) -> None:
    field = message.field.add(name=name, number=number)
    field.label = rng.choice([_Field.LABEL_OPTIONAL] * 3 + [_Field.LABEL_REPEATED])
    set_type(file, message, scope, field, types, rng)
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


def set_type(
    file: _File,
    message: _Message,
    scope: str,
    field: _Field,
    types: Known,
    rng: random.Random,
) -> None:
    """A random type: scalar, enum, message, group or map."""
    choice = rng.random()
    field.ClearField("type_name")
    field.ClearField("default_value")
    if choice < 0.65:
        field.type = rng.choice(_SCALARS)
    elif choice < 0.77 and types.enums:
        field.type, field.type_name = _Field.TYPE_ENUM, rng.choice(types.enums)
    elif choice < 0.9 or field.label != _Field.LABEL_REPEATED:
        group = file.syntax == "proto2" and rng.random() < 0.2
        field.type = _Field.TYPE_GROUP if group else _Field.TYPE_MESSAGE
        field.type_name = rng.choice(types.messages)
        if field.type == _Field.TYPE_MESSAGE and rng.random() < 0.3:
            field.type_name = rng.choice(well_known(file) or [field.type_name])
        if file.syntax == "editions" and rng.random() < 0.3:
            field.options.features.message_encoding = _Set.DELIMITED
    else:
        _make_map(message, scope, field, types, rng)


def _make_map(
    message: _Message, scope: str, field: _Field, types: Known, rng: random.Random
) -> None:
    name = f"{field.name.title().replace('_', '')}Entry"
    if any(nested.name == name for nested in message.nested_type):
        field.type = _Field.TYPE_BYTES
        return
    entry = message.nested_type.add(name=name)
    entry.options.map_entry = True
    key = entry.field.add(name="key", number=1, label=_Field.LABEL_OPTIONAL)
    key.type = rng.choice(_KEYS)  # type: ignore[assignment]
    value = entry.field.add(name="value", number=2, label=_Field.LABEL_OPTIONAL)
    value.type = rng.choice([*_SCALARS, 11, *([14] if types.enums else [])])  # type: ignore[assignment]
    if value.type in (11, 14):
        value.type_name = rng.choice(types.messages if value.type == 11 else types.enums)
    field.label = _Field.LABEL_REPEATED
    field.type, field.type_name = _Field.TYPE_MESSAGE, f".{scope}.{name}"


def _extend(file: _File, types: Known, rng: random.Random) -> None:
    open_ = [m for m in file.message_type if m.extension_range]
    for index, message in enumerate(open_):
        home: Any = rng.choice([file, *file.message_type])
        extension = home.extension.add(name=f"x{index}", number=100 + index)
        extension.extendee = f".{file.package}.{message.name}"
        in_set = message.options.message_set_wire_format
        many = [] if in_set else [_Field.LABEL_REPEATED]
        extension.label = rng.choice([_Field.LABEL_OPTIONAL, *many])
        extension.type = rng.choice(_SCALARS)
        if in_set or rng.random() < 0.3:
            extension.type, extension.type_name = _Field.TYPE_MESSAGE, rng.choice(types.messages)
