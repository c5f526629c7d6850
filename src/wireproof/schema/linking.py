"""Files put into a pool, also those that compilers allow and Python's runtime refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool

from wireproof.schema.image import PackedFile
from wireproof.schema.names import json_name

_Field = descriptor_pb2.FieldDescriptorProto


def add(pool: DescriptorPool, packed: PackedFile, *, services: bool = True) -> None:
    """Raises TypeError or ValueError where the file does not link.

    A message in which one JSON name may mean two fields is valid in proto2, and with a `json_name`
    that is another field's name everywhere; the pool gets it with names that mean one each.
    """
    try:
        pool.AddSerializedFile(packed.stripped if services else packed.types)
    except TypeError as error:
        if "json_name" not in str(error):
            raise
        pool.AddSerializedFile(_told_apart(packed.proto))


def _told_apart(file: descriptor_pb2.FileDescriptorProto) -> bytes:
    plain = descriptor_pb2.FileDescriptorProto()
    plain.CopyFrom(file)
    waiting = list(plain.message_type)
    while waiting:
        message = waiting.pop()
        waiting += message.nested_type
        for field in _ambiguous(message.field):
            field.json_name = field.name
    return plain.SerializeToString()


def _ambiguous(fields: Iterable[_Field]) -> list[_Field]:
    """Those whose JSON name another field has as well, or is called by."""
    keys = [(field, field.json_name or json_name(field.name)) for field in fields]
    meant = Counter(name for field, key in keys for name in {key, field.name})
    return [field for field, key in keys if meant[key] > 1]
