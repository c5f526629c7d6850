"""A large synthetic schema from a seed, and edited copies of it, as buf images."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pb2

from wireproof.schema.image import join_image, pack

_Field = descriptor_pb2.FieldDescriptorProto
_File = descriptor_pb2.FileDescriptorProto
_TYPES = (
    _Field.TYPE_DOUBLE,
    _Field.TYPE_INT64,
    _Field.TYPE_INT32,
    _Field.TYPE_BOOL,
    _Field.TYPE_STRING,
    _Field.TYPE_BYTES,
    _Field.TYPE_UINT32,
    _Field.TYPE_UINT64,
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is in all."""

    files: int = 7_000
    messages: int = 47_000
    fields: int = 155_000
    rpcs: int = 12_000


WHOLE = Size()


def schema(seed: int, size: Size = WHOLE) -> list[_File]:
    """*size* spread evenly over files; a third of the fields refer to messages nearby."""
    rng = random.Random(seed)
    files: list[_File] = []
    for index in range(size.files):
        files.append(_placed(_file(index, size, files, rng)))
    return files


def _share(total: int, parts: int, index: int) -> int:
    return total * (index + 1) // parts - total * index // parts


def _file(index: int, size: Size, before: list[_File], rng: random.Random) -> _File:
    package = f"corp.area{index // 50}.v1"
    file = _File(name=f"corp/area{index // 50}/v1/f{index}.proto", package=package, syntax="proto3")
    file.options.go_package = f"example.com/gen/{package.replace('.', '/')}"
    count = _share(size.messages, size.files, index)
    per_message = size.fields / size.messages
    if before and index % 50:
        file.dependency.append(before[-1].name)
    for number in range(count):
        message = file.message_type.add(name=f"M{index}x{number}")
        for tag in range(1, 1 + int(per_message) + (rng.random() < per_message % 1)):
            _field(message, tag, file, number, before, rng)
    enum = file.enum_type.add(name=f"E{index}")
    for value in range(4):
        enum.value.add(name=f"E{index}_V{value}", number=value)
    service = file.service.add(name=f"S{index}")
    for rpc in range(_share(size.rpcs, size.files, index)):
        method = service.method.add(name=f"Call{rpc}")
        names = [f".{package}.{message.name}" for message in file.message_type]
        method.input_type, method.output_type = rng.choice(names), rng.choice(names)
    return file


def _field(
    message: descriptor_pb2.DescriptorProto,
    tag: int,
    file: _File,
    number: int,
    before: list[_File],
    rng: random.Random,
) -> None:
    name = f"field_{tag}"
    field = message.field.add(name=name, number=tag, json_name=f"field{tag}")
    field.label = _Field.LABEL_REPEATED if rng.random() < 0.15 else _Field.LABEL_OPTIONAL
    if rng.random() < 0.3:
        field.type = _Field.TYPE_MESSAGE
        near = before[-1] if before and file.dependency and rng.random() < 0.5 else file
        last = len(near.message_type) - 1 if near is not file else number
        field.type_name = f".{near.package}.{near.message_type[rng.randint(0, last)].name}"
    else:
        field.type = rng.choice(_TYPES)


def _placed(file: _File) -> _File:
    """*file* with the source information that `buf build` writes: some places an element."""
    info = file.source_code_info
    line = 0
    parts: dict[int, Sequence[Any]] = {4: file.message_type, 5: file.enum_type, 6: file.service}
    for kind, elements in parts.items():
        for index, element in enumerate(elements):
            line = _place(
                info, (kind, index), line, f" {element.name} is a part of the benchmark.\n"
            )
            inner = {4: "field", 5: "value", 6: "method"}[kind]
            for at, one in enumerate(getattr(element, inner)):
                path = (kind, index, 2, at)
                line = _place(info, path, line, f" {one.name} says what it says.\n")
                for part in _PARTS[kind]:
                    info.location.add(path=(*path, part), span=(line, 2, 20))
    return file


_PARTS = {4: (1, 3, 4, 5), 5: (1, 2), 6: (1, 2, 3)}


def _place(
    info: descriptor_pb2.SourceCodeInfo, path: tuple[int, ...], line: int, comment: str
) -> int:
    info.location.add(path=path, span=(line, 0, line + 1, 2), leading_comments=comment)
    return line + 2


def edited(files: list[_File], share: float, seed: int) -> list[_File]:
    """A copy in which *share* of the files have one change each, breaking or not."""
    rng = random.Random(seed)
    chosen = set(rng.sample(range(len(files)), max(1, round(len(files) * share))))
    return [_edited(file, rng) if index in chosen else file for index, file in enumerate(files)]


def _edited(file: _File, rng: random.Random) -> _File:
    new = _File()
    new.CopyFrom(file)
    message = rng.choice(new.message_type)
    scalars = [f for f in message.field if not f.type_name]
    choice = rng.randrange(4)
    if choice == 0 or not scalars:
        message.field.add(name="added", number=999, label=1, type=9, json_name="added")
    elif choice == 1:
        rng.choice(scalars).type = _Field.TYPE_FIXED32
    elif choice == 2:
        message.field.remove(rng.choice(scalars))
    else:
        field = rng.choice(scalars)
        field.name, field.json_name = f"{field.name}_renamed", f"{field.json_name}Renamed"
    return new


def image(files: list[_File]) -> bytes:
    """*files* as a buf image, all of them the module's own."""
    return join_image((pack(file) for file in files), frozenset(file.name for file in files))
