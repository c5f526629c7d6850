"""descriptor.proto: where `type_name` is set, `type` need not be."""

from __future__ import annotations

import pytest
from google.protobuf import descriptor_pb2

from wireproof.rules import compare
from wireproof.schema.index import Index
from wireproof.schema.schema import Schema


def _schema(*, typed: bool) -> Schema:
    file = descriptor_pb2.FileDescriptorProto(name="m.proto", package="t", syntax="proto3")
    file.enum_type.add(name="E").value.add(name="ZERO", number=0)
    message = file.message_type.add(name="M")
    for name, number, kind in (("E", 1, 14), ("M", 2, 11)):
        field = message.field.add(name=name.lower(), number=number, type_name=f".t.{name}")
        field.label = descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL
        if typed:
            field.type = kind  # type: ignore[assignment]
    return Schema([file], source="untyped", own=frozenset({file.name}))


@pytest.mark.parametrize(("name", "kind"), [("e", "enum"), ("m", "message")])
def test_a_field_without_a_type_has_that_of_its_name(name: str, kind: str):
    """
    The name is resolved as any linker does.
    """
    message = Index(_schema(typed=False)).message("t.M")
    assert message
    assert message.by_name[name].kind == kind


def test_leaving_the_type_out_changes_nothing():
    """
    Both images describe the same file.
    """
    comparison = compare(_schema(typed=True), _schema(typed=False), engines=("wireproof",))
    assert comparison.findings == ()
