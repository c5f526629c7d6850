"""A buf image taken apart into its serialized files, and put together again.

The files stay bytes: most of them are the same in two versions and need no parsing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from google.protobuf import descriptor_pb2
from google.protobuf.message import DecodeError, Message

from wireproof.schema.lazy import lazy
from wireproof.schema.minimal import BOOL, BYTES, MANY, ONE, STRING, Row, minimal
from wireproof.schema.pieces import spans

BUF_EXTENSION = 8042
"""buf's own field in the FileDescriptorProtos of an image; `bool is_import = 1` within it."""


class Parts(NamedTuple):
    """A file taken apart: its outermost elements, each still encoded, and all else in it."""

    package: str
    messages: tuple[bytes, ...]
    enums: tuple[bytes, ...]
    services: tuple[bytes, ...]
    extensions: tuple[bytes, ...]
    rest: bytes
    """A FileDescriptorProto of what is left: name, package, syntax, imports and options."""

    def types(self) -> Iterator[str]:
        """The full names of the messages and enums that stand in no other."""
        named: Any = _kinds()["Named"]
        prefix = f"{self.package}." if self.package else ""
        return (prefix + named.FromString(e).name for e in (*self.messages, *self.enums))


class PackedFile:
    """One serialized FileDescriptorProto; whatever is read of it is read once.

    Versions of a schema share the files that are the same in them, and so what was read. The file
    stays where it lies in its image, at *span*: were each in a piece of memory of its own, a copy
    of the process would copy every piece that it looks at.
    """

    def __init__(
        self,
        name: str,
        image: bytes,
        span: tuple[int, int],
        imports: tuple[str, ...],
        *,
        is_import: bool = False,
    ) -> None:
        self.name = name
        self.imports = imports
        self.is_import = is_import
        self._image = image
        self._begin, self._end = span

    @property
    def data(self) -> bytes:
        """The file, serialized."""
        return self._image[self._begin : self._end]

    def equals(self, other: PackedFile) -> bool:
        """Whether both are the same byte for byte."""
        return self is other or (self._size == other._size and self.data == other.data)

    @property
    def _size(self) -> int:
        return self._end - self._begin

    @lazy
    def proto(self) -> descriptor_pb2.FileDescriptorProto:
        """The file without its source information, which is most of a large schema."""
        return descriptor_pb2.FileDescriptorProto.FromString(self.stripped)

    @property
    def whole(self) -> descriptor_pb2.FileDescriptorProto:
        """The file with its source information, parsed anew."""
        return descriptor_pb2.FileDescriptorProto.FromString(self.data)

    @lazy
    def stripped(self) -> bytes:
        """Its bytes without source information and buf's marks: what it declares."""
        return _without(self.data, _NOTHING_DECLARED)

    @property
    def types(self) -> bytes:
        """The same without services: what messages need to be written and read."""
        return _without(self.data, (*_NOTHING_DECLARED, "service"))

    @lazy
    def parts(self) -> Parts:
        """What it declares, unparsed: most of it is the same in another version."""
        file: Any = _kinds()["File"].FromString(self.data)
        elements = {part: tuple(getattr(file, name)) for part, name in _ELEMENTS.items()}
        for name in (*_ELEMENTS.values(), *_NOTHING_DECLARED):
            file.ClearField(name)
        return Parts(package=file.package, rest=file.SerializeToString(), **elements)

    @property
    def source_info(self) -> descriptor_pb2.SourceCodeInfo:
        """Only its source information: comments, and where elements stand."""
        return source_info(self.data)


def split_image(image: bytes) -> tuple[PackedFile, ...]:
    """The files of an image, in order, dependencies first; raises DecodeError."""
    kind: Any = _kinds()["Head"]
    return tuple(_packed(kind, image, span) for span in spans(image, _FILE))


def _without(data: bytes, names: Iterable[str]) -> bytes:
    """A serialized file without the fields *names*.

    Neither they nor the rest are parsed: to this message the rest are unknown fields, kept as is.
    """
    file: Any = _kinds()["File"].FromString(data)
    for name in names:
        file.ClearField(name)
    kept: bytes = file.SerializeToString()
    return kept


def source_info(data: bytes) -> descriptor_pb2.SourceCodeInfo:
    """Only the source information of a serialized file."""
    file: Any = _kinds()["File"].FromString(data)
    return descriptor_pb2.SourceCodeInfo.FromString(b"".join(file.source_code_info))


def locations(data: bytes) -> list[bytes]:
    """The locations of a serialized file's source information, each still encoded."""
    file: Any = _kinds()["Placed"].FromString(data)
    return list(file.source_code_info.location)


def reached(starts: Iterable[str], ways: Mapping[str, Iterable[str]]) -> set[str]:
    """The names in *starts* and all that *ways* lead to from them."""
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += ways.get(name, ())
    return found


def needed(files: tuple[PackedFile, ...], own: frozenset[str]) -> tuple[PackedFile, ...]:
    """The *own* files and everything that they import, in the same order."""
    wanted = reached(own, {packed.name: packed.imports for packed in files})
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
    data = file.SerializeToString()
    return PackedFile(file.name, data, (0, len(data)), tuple(file.dependency))


def _packed(kind: Any, image: bytes, span: tuple[int, int]) -> PackedFile:
    file = kind.FromString(image[slice(*span)])
    if not file.name:
        raise DecodeError("a file without a name")
    imports = tuple(file.dependency)
    return PackedFile(file.name, image, span, imports, is_import=file.buf.is_import)


_FILE = 1
"""The number of the files in a FileDescriptorSet."""
_ELEMENTS = {
    "messages": "message_type",
    "enums": "enum_type",
    "services": "service",
    "extensions": "extension",
}
"""What `Parts` calls the elements of a file → what descriptor.proto does, in its order."""
_NOTHING_DECLARED = ("source_code_info", "buf")
_ROWS: dict[str, tuple[Row, ...]] = {
    "Image": (("file", 1, MANY, BYTES),),
    "File": (
        ("name", 1, ONE, STRING),
        ("package", 2, ONE, STRING),
        ("dependency", 3, MANY, STRING),
        *((name, number, MANY, BYTES) for number, name in enumerate(_ELEMENTS.values(), 4)),
        ("source_code_info", 9, MANY, BYTES),
        ("buf", BUF_EXTENSION, ONE, "Buf"),
    ),
    "Head": (
        ("name", 1, ONE, STRING),
        ("dependency", 3, MANY, STRING),
        ("buf", BUF_EXTENSION, ONE, "Buf"),
    ),
    "Placed": (("source_code_info", 9, ONE, "Info"),),
    "Named": (("name", 1, ONE, STRING),),
    "Info": (("location", 1, MANY, BYTES),),
    "Buf": (("is_import", 1, ONE, BOOL),),
}
"""Just enough of an image to take it apart."""


@cache
def _kinds() -> dict[str, type[Message]]:
    return minimal("image", _ROWS)
