"""A schema from the descriptors that an installed package brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2

from wireproof.schema.schema import Schema

if TYPE_CHECKING:
    from types import ModuleType

    from google.protobuf.descriptor import FileDescriptor


def schema_of(*modules: ModuleType) -> Schema:
    """The files of generated modules, with what they import."""
    declaring: list[FileDescriptor] = [module.DESCRIPTOR for module in modules]
    files: dict[str, descriptor_pb2.FileDescriptorProto] = {}
    for file in declaring:
        _collect(file, files)
    own = frozenset(file.name for file in declaring)
    return Schema(tuple(files.values()), source="installed packages", own=own)


def _collect(file: FileDescriptor, files: dict[str, descriptor_pb2.FileDescriptorProto]) -> None:
    for imported in file.dependencies:
        _collect(imported, files)
    proto = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(proto)
    files.setdefault(file.name, proto)
