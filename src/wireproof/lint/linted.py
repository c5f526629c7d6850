"""What lint rules may ask of a schema besides their element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from wireproof.changes.http import Binding, bindings
from wireproof.changes.options import HTTP, option
from wireproof.schema.constraints import Constraints, FieldConstraints, constraints_of
from wireproof.schema.elements import Element, File, MessageType, Rpc
from wireproof.schema.fields import Field
from wireproof.schema.index import Index
from wireproof.schema.lazy import lazy
from wireproof.schema.roles import Role, Roles
from wireproof.schema.schema import Schema

SIGNATURE = 1051
"""Extension number of `google.api.method_signature`."""
BEHAVIOR = 1052
"""Extension number of `google.api.field_behavior`."""
RESOURCE = 1053
"""Extension number of `google.api.resource` and `google.api.resource_definition`."""
REFERENCE = 1055
"""Extension number of `google.api.resource_reference`."""


class Linted:
    """A schema under lint: its own elements, its options decoded, its types and roles."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.index = Index(schema)

    def elements(self) -> Iterator[Element]:
        """Everything that the schema itself declares, file by file."""
        for packed in self.schema.packed:
            if packed.name in self.schema.own:
                yield from _elements(self.index.file(packed.name))

    def option(self, element: Element, number: int) -> Any:
        """The value of the extension *number* in the element's options; None where unset."""
        if not element.proto.HasField("options"):
            return None
        return option(element, number, self.schema.pool)

    def bindings(self, rpc: Rpc) -> tuple[Binding, ...]:
        """How the method is called over HTTP."""
        return bindings(self.option(rpc, HTTP))

    def message(self, full_name: str) -> MessageType | None:
        return self.index.message(full_name)

    def role(self, full_name: str) -> Role:
        return self._roles.of(full_name)

    @lazy
    def _roles(self) -> Roles:
        return Roles((self.schema,))

    @property
    def constraints(self) -> Constraints:
        return constraints_of(self.schema)

    def rules(self, field: Field) -> FieldConstraints:
        """The validation rules of a field of a message."""
        return self.constraints.field(self.descriptor(field))

    def descriptor(self, field: Field) -> FieldDescriptor:
        found: FieldDescriptor = self.schema.message(field.holder).fields_by_number[field.number]
        return found

    @lazy
    def resource_types(self) -> frozenset[str]:
        """Every resource type that the schema or its imports declare."""
        found: set[str] = set()
        for file in self.index.files():
            defined = self.option(file, RESOURCE) or ()
            found |= {one.type for one in defined}
            for message in file.all_messages():
                if (resource := self.option(message, RESOURCE)) is not None:
                    found.add(resource.type)
        return frozenset(found)


def _elements(file: File) -> Iterator[Element]:
    yield file
    for message in file.all_messages():
        yield message
        yield from message.fields
        yield from message.oneofs
    yield from file.extensions
    for enum in file.all_enums():
        yield enum
        yield from enum.values
    for service in file.services:
        yield service
        yield from service.rpcs.values()
