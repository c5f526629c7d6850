"""The hash of what a file declares, equal however the file was compiled and loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.unknown_fields import UnknownFieldSet

from wireproof.schema.names import json_name

# In a pool of its own, where no extension is known: the default pool knows those of whatever
# generated code the process has imported, and would order custom options by them.
_POOL = descriptor_pool.DescriptorPool()
_POOL.AddSerializedFile(descriptor_pb2.DESCRIPTOR.serialized_pb)
_File: Any = message_factory.GetMessageClass(
    _POOL.FindMessageTypeByName("google.protobuf.FileDescriptorProto")
)


def file_digest(data: bytes) -> bytes:
    """The hash of a serialized file, its comments and buf's marks left out.

    Compilers differ in what they spell out: the default `json_name` and `syntax = "proto2"` count
    the same written and left out.
    """
    file = _File.FromString(data)
    file.ClearField("source_code_info")
    if len(UnknownFieldSet(file)):  # buf's marks: nothing else is unknown
        file = _known(file)
    if file.syntax == "proto2":
        file.ClearField("syntax")
    first = next(_fields(file), None)
    if first is not None and not first.json_name:  # compilers spell out all of them or none
        for field in _fields(file):
            field.json_name = field.json_name or json_name(field.name)
    return hashlib.sha256(file.SerializeToString(deterministic=True)).digest()


def _known(file: Any) -> Any:
    """The file without its own unknown fields; those of its options, custom options, are kept."""
    bare = _File()
    for field, value in file.ListFields():
        target = getattr(bare, field.name)
        if field.is_repeated:
            target.extend(value)
        elif field.message_type:
            target.CopyFrom(value)
        else:
            setattr(bare, field.name, value)
    return bare


def _fields(file: Any) -> Iterator[Any]:
    yield from file.extension
    waiting: list[Any] = list(file.message_type)
    while waiting:
        message = waiting.pop()
        yield from message.field
        yield from message.extension
        waiting += message.nested_type
