"""Reflected files that a library wrote from memory, told again as a compiler would.

protobufjs, behind grpc-js's reflection, writes a file for each package: names as they stood in the
source, no import, maps by other names, no mark on an `optional` field, and a file of its own for
the well-known types. Descriptors may hold such names; what is left out follows from the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    OneofDescriptorProto,
)

from wireproof.schema.image import reached
from wireproof.schema.names import json_name, parent, scoped

_STANDARD, _HOME = "google.protobuf", "google/protobuf/"
Files = dict[str, FileDescriptorProto]


def tightened(files: Files, standard: Callable[[], Files]) -> Files:
    """*files* with whole names, every import that these need, and `optional` fields marked.

    What a compiler wrote stays as it is. *standard* gives the files of the well-known types, asked
    for where a server has a copy of its own in their place.
    """
    imported = {name for file in files.values() for name in file.dependency}
    copies = {
        name
        for name, file in files.items()
        if file.package == _STANDARD and not name.startswith(_HOME) and name not in imported
    }
    kept = {name: file for name, file in files.items() if name not in copies}
    for file in kept.values():
        for message, _ in _messages(file):
            _name_entries(message)
            if file.syntax == "proto3":
                _mark_optional(message)
    known = {**standard(), **kept} if copies else kept
    homes = {full: name for name, file in known.items() for full in _declared(file)}
    imports = {name: file.dependency for name, file in known.items()}
    needed: set[str] = set()
    for name, file in kept.items():
        used = {homes[full] for full in _whole_names(file, homes)} - reached({name}, imports)
        file.dependency.extend(sorted(used))
        needed |= used
    return kept | {name: known[name] for name in reached(needed, imports) if name in known}


def _messages(file: FileDescriptorProto) -> Iterator[tuple[DescriptorProto, str]]:
    """Every message with its full name, a message before those within it."""
    waiting = [(message, scoped(file.package, message.name)) for message in file.message_type]
    while waiting:
        message, full = waiting.pop()
        yield message, full
        waiting.extend((inner, f"{full}.{inner.name}") for inner in message.nested_type)


def _declared(file: FileDescriptorProto) -> Iterator[str]:
    yield from (scoped(file.package, enum.name) for enum in file.enum_type)
    for message, full in _messages(file):
        yield full
        yield from (f"{full}.{enum.name}" for enum in message.enum_type)


def _whole_names(file: FileDescriptorProto, homes: Mapping[str, str]) -> Iterator[str]:
    """The types that *file* refers to, each name made whole on the way."""
    for field, scope in _fields(file):
        for attribute in ("type_name", "extendee"):
            if name := getattr(field, attribute):
                full = _resolved(name, scope, homes)
                if full in homes:
                    setattr(field, attribute, f".{full}")
                    yield full
    for service in file.service:
        for method in service.method:
            for attribute in ("input_type", "output_type"):
                full = _resolved(getattr(method, attribute), file.package, homes)
                if full in homes:
                    setattr(method, attribute, f".{full}")
                    yield full


def _fields(file: FileDescriptorProto) -> Iterator[tuple[FieldDescriptorProto, str]]:
    """Every field and extension with the scope that its names are looked up in."""
    yield from ((field, file.package) for field in file.extension)
    for message, full in _messages(file):
        yield from ((field, full) for field in (*message.field, *message.extension))


def _resolved(name: str, scope: str, homes: Mapping[str, str]) -> str:
    """The full name that *name* has in *scope*: the innermost scope that declares it."""
    if name.startswith("."):
        return name[1:]
    while scope and scoped(scope, name) not in homes:
        scope = parent(scope)
    return scoped(scope, name)


def _name_entries(message: DescriptorProto) -> None:
    """Give the entries of maps the names that a compiler gives them."""
    entries = {inner.name: inner for inner in message.nested_type if inner.options.map_entry}
    for field in message.field:
        name = field.type_name.rpartition(".")[2]
        camel = json_name(field.name)
        wanted = f"{camel[:1].upper()}{camel[1:]}Entry"
        if name in entries and name != wanted and not field.type_name.startswith("."):
            entries[name].name = field.type_name = wanted


def _mark_optional(message: DescriptorProto) -> None:
    """Mark the fields alone in a oneof that has their name after an underscore.

    That is the oneof a compiler makes for `optional`, which it puts after those of the source.
    """
    oneofs = [oneof.name for oneof in message.oneof_decl]
    members = [field for field in message.field if field.HasField("oneof_index")]
    sizes = Counter(field.oneof_index for field in members)
    made = [
        f for f in members if f"_{f.name}" == oneofs[f.oneof_index] and sizes[f.oneof_index] == 1
    ]
    if all(field.proto3_optional for field in made):
        return
    for field in made:
        field.proto3_optional = True
    last = {field.oneof_index for field in members if field.proto3_optional}
    order = sorted(range(len(oneofs)), key=last.__contains__)
    declared = [OneofDescriptorProto.FromString(o.SerializeToString()) for o in message.oneof_decl]
    del message.oneof_decl[:]
    message.oneof_decl.extend(declared[index] for index in order)
    for field in members:
        field.oneof_index = order.index(field.oneof_index)
