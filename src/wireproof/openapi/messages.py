"""Messages and enums as JSON Schema: what ProtoJSON takes and writes.

https://protobuf.dev/programming-guides/json/. Its leniency is part of the document, or a client
that tests against it would call a correct server wrong: `null` stands for an unset field, 64-bit
integers come as texts or numbers, values of enums by name or number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from wireproof.openapi.comments import comments
from wireproof.openapi.numbers import digits, integer
from wireproof.openapi.rules import Shape, ruled, unsaid
from wireproof.openapi.wellknown import NULL_VALUE, SCALARS, STATUS, STATUS_SHAPE, WELL_KNOWN
from wireproof.schema.constraints import NONE, FieldConstraints, Ignore, constraints_of
from wireproof.schema.schema import Schema
from wireproof.values.check import faults

_KINDS = {
    getattr(FieldDescriptor, name): name[5:].lower()
    for name in dir(FieldDescriptor)
    if name.startswith("TYPE_")
}
_FIELD_BEHAVIOR = "google.api.field_behavior"
_REQUIRED, _OUTPUT_ONLY, _INPUT_ONLY = 2, 3, 4
UNRULED = ".Unruled"
"""Ends the name of a message whose rules its field ignores."""


class Messages:
    """The schemas of messages and enums, written when they are first referred to."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.components: dict[str, Shape] = {}
        self._constraints = constraints_of(schema)
        self._unset: dict[str, frozenset[str]] = {}

    @cached_property
    def comments(self) -> Mapping[str, str]:
        return comments(self.schema)

    def reference(self, message: Descriptor, *, rules: bool = True) -> Shape:
        """How *message* is referred to; without *rules*, as something that nobody validates."""
        if message.full_name in WELL_KNOWN:
            return dict(WELL_KNOWN[message.full_name])
        name = message.full_name if rules else f"{message.full_name}{UNRULED}"
        if message.full_name == STATUS:
            return self.status()
        if name not in self.components:
            self.components[name] = {}  # a message may contain itself
            self.components[name] = self.shape(message, rules=rules)
        return {"$ref": f"#/components/schemas/{name}"}

    def status(self) -> Shape:
        """How google.rpc.Status is referred to, which every error is."""
        self.components.setdefault(STATUS, STATUS_SHAPE)
        return {"$ref": f"#/components/schemas/{STATUS}"}

    def shape(
        self, message: Descriptor, *, without: Iterable[str] = (), rules: bool = True
    ) -> Shape:
        """The object that *message* is, *without* some fields, named by their paths."""
        dropped = {path for path in without if "." not in path}
        shape: Shape = {"type": "object"}
        if said := self._description(message, message_rules=rules):
            shape["description"] = said
        if message.GetOptions().deprecated:
            shape["deprecated"] = True
        inner = [path for path in without if "." in path]
        fields = [field for field in message.fields if field.name not in dropped]
        must = {field.name for field in fields if rules and self.required(message, field)}
        shape["properties"] = {
            field.json_name: self._property(field, inner, rules=rules, must=field.name in must)
            for field in fields
        }
        if must:
            shape["required"] = [f.json_name for f in fields if f.name in must]
        shape["propertyNames"] = {"minLength": 1}  # parsers refuse an empty name
        choices = [*self._choices(message, dropped)]
        return shape | ({"allOf": choices} if choices else {})

    def field(self, field: FieldDescriptor, *, rules: bool = True) -> Shape:
        """The value of *field* where it is set."""
        of = self._constraints.field(field) if rules else NONE
        of = NONE if of.ignore is Ignore.ALWAYS else of
        if _is_map(field):
            return ruled(self._map(field, of), of)
        if not field.is_repeated:
            return self.value(field, of, rules=rules and not self._ignored(field))
        items = self.value(field, of.items or NONE, rules=rules and not self._ignored(field))
        return ruled({"type": "array", "items": items}, of)

    def value(self, field: FieldDescriptor, of: FieldConstraints, *, rules: bool = True) -> Shape:
        """One value of *field*, held to *of*; empty values pass where the rules ignore them."""
        if field.enum_type is not None:
            shape = self._enum(field.enum_type, of)
        elif field.message_type is not None:
            shape = ruled(self.reference(field.message_type, rules=rules), of)
        else:
            shape = ruled(dict(SCALARS[_KINDS[field.type]]), of)
        empty = {"string": "", "bytes": ""}.get(_KINDS[field.type])
        if of.ignore is Ignore.IF_ZERO_VALUE and empty is not None and len(shape) > 1:
            return {"anyOf": [{"const": empty}, shape]}
        return shape

    def required(self, message: Descriptor, field: FieldDescriptor) -> bool:
        """Whether rules, the field's own behaviour or proto2 refuse a message without it."""
        if message.full_name not in self._unset:
            empty = self.schema.message_class(message.full_name)()
            self._unset[message.full_name] = frozenset(f.path for f in faults(self.schema, empty))
        declared = _REQUIRED in self._behaviours(field) or field.is_required
        return declared or field.name in self._unset[message.full_name]

    def _ignored(self, field: FieldDescriptor) -> bool:
        return self._constraints.field(field).ignore is Ignore.ALWAYS

    def _property(
        self, field: FieldDescriptor, without: list[str], *, rules: bool, must: bool
    ) -> Shape:
        prefix = f"{field.name}."
        inner = [path.removeprefix(prefix) for path in without if path.startswith(prefix)]
        if inner and field.message_type is not None:
            keep = rules and not self._ignored(field)
            shape = self.shape(field.message_type, without=inner, rules=keep)
        else:
            shape = self.field(field, rules=rules)
        return self._told(shape if must else nullable(shape), field, rules=rules)

    def _told(self, shape: Shape, field: FieldDescriptor, *, rules: bool) -> Shape:
        """The shape with what is said of the field rather than of its type."""
        more: Shape = {}
        if said := self.describe(field, rules=rules):
            more["description"] = said
        if field.GetOptions().deprecated:
            more["deprecated"] = True
        behaviours = self._behaviours(field)
        more |= {"readOnly": True} if _OUTPUT_ONLY in behaviours else {}
        more |= {"writeOnly": True} if _INPUT_ONLY in behaviours else {}
        return {**shape, **more}

    def describe(self, field: FieldDescriptor, *, rules: bool = True) -> str:
        """The comment of a field, and the rules that its schema does not show."""
        of = self._constraints.field(field)
        more = unsaid(of) if rules and of.ignore is not Ignore.ALWAYS else []
        return "\n\n".join(filter(None, [self.comments.get(field.full_name, ""), *more]))

    def _behaviours(self, field: FieldDescriptor) -> tuple[int, ...]:
        extension = self.schema.extension(_FIELD_BEHAVIOR)
        if extension is None or not field.has_options:
            return ()
        options: Any = self.schema.decoded(field.GetOptions())
        return tuple(options.Extensions[extension])

    def _description(self, message: Descriptor, *, message_rules: bool) -> str:
        cel = self._constraints.message(message).cel if message_rules else ()
        rules = [f"Rule {rule.id}: {rule.message or rule.expression}" for rule in cel]
        return "\n\n".join(filter(None, [self.comments.get(message.full_name, ""), *rules]))

    def _map(self, field: FieldDescriptor, of: FieldConstraints) -> Shape:
        key, value = field.message_type.fields  # type: ignore[union-attr] # maps have entries
        values = self.value(value, of.values or NONE, rules=not self._ignored(field))
        shape: Shape = {"type": "object", "additionalProperties": values}
        names = _key_names(_KINDS[key.type], of.keys or NONE)
        return shape | ({"propertyNames": names} if names else {})

    def _enum(self, enum: EnumDescriptor, of: FieldConstraints) -> Shape:
        if enum.full_name == NULL_VALUE:
            return {"type": "null"}
        allowed = _allowed(enum, of)
        if allowed is None:
            names = [value.name for value in enum.values]
            self.components.setdefault(enum.full_name, self._enum_component(enum, names))
            named: Shape = {"$ref": f"#/components/schemas/{enum.full_name}"}
            return {"anyOf": [named, integer("int32")]}
        numbers = list(dict.fromkeys(enum.values_by_name[name].number for name in allowed))
        return {
            "anyOf": [
                self._enum_component(enum, allowed),
                {"type": "integer", "enum": numbers},
            ]
        }

    def _enum_component(self, enum: EnumDescriptor, names: list[str]) -> Shape:
        values = {name: self.comments.get(f"{enum.full_name}.{name}", "") for name in names}
        said = [f"- {name}: {' '.join(text.split())}" for name, text in values.items() if text]
        shape: Shape = {"type": "string", "enum": names}
        description = "\n".join(filter(None, [self.comments.get(enum.full_name, ""), *said]))
        return shape | ({"description": description} if description else {})

    def _choices(self, message: Descriptor, dropped: set[str]) -> Iterator[Shape]:
        """At most one branch of each oneof; one where the rules ask for it."""
        for oneof in message.oneofs:
            names = [f.json_name for f in oneof.fields if f.name not in dropped]
            synthetic = len(oneof.fields) == 1 and oneof.name == f"_{oneof.fields[0].name}"
            if names and not synthetic and len(names) == len(oneof.fields):
                yield _one_of(names, required=self._constraints.oneof_required(oneof))
        for rule in self._constraints.message(message).oneofs:
            known = [message.fields_by_name[name].json_name for name in rule.fields]
            if not dropped & set(rule.fields):
                yield _one_of(known, required=rule.required)


def nullable(shape: Shape) -> Shape:
    """The same or null, which stands for an unset field."""
    if shape.get("type") == "null" or not shape.keys() - {"description"}:
        return shape
    if isinstance(shape.get("type"), str) and not shape.keys() & {"enum", "const", "not"}:
        return {**shape, "type": [shape["type"], "null"]}
    if set(shape) == {"anyOf"}:
        return {"anyOf": [*shape["anyOf"], {"type": "null"}]}
    return {"anyOf": [shape, {"type": "null"}]}


def _one_of(names: list[str], *, required: bool) -> Shape:
    chosen: list[Shape] = [
        {"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in names
    ]
    return {"oneOf": chosen if required else [*chosen, {"not": {"anyOf": chosen}}]}


def _allowed(enum: EnumDescriptor, of: FieldConstraints) -> list[str] | None:
    """The names that the rules leave; None where any number may come."""
    chosen, banned, const = of.rule("in"), of.rule("not_in", ()), of.rule("const")
    if const is not None:
        chosen = (const,)
    if not chosen and not banned and not of.rule("defined_only"):
        return None
    return [
        value.name
        for value in enum.values
        if (not chosen or value.number in chosen) and value.number not in banned
    ]


def _key_names(kind: str, of: FieldConstraints) -> Shape:
    if kind == "string":
        return ruled({}, of)
    if kind == "bool":
        return {"enum": ["true", "false"]}
    bounds = ruled(dict(SCALARS[kind]), of)
    if "minimum" not in bounds:
        return {"pattern": r"^-?[0-9]+$"}
    return {"pattern": digits(bounds["minimum"], bounds["maximum"])}


def _is_map(field: FieldDescriptor) -> bool:
    return bool(field.message_type and field.message_type.GetOptions().map_entry)
