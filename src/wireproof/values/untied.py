"""A schema without its rules over whole messages, to ask about one field alone.

An expression that fails at run time (`this.items[0].price > 0` without items) hides every other
violation of the message; fields are then tried in this twin.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.message import Message

from wireproof.schema.constraints import MESSAGE_RULES
from wireproof.schema.schema import Schema


@lru_cache(maxsize=32)
def untied(schema: Schema) -> Schema:
    """*schema*, but for the rules that messages as a whole must keep."""
    extension = schema.extension(MESSAGE_RULES)
    if extension is None:
        return schema
    kind = schema.message_class("google.protobuf.FileDescriptorProto")
    files = tuple(
        _without(kind.FromString(file.SerializeToString()), extension) for file in schema.files
    )
    return Schema(files, source=schema.source, own=schema.own)


def twin_of(schema: Schema, message: Message) -> Message:
    """*message* as one of `untied(schema)`."""
    kind = untied(schema).message_class(message.DESCRIPTOR.full_name)
    return kind.FromString(message.SerializePartialToString())


def _without(file: Any, extension: Any) -> descriptor_pb2.FileDescriptorProto:
    for message in _messages(file.message_type):
        if message.options.HasExtension(extension):
            message.options.ClearExtension(extension)
    return descriptor_pb2.FileDescriptorProto.FromString(file.SerializeToString())


def _messages(messages: Any) -> Iterator[Any]:
    for message in messages:
        yield message
        yield from _messages(message.nested_type)
