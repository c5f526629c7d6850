"""Views of a schema's elements: descriptors with their place, full name and resolved features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from google.protobuf import descriptor_pb2

from wireproof.finding import Location
from wireproof.schema.enums import EnumType, EnumValue
from wireproof.schema.features import Features, exported, file_features, merged
from wireproof.schema.fields import Field
from wireproof.schema.image import PackedFile
from wireproof.schema.lazy import lazy
from wireproof.schema.names import scoped
from wireproof.schema.places import Places
from wireproof.schema.services import Rpc, Service
from wireproof.schema.spans import Span, within

if TYPE_CHECKING:
    from wireproof.schema.schema import Schema

_File = descriptor_pb2.FileDescriptorProto
_Message = descriptor_pb2.DescriptorProto
_Enum = descriptor_pb2.EnumDescriptorProto
_Service = descriptor_pb2.ServiceDescriptorProto
_Extension = descriptor_pb2.FieldDescriptorProto


class File:
    """One file of a schema; its elements stay encoded until they are viewed."""

    def __init__(self, packed: PackedFile, schema: Schema) -> None:
        self.packed = packed
        self.name = self.full_name = packed.name
        self.schema = schema

    @lazy
    def proto(self) -> _File:
        """What it declares besides its elements: package, syntax, imports, options."""
        return _File.FromString(self.packed.parts.rest)

    @lazy
    def features(self) -> Features:
        return file_features(self.proto)

    @property
    def package(self) -> str:
        return self.packed.parts.package

    @property
    def scope(self) -> str:
        """The prefix of the full names that it declares."""
        return self.package

    @property
    def file(self) -> File:
        return self

    path: ClassVar[tuple[int, ...]] = ()

    @lazy
    def messages(self) -> tuple[MessageType, ...]:
        return tuple(self.messages_apart(None))

    @lazy
    def enums(self) -> tuple[EnumType, ...]:
        return tuple(self.enums_apart(None))

    @lazy
    def services(self) -> tuple[Service, ...]:
        return tuple(self.services_apart(None))

    @lazy
    def own_extensions(self) -> tuple[Field, ...]:
        """The extensions that it declares outside of messages."""
        encoded = enumerate(self.packed.parts.extensions)
        return tuple(Field(_Extension.FromString(x), self, (7, i)) for i, x in encoded)

    @lazy
    def extensions(self) -> tuple[Field, ...]:
        return (*self.own_extensions, *(x for m in self.messages for x in m.all_extensions()))

    def messages_apart(self, other: File | None) -> Iterator[MessageType]:
        """Its outermost messages but those that *other*, a version of it, declares just so."""
        apart = self._apart("messages", other)
        return (MessageType(_Message.FromString(m), self, self, (4, i)) for i, m in apart)

    def enums_apart(self, other: File | None) -> Iterator[EnumType]:
        """The same of its outermost enums."""
        apart = self._apart("enums", other)
        return (EnumType(_Enum.FromString(e), self, self, (5, i)) for i, e in apart)

    def services_apart(self, other: File | None) -> Iterator[Service]:
        """The same of its services."""
        apart = self._apart("services", other)
        return (Service(_Service.FromString(s), self, (6, i)) for i, s in apart)

    def _apart(self, kind: str, other: File | None) -> Iterator[tuple[int, bytes]]:
        """The elements of one kind, encoded, that *other* does not hold, with their positions."""
        these: tuple[bytes, ...] = getattr(self.packed.parts, kind)
        if other is None or not self._comparable(other):
            return enumerate(these)
        known = frozenset(getattr(other.packed.parts, kind))
        return (pair for pair in enumerate(these) if pair[1] not in known)

    def _comparable(self, other: File) -> bool:
        """Whether what is written alike in both means the same."""
        if self.packed.parts.rest == other.packed.parts.rest:
            return True
        return (self.package, self.features) == (other.package, other.features)

    @lazy
    def types(self) -> Mapping[str, MessageType]:
        """Every message by its full name, map entries included."""
        found: dict[str, MessageType] = {}
        waiting = list(self.messages)
        while waiting:
            message = waiting.pop()
            found[message.full_name] = message
            waiting += message.messages
        return found

    @lazy
    def enum_types(self) -> Mapping[str, EnumType]:
        """Every enum by its full name."""
        return {enum.full_name: enum for enum in self.all_enums()}

    def all_messages(self) -> Iterator[MessageType]:
        """Every message, nested ones included, map entries left out."""
        waiting = list(reversed(self.messages))
        while waiting:
            message = waiting.pop()
            if not message.is_map_entry:
                yield message
            waiting += reversed(message.messages)

    def all_enums(self) -> Iterator[EnumType]:
        yield from self.enums
        for message in self.all_messages():
            yield from message.enums

    def location(self, path: tuple[int, ...]) -> Location:
        """Where the element at *path* stands, or the nearest one around it that is known."""
        while path and (found := self._places.find(path)) is None:
            path = path[:-1]
        line, column = found if path and found else (None, None)
        return Location(self.schema.path(self.name), line, column)

    @lazy
    def _places(self) -> Places:
        return Places(self.schema.by_name[self.name].data)


class MessageType:
    """One message."""

    def __init__(
        self, proto: _Message, parent: File | MessageType, file: File, path: tuple[int, ...]
    ) -> None:
        self.proto = proto
        self.parent = parent
        self.file = file
        self.path = path

    @property
    def name(self) -> str:
        return self.proto.name

    @lazy
    def full_name(self) -> str:
        return scoped(self.parent.scope, self.proto.name)

    @property
    def scope(self) -> str:
        """The prefix of the full names that it declares."""
        return self.full_name

    @lazy
    def features(self) -> Features:
        return merged(self.parent.features, self.proto.options)

    @property
    def exported(self) -> bool:
        """Whether other files may use it."""
        outermost = self.parent is self.file
        return exported(self.features, self.proto.visibility, outermost=outermost)

    @property
    def is_map_entry(self) -> bool:
        return self.proto.options.map_entry

    @lazy
    def fields(self) -> tuple[Field, ...]:
        return tuple(Field(f, self, (*self.path, 2, i)) for i, f in enumerate(self.proto.field))

    @lazy
    def by_number(self) -> Mapping[int, Field]:
        return {field.number: field for field in self.fields}

    @lazy
    def by_name(self) -> Mapping[str, Field]:
        return {field.name: field for field in self.fields}

    @lazy
    def messages(self) -> tuple[MessageType, ...]:
        return tuple(
            MessageType(m, self, self.file, (*self.path, 3, i))
            for i, m in enumerate(self.proto.nested_type)
        )

    @lazy
    def enums(self) -> tuple[EnumType, ...]:
        return tuple(
            EnumType(e, self, self.file, (*self.path, 4, i))
            for i, e in enumerate(self.proto.enum_type)
        )

    @lazy
    def extensions(self) -> tuple[Field, ...]:
        return tuple(Field(x, self, (*self.path, 6, i)) for i, x in enumerate(self.proto.extension))

    def all_extensions(self) -> Iterator[Field]:
        """The extensions declared in it and in the messages nested in it."""
        waiting = [self]
        while waiting:
            message = waiting.pop()
            yield from message.extensions
            waiting += message.messages if message.proto.nested_type else ()

    @lazy
    def oneofs(self) -> tuple[Oneof, ...]:
        """The oneofs that the source declares; those that `optional` makes are left out."""
        return tuple(oneof for oneof in self.all_oneofs if not oneof.synthetic)

    @lazy
    def all_oneofs(self) -> tuple[Oneof, ...]:
        return tuple(Oneof(self, i) for i in range(len(self.proto.oneof_decl)))

    @property
    def reserved(self) -> tuple[Span, ...]:
        return tuple((span.start, span.end - 1) for span in self.proto.reserved_range)

    @property
    def extension_ranges(self) -> tuple[Span, ...]:
        return tuple((span.start, span.end - 1) for span in self.proto.extension_range)

    def reserves(self, number: int) -> bool:
        return within(number, self.reserved)

    def reserves_name(self, name: str) -> bool:
        return name in self.proto.reserved_name

    def map_entry(self, type_name: str) -> MessageType | None:
        """The entry that `map<…>` made in this message, if *type_name* is one."""
        scope, _, name = type_name.rpartition(".")
        if scope != self.full_name:
            return None
        return next((m for m in self.messages if m.is_map_entry and m.name == name), None)


class Oneof:
    """One oneof of a message."""

    def __init__(self, message: MessageType, index: int) -> None:
        self.proto = message.proto.oneof_decl[index]
        self.message = message
        self.file = message.file
        self.index = index
        self.path = (*message.path, 8, index)

    @property
    def name(self) -> str:
        return self.proto.name

    @property
    def full_name(self) -> str:
        return f"{self.message.full_name}.{self.name}"

    @lazy
    def fields(self) -> tuple[Field, ...]:
        return tuple(
            f
            for f in self.message.fields
            if f.proto.HasField("oneof_index") and f.proto.oneof_index == self.index
        )

    @property
    def synthetic(self) -> bool:
        return len(self.fields) == 1 and self.fields[0].proto.proto3_optional


Element = File | MessageType | Field | Oneof | EnumType | EnumValue | Service | Rpc

__all__ = [
    "Element",
    "EnumType",
    "EnumValue",
    "Field",
    "File",
    "MessageType",
    "Oneof",
    "Rpc",
    "Service",
    "Span",
    "within",
]
