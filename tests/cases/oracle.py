"""What buf says of every case, asked in one call: each case gets a package of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable

from google.protobuf import descriptor_pb2

from tests.cases.compiled import Case
from wireproof.rules.buf import asked_of_buf
from wireproof.rules.engine import aligned
from wireproof.schema.image import PackedFile, pack
from wireproof.schema.schema import Schema

CASE = re.compile(r"case(\d+)[/.]")


def verdicts(cases: list[Case]) -> dict[str, list[str]]:
    """Case → the names of buf's rules (FILE, its default) that flag it."""
    old, new = merged(cases)
    found: dict[str, set[str]] = {case.name: set() for case in cases}
    with asked_of_buf(old, new) as answers:
        said = answers()
    for annotation in said:
        place = CASE.search(annotation.file) or CASE.search(annotation.message)
        assert place, annotation
        found[cases[int(place.group(1))].name].add(annotation.rule)
    return {name: sorted(rules) for name, rules in found.items()}


def merged(cases: list[Case]) -> tuple[Schema, Schema]:
    """The old and the new side of all *cases*, each case in a package of its own."""
    pairs = [aligned(case.schemas()[0], case.schemas()[-1]) for case in cases]
    return _merged(pair[0] for pair in pairs), _merged(pair[1] for pair in pairs)


def _merged(schemas: Iterable[Schema]) -> Schema:
    shared: dict[str, PackedFile] = {}
    own: list[PackedFile] = []
    for index, schema in enumerate(schemas):
        shared |= {p.name: p for p in schema.packed if p.name not in schema.own}
        own += [pack(_moved(file, f"case{index}", schema)) for file in schema.own_files()]
    names = frozenset(packed.name for packed in own)
    return Schema(source="cases", own=names, packed=(*shared.values(), *own))


def _moved(
    file: descriptor_pb2.FileDescriptorProto, case: str, schema: Schema
) -> descriptor_pb2.FileDescriptorProto:
    moved = descriptor_pb2.FileDescriptorProto()
    moved.CopyFrom(file)
    moved.name, moved.package = f"{case}/{file.name}", f"{case}.{file.package}"
    for index, name in enumerate(file.dependency):
        moved.dependency[index] = f"{case}/{name}" if name in schema.own else name
    packages = {own.package for own in schema.own_files()}

    def renamed(name: str) -> str:
        inside = any(name.startswith(f".{package}.") for package in packages)
        return f".{case}{name}" if inside else name

    for field in [*moved.extension, *(f for m in moved.message_type for f in _fields(m))]:
        if field.type_name:
            field.type_name = renamed(field.type_name)
        if field.extendee:
            field.extendee = renamed(field.extendee)
    for method in (method for service in moved.service for method in service.method):
        method.input_type, method.output_type = (
            renamed(method.input_type),
            renamed(method.output_type),
        )
    return moved


def _fields(
    message: descriptor_pb2.DescriptorProto,
) -> Iterable[descriptor_pb2.FieldDescriptorProto]:
    yield from message.field
    yield from message.extension
    for nested in message.nested_type:
        yield from _fields(nested)
