"""A FileDescriptorProto written back as .proto source.

buf takes schemas as source only, and some packages ship theirs as descriptors only. Comments are
lost; everything else survives: the rendered text builds to an equal descriptor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message_factory,
    text_encoding,
    text_format,
)

_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {number: name[5:].lower() for name, number in _FIELD.Type.items()}
_LABELS = {
    _FIELD.LABEL_OPTIONAL: "optional ",
    _FIELD.LABEL_REQUIRED: "required ",
    _FIELD.LABEL_REPEATED: "repeated ",
}
_MAX_NUMBER = 536_870_911


def render(file: bytes, dependencies: Iterable[bytes] = ()) -> str:
    """The .proto source (proto2 or proto3) of a serialized FileDescriptorProto.

    *dependencies* are the serialized descriptors it imports, dependencies first. Options that the
    file defines itself are written by name.
    """
    pool = descriptor_pool.DescriptorPool()
    for known in (descriptor_pb2.DESCRIPTOR.serialized_pb, *dependencies, file):
        pool.AddSerializedFile(known)
    proto = message_factory.GetMessageClass(
        pool.FindMessageTypeByName("google.protobuf.FileDescriptorProto")
    ).FromString(file)
    return "\n".join(_Source(proto, pool).lines()) + "\n"


class _Source:
    """The lines of one file; a class because every part needs the file and its pool."""

    def __init__(self, file: Any, pool: descriptor_pool.DescriptorPool) -> None:
        self.file = file
        self.pool = pool

    def lines(self) -> Iterator[str]:
        file = self.file
        yield f'syntax = "{file.syntax or "proto2"}";'
        if file.package:
            yield f"package {file.package};"
        for index, name in enumerate(file.dependency):
            yield f'import {"public " if index in file.public_dependency else ""}"{name}";'
        yield from _statements(self.options(file.options))
        for enum in file.enum_type:
            yield from self.enum(enum)
        for message in file.message_type:
            yield from self.message(message)
        yield from self.extensions(file.extension)

    def message(self, message: Any) -> Iterator[str]:
        yield f"message {message.name} {{"
        yield from _indented(self.message_body(message))
        yield "}"

    def message_body(self, message: Any) -> Iterator[str]:
        yield from _statements(self.options(message.options))
        for enum in message.enum_type:
            yield from self.enum(enum)
        for nested in message.nested_type:
            if not nested.options.map_entry:
                yield from self.message(nested)
        yield from self.fields(message)
        for span in message.extension_range:
            end = "max" if span.end > _MAX_NUMBER else span.end - 1
            yield f"extensions {span.start} to {end}{_inline(self.options(span.options))};"
        yield from self.extensions(message.extension)
        for span in message.reserved_range:
            yield f"reserved {span.start} to {span.end - 1};"
        yield from _reserved_names(message)

    def fields(self, message: Any) -> Iterator[str]:
        begun: set[int] = set()
        for field in message.field:
            if not field.HasField("oneof_index") or field.proto3_optional:
                yield self.field(field, message)
            elif field.oneof_index not in begun:
                begun.add(field.oneof_index)
                yield from self.oneof(message, field.oneof_index)

    def oneof(self, message: Any, index: int) -> Iterator[str]:
        declared = message.oneof_decl[index]
        members = [f for f in message.field if f.HasField("oneof_index") and f.oneof_index == index]
        yield f"oneof {declared.name} {{"
        yield from _indented(_statements(self.options(declared.options)))
        yield from _indented(self.field(member, message, label="") for member in members)
        yield "}"

    def field(self, field: Any, message: Any | None = None, label: str | None = None) -> str:
        kind = field.type_name or _SCALARS[field.type]
        entry = message and _map_entry(field, message)
        if label is None:
            label = self.label(field)
        if entry:
            key, value = entry.field
            kind = f"map<{_SCALARS[key.type]}, {value.type_name or _SCALARS[value.type]}>"
            label = ""
        options = self.options(field.options)
        if field.HasField("default_value"):
            quoted = field.type in (_FIELD.TYPE_STRING, _FIELD.TYPE_BYTES)
            default = f'"{field.default_value}"' if quoted else field.default_value
            options.insert(0, f"default = {default}")
        return f"{label}{kind} {field.name} = {field.number}{_inline(options)};"

    def label(self, field: Any) -> str:
        implicit = self.file.syntax == "proto3" and not field.proto3_optional
        if implicit and field.label == _FIELD.LABEL_OPTIONAL:
            return ""
        return _LABELS[field.label]

    def enum(self, enum: Any) -> Iterator[str]:
        yield f"enum {enum.name} {{"
        yield from _indented(_statements(self.options(enum.options)))
        for value in enum.value:
            yield f"  {value.name} = {value.number}{_inline(self.options(value.options))};"
        for span in enum.reserved_range:
            yield f"  reserved {span.start} to {span.end};"
        yield from _indented(_reserved_names(enum))
        yield "}"

    def extensions(self, extensions: Iterable[Any]) -> Iterator[str]:
        for extension in extensions:
            yield f"extend {extension.extendee} {{"
            yield f"  {self.field(extension)}"
            yield "}"

    def options(self, options: Any) -> list[str]:
        """Each option as `name = value`."""
        return [
            f"{f'({field.full_name})' if field.is_extension else field.name} = {text}"
            for field, value in options.ListFields()
            for text in self.values(field, value)
        ]

    def values(self, field: Any, value: Any) -> Iterator[str]:
        for one in value if field.is_repeated else [value]:
            if field.message_type:
                body = text_format.MessageToString(one, as_one_line=True, descriptor_pool=self.pool)
                yield f"{{ {body} }}"
            elif field.enum_type:
                yield field.enum_type.values_by_number[one].name
            elif isinstance(one, bool):
                yield str(one).lower()
            elif isinstance(one, str):
                yield f'"{text_encoding.CEscape(one.encode(), as_utf8=True)}"'
            else:
                yield repr(one)


def _map_entry(field: Any, message: Any) -> Any | None:
    if field.type != _FIELD.TYPE_MESSAGE or field.label != _FIELD.LABEL_REPEATED:
        return None
    name = field.type_name.rsplit(".", 1)[-1]
    entries = (n for n in message.nested_type if n.options.map_entry and n.name == name)
    return next(entries, None)


def _reserved_names(declared: Any) -> Iterator[str]:
    for name in declared.reserved_name:
        yield f'reserved "{name}";'


def _statements(options: Iterable[str]) -> Iterator[str]:
    return (f"option {option};" for option in options)


def _inline(options: list[str]) -> str:
    return f" [{', '.join(options)}]" if options else ""


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)
