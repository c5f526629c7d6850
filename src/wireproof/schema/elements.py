"""Views of a schema's elements: descriptors with their place, full name and resolved features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from google.protobuf import descriptor_pb2

from wireproof.finding import Location
from wireproof.schema.enums import EnumType, EnumValue
from wireproof.schema.features import Features, file_features, merged
from wireproof.schema.fields import Field
from wireproof.schema.image import source_info
from wireproof.schema.names import scoped
from wireproof.schema.places import Places
from wireproof.schema.services import Rpc, Service
from wireproof.schema.spans import Span, within

if TYPE_CHECKING:
    from wireproof.schema.schema import Schema

_Message = descriptor_pb2.DescriptorProto


class File:
    """One file of a schema."""

    def __init__(self, proto: descriptor_pb2.FileDescriptorProto, schema: Schema) -> None:
        self.proto = proto
        self.schema = schema
        self.features = file_features(proto)

    @property
    def name(self) -> str:
        return self.proto.name

    @property
    def full_name(self) -> str:
        return self.proto.name

    @property
    def package(self) -> str:
        return self.proto.package

    @property
    def scope(self) -> str:
        """The prefix of the full names that it declares."""
        return self.proto.package

    @property
    def file(self) -> File:
        return self

    path: ClassVar[tuple[int, ...]] = ()

    @cached_property
    def messages(self) -> tuple[MessageType, ...]:
        return tuple(
            MessageType(m, self, self, (4, i)) for i, m in enumerate(self.proto.message_type)
        )

    @cached_property
    def enums(self) -> tuple[EnumType, ...]:
        return tuple(EnumType(e, self, self, (5, i)) for i, e in enumerate(self.proto.enum_type))

    @cached_property
    def services(self) -> tuple[Service, ...]:
        return tuple(Service(s, self, (6, i)) for i, s in enumerate(self.proto.service))

    @cached_property
    def extensions(self) -> tuple[Field, ...]:
        found = tuple(Field(x, self, (7, i)) for i, x in enumerate(self.proto.extension))
        return found + tuple(x for m in self.all_messages() for x in m.extensions)

    @cached_property
    def types(self) -> Mapping[str, MessageType]:
        """Every message by its full name, map entries included."""
        found: dict[str, MessageType] = {}
        waiting = list(self.messages)
        while waiting:
            message = waiting.pop()
            found[message.full_name] = message
            waiting += message.messages
        return found

    @cached_property
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

    @cached_property
    def _places(self) -> Places:
        return Places(source_info(self.schema.by_name[self.name].data))


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

    @cached_property
    def full_name(self) -> str:
        return scoped(self.parent.scope, self.proto.name)

    @property
    def scope(self) -> str:
        """The prefix of the full names that it declares."""
        return self.full_name

    @cached_property
    def features(self) -> Features:
        return merged(self.parent.features, self.proto.options)

    @property
    def is_map_entry(self) -> bool:
        return self.proto.options.map_entry

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return tuple(Field(f, self, (*self.path, 2, i)) for i, f in enumerate(self.proto.field))

    @cached_property
    def by_number(self) -> Mapping[int, Field]:
        return {field.number: field for field in self.fields}

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return {field.name: field for field in self.fields}

    @cached_property
    def messages(self) -> tuple[MessageType, ...]:
        return tuple(
            MessageType(m, self, self.file, (*self.path, 3, i))
            for i, m in enumerate(self.proto.nested_type)
        )

    @cached_property
    def enums(self) -> tuple[EnumType, ...]:
        return tuple(
            EnumType(e, self, self.file, (*self.path, 4, i))
            for i, e in enumerate(self.proto.enum_type)
        )

    @cached_property
    def extensions(self) -> tuple[Field, ...]:
        return tuple(Field(x, self, (*self.path, 6, i)) for i, x in enumerate(self.proto.extension))

    @cached_property
    def oneofs(self) -> tuple[Oneof, ...]:
        """The oneofs that the source declares; those that `optional` makes are left out."""
        return tuple(oneof for oneof in self.all_oneofs if not oneof.synthetic)

    @cached_property
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

    @cached_property
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
