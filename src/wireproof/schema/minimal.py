"""Messages that know just enough of encoded descriptors to read off what is asked of them.

What they do not know stays unparsed, and is kept as it is where they are written again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message

_Field = descriptor_pb2.FieldDescriptorProto
ONE, MANY = _Field.LABEL_OPTIONAL, _Field.LABEL_REPEATED
BYTES, STRING, BOOL = _Field.TYPE_BYTES, _Field.TYPE_STRING, _Field.TYPE_BOOL

Row = tuple[str, int, _Field.Label.ValueType, Any]
"""A field: name, number, label, and a scalar type or the name of another of the messages."""


def minimal(package: str, messages: Mapping[str, tuple[Row, ...]]) -> dict[str, type[Message]]:
    """Message → its class, in a pool of their own; *messages* maps each to its fields."""
    file = descriptor_pb2.FileDescriptorProto(name=package, package=package, syntax="proto3")
    for name, rows in messages.items():
        message = file.message_type.add(name=name)
        for field, number, label, type_ in rows:
            ours = isinstance(type_, str)
            told = {"type_name": f".{package}.{type_}"} if ours else {"type": type_}
            message.field.add(name=field, number=number, label=label, **told)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))
        for name in messages
    }
