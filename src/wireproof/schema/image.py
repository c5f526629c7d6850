"""A buf image taken apart into its serialized files, and put together again.

The files stay bytes: most of them are the same in two versions and need no parsing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message

BUF_EXTENSION = 8042
"""buf's own field in the FileDescriptorProtos of an image; `bool is_import = 1` within it."""


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One serialized FileDescriptorProto."""

    name: str
    data: bytes
    is_import: bool = False


def split_image(data: bytes) -> tuple[PackedFile, ...]:
    """The files of an image, in order, dependencies first; raises DecodeError."""
    kinds = _kinds()
    return tuple(_split(kinds["File"], file) for file in _parse(kinds["Image"], data).file)


_SOURCE_INFO = 9
_LENGTH_DELIMITED = 2


def without_source_info(data: bytes) -> bytes:
    """A serialized file without its source information: most of its bytes, and no promise.

    Found by its tag at the top level, without parsing what is inside.
    """
    start = 0
    kept: list[bytes] = []
    for begin, _, end in _source_info(data):
        kept.append(data[start:begin])
        start = end
    return b"".join((*kept, data[start:])) if kept else data


def source_info(data: bytes) -> descriptor_pb2.SourceCodeInfo:
    """Only the source information of a serialized file."""
    payloads = (data[payload:end] for _, payload, end in _source_info(data))
    return descriptor_pb2.SourceCodeInfo.FromString(b"".join(payloads))


def _source_info(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Where source information begins, where its payload does, and where it ends."""
    at = 0
    while at < len(data):
        tag, after = _varint(data, at)
        end = _end(data, tag & 7, after)
        if tag >> 3 == _SOURCE_INFO:
            _, payload = _varint(data, after)
            yield at, payload, end
        at = end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The value, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7


def _end(data: bytes, wire_type: int, at: int) -> int:
    """Where the field's value ends; a file has no groups and no fixed-width fields of its own."""
    value, after = _varint(data, at)
    return after + value if wire_type == _LENGTH_DELIMITED else after


def needed(files: tuple[PackedFile, ...], own: frozenset[str]) -> tuple[PackedFile, ...]:
    """The *own* files and everything that they import, in the same order."""
    imports = {packed.name: packed for packed in files}
    wanted: set[str] = set()
    waiting = list(own)
    while waiting:
        name = waiting.pop()
        if name not in wanted and name in imports:
            wanted.add(name)
            waiting += _kinds()["File"].FromString(imports[name].data).dependency  # type: ignore[attr-defined]
    return tuple(packed for packed in files if packed.name in wanted)


def join_image(files: Iterable[PackedFile], own: frozenset[str]) -> bytes:
    """An image of *files* in which all but the *own* are marked as imports."""
    kinds = _kinds()
    image: Any = kinds["Image"]()
    for packed in files:
        file: Any = kinds["File"].FromString(packed.data)
        file.ClearField("buf")
        if packed.name not in own:
            file.buf.is_import = True
        image.file.append(file.SerializeToString())
    whole: bytes = image.SerializeToString()
    return whole


def pack(file: descriptor_pb2.FileDescriptorProto) -> PackedFile:
    return PackedFile(file.name, file.SerializeToString())


def _split(kind: type[Message], data: bytes) -> PackedFile:
    file = _parse(kind, data)
    return PackedFile(file.name, data, file.buf.is_import)


def _parse(kind: type[Message], data: bytes) -> Any:
    message = kind.FromString(data)
    if kind.DESCRIPTOR.name == "File" and not message.name:  # type: ignore[attr-defined]
        raise DecodeError("a file without a name")
    return message


@cache
def _kinds() -> dict[str, type[Message]]:
    """Messages that know just enough of an image to take it apart."""
    file = descriptor_pb2.FileDescriptorProto(name="image", package="image", syntax="proto3")
    field = descriptor_pb2.FieldDescriptorProto
    image = file.message_type.add(name="Image")
    image.field.add(name="file", number=1, label=field.LABEL_REPEATED, type=field.TYPE_BYTES)
    one = file.message_type.add(name="File")
    one.field.add(name="name", number=1, label=field.LABEL_OPTIONAL, type=field.TYPE_STRING)
    one.field.add(name="dependency", number=3, label=field.LABEL_REPEATED, type=field.TYPE_STRING)
    one.field.add(
        name="buf",
        number=BUF_EXTENSION,
        label=field.LABEL_OPTIONAL,
        type=field.TYPE_MESSAGE,
        type_name=".image.Buf",
    )
    buf = file.message_type.add(name="Buf")
    buf.field.add(name="is_import", number=1, label=field.LABEL_OPTIONAL, type=field.TYPE_BOOL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"image.{name}"))
        for name in ("Image", "File")
    }
