"""What a consumer relies on: the elements of a schema that its contract names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumValueDescriptor, FieldDescriptor

from wireproof.contracts.cel_names import names
from wireproof.contracts.contract import PLACEHOLDER, Contract, ContractStep, Interaction
from wireproof.contracts.located import Node
from wireproof.contracts.protojson import (
    descriptor_of,
    fields_by_key,
    is_leaf,
    is_map,
    map_value,
)
from wireproof.contracts.terms import full_name, not_cel
from wireproof.exchange.exchange import Method, StepKind, method_of
from wireproof.finding import Finding
from wireproof.schema.cel_syntax import NotCel
from wireproof.schema.schema import Schema


@dataclass(frozen=True, slots=True)
class Usage:
    """The elements one consumer relies on, by full name."""

    consumer: str
    methods: frozenset[str] = frozenset()
    request_fields: frozenset[str] = frozenset()
    response_fields: frozenset[str] = frozenset()
    enum_values: frozenset[str] = frozenset()
    """As `api.user.v1.UserStatus.USER_STATUS_ACTIVE`."""
    types: frozenset[str] = frozenset()
    """What these stand in: services, messages, oneofs, enums."""

    @property
    def elements(self) -> frozenset[str]:
        """All of it."""
        fields = self.request_fields | self.response_fields
        return self.methods | fields | self.enum_values | self.types


def usage(contract: Contract, schema: Schema) -> Usage:
    """What *contract* names of *schema*; what it names and *schema* lacks is left out.

    Requests and examples name fields and enum values by writing them, expectations by reading or
    comparing them. Raises MalformedFile for an expectation that is no CEL.
    """
    methods = {descriptor.full_name: descriptor for descriptor in schema.methods()}
    found = _Found()
    for interaction in contract.interactions:
        descriptor = methods.get(full_name(contract, interaction))
        if descriptor is not None:
            found.interaction(interaction, method_of(descriptor))
    return Usage(
        consumer=contract.consumer,
        methods=frozenset(found.methods),
        request_fields=frozenset(found.fields[StepKind.SEND]),
        response_fields=frozenset(found.fields[StepKind.RECEIVE]),
        enum_values=frozenset(found.values),
        types=frozenset(found.types),
    )


def consumers_of(findings: Iterable[Finding], usages: Iterable[Usage]) -> tuple[Finding, ...]:
    """*findings*, each with the consumers that rely on its subject added to its own."""
    known = [(usage.consumer, usage.elements) for usage in usages]
    return tuple(
        replace(finding, consumers=tuple(sorted({*finding.consumers, *_of(finding, known)})))
        for finding in findings
    )


def _of(finding: Finding, known: Iterable[tuple[str, frozenset[str]]]) -> Iterator[str]:
    return (consumer for consumer, elements in known if finding.subject in elements)


class _Found:
    """What was found so far; a class because examples and expectations add to the same sets."""

    def __init__(self) -> None:
        self.methods: set[str] = set()
        self.fields: dict[StepKind, set[str]] = {StepKind.SEND: set(), StepKind.RECEIVE: set()}
        self.values: set[str] = set()
        self.types: set[str] = set()

    def interaction(self, interaction: Interaction, method: Method) -> None:
        self.methods.add(method.full_name)
        self.types.add(method.full_name.rpartition(".")[0])
        for step in interaction.steps:
            if step.kind is StepKind.SEND:
                self.body(step.kind, step.body, descriptor_of(method.request))
            elif step.kind is StepKind.RECEIVE:
                self.body(step.kind, step.body, descriptor_of(method.reply))
                self.expectations(step, descriptor_of(method.reply))

    def body(self, kind: StepKind, body: Node | None, message: Descriptor) -> None:
        self.types.add(message.full_name)
        pairs = body.value if body is not None else None
        if is_leaf(message) or not isinstance(pairs, dict):
            return
        known = fields_by_key(message)
        for key, value in pairs.items():
            if (field := known.get(key)) is not None:
                self.field(kind, field)
                self.written(kind, value, field)

    def written(self, kind: StepKind, node: Node, field: FieldDescriptor) -> None:
        """What a request or an example says of *field*."""
        nodes = [node]
        if is_map(field):
            field = map_value(field)
            nodes = list(node.value.values()) if isinstance(node.value, dict) else []
        elif field.is_repeated:
            nodes = node.value if isinstance(node.value, list) else []
        for one in nodes:
            if field.message_type is not None:
                self.body(kind, one, field.message_type)
            elif field.enum_type is not None:
                self.value(_enum_value(one, field.enum_type))

    def expectations(self, step: ContractStep, reply: Descriptor) -> None:
        for expectation in step.expect:
            try:
                named = names(PLACEHOLDER.sub("0", expectation.text), reply)
            except NotCel as error:
                raise not_cel(expectation, str(error)) from error
            for field in named.fields:
                self.field(StepKind.RECEIVE, field)
            for value in named.values:
                self.value(value)

    def field(self, kind: StepKind, field: FieldDescriptor) -> None:
        self.fields[kind].add(field.full_name)
        around = [field.containing_type, field.containing_oneof, field.enum_type]
        self.types |= {one.full_name for one in around if one is not None}
        if field.message_type is not None and not is_map(field):
            self.types.add(field.message_type.full_name)

    def value(self, value: EnumValueDescriptor | None) -> None:
        if value is not None and value.type is not None:
            self.types.add(value.type.full_name)
            self.values.add(f"{value.type.full_name}.{value.name}")


def _enum_value(node: Node, enum: Any) -> EnumValueDescriptor | None:
    """The value that ProtoJSON writes by name or number."""
    value: EnumValueDescriptor | None = enum.values_by_name.get(str(node.value))
    if value is None and isinstance(node.value, int):
        value = enum.values_by_number.get(node.value)
    return value
