"""What `buf.validate` promises of fields, oneofs and messages, decoded once a schema.

A schema that does not import buf.validate has no rules, and every question is answered so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor
from google.protobuf.message import Message

from wireproof.schema.schema import Schema

FIELD_RULES = "buf.validate.field"
ONEOF_RULES = "buf.validate.oneof"
MESSAGE_RULES = "buf.validate.message"
PREDEFINED_RULES = "buf.validate.predefined"
_VALUE = re.compile(r"\brules?\b")
"""What expressions of predefined rules call their value, and all rules of the field."""


class Ignore(IntEnum):
    """When the rules of a field are passed over (buf.validate.Ignore)."""

    UNSPECIFIED = 0
    IF_ZERO_VALUE = 1
    ALWAYS = 3


@dataclass(frozen=True, slots=True)
class Cel:
    """A rule written in CEL; *id* is what a violation reports."""

    id: str
    expression: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Predefined:
    """A rule of a schema's own: an extension of a rules message, with its CEL."""

    name: str
    value: Any
    cel: tuple[Cel, ...]

    @property
    def plain(self) -> bool:
        """Whether it says the same under any value: no expression looks at it."""
        return not any(_VALUE.search(cel.expression) for cel in self.cel)


@dataclass(frozen=True, slots=True)
class FieldConstraints:
    """What is promised of one field, item, key or value."""

    kind: str = ""
    """The name in FieldRules: `string`, `int32`, `repeated`, …; empty without such rules."""
    required: bool = False
    ignore: Ignore = Ignore.UNSPECIFIED
    cel: tuple[Cel, ...] = ()
    rules: Message | None = None
    """The StringRules, Int32Rules, … of the schema's own pool."""
    predefined: tuple[Predefined, ...] = ()
    items: FieldConstraints | None = None
    keys: FieldConstraints | None = None
    values: FieldConstraints | None = None

    def rule(self, name: str, default: Any = None) -> Any:
        """The value of a rule where it is set (lists as tuples), else *default*."""
        if self.rules is None:
            return default
        field = self.rules.DESCRIPTOR.fields_by_name.get(name)
        if field is None:
            return default
        if field.is_repeated:
            return tuple(getattr(self.rules, name)) or default
        return getattr(self.rules, name) if self.rules.HasField(name) else default

    def names(self) -> tuple[str, ...]:
        """The names of the typed rules that are set, extensions left out."""
        if self.rules is None:
            return ()
        return tuple(f.name for f, _ in self.rules.ListFields() if not f.is_extension)

    def all_cel(self) -> tuple[Cel, ...]:
        """Every CEL expression: the field's own, then those of its predefined rules."""
        return self.cel + tuple(cel for rule in self.predefined for cel in rule.cel)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A message-level oneof: at most one of *fields* is set; exactly one where required."""

    fields: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class MessageConstraints:
    cel: tuple[Cel, ...] = ()
    oneofs: tuple[OneOf, ...] = ()


NONE = FieldConstraints()


class Constraints:
    """The rules of one schema, decoded once an element."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._fields: dict[str, FieldConstraints] = {}
        self._messages: dict[str, MessageConstraints] = {}

    def field(self, field: FieldDescriptor) -> FieldConstraints:
        known = self._fields.get(field.full_name)
        if known is None:
            known = _field_constraints(self._schema, self._rules(FIELD_RULES, field))
            self._fields[field.full_name] = known
        return known

    def stated(self, element: FieldDescriptor | OneofDescriptor) -> bytes:
        """All rules of *element* as they are encoded; empty without any."""
        name = ONEOF_RULES if isinstance(element, OneofDescriptor) else FIELD_RULES
        rules = self._rules(name, element)
        return rules.SerializeToString(deterministic=True) if rules is not None else b""

    def oneof_required(self, oneof: OneofDescriptor) -> bool:
        """Whether one branch of *oneof* must be set."""
        rules = self._rules(ONEOF_RULES, oneof)
        return bool(rules is not None and rules.required)  # type: ignore[attr-defined]

    def message(self, message: Descriptor) -> MessageConstraints:
        known = self._messages.get(message.full_name)
        if known is None:
            known = _message_constraints(self._rules(MESSAGE_RULES, message))
            self._messages[message.full_name] = known
        return known

    def _rules(self, name: str, element: Any) -> Message | None:
        extension = self._schema.extension(name)
        if extension is None or not element.has_options:
            return None
        options = self._schema.decoded(element.GetOptions())
        return options.Extensions[extension] if options.HasExtension(extension) else None  # type: ignore[index, arg-type]


@lru_cache(maxsize=64)
def constraints_of(schema: Schema) -> Constraints:
    """The rules of *schema*; the same object for the same schema."""
    return Constraints(schema)


def _field_constraints(schema: Schema, rules: Any) -> FieldConstraints:
    if rules is None:
        return NONE
    kind = rules.WhichOneof("type") or ""
    typed: Any = getattr(rules, kind) if kind else None

    def nested(name: str) -> FieldConstraints | None:
        present = kind in ("repeated", "map") and name in typed.DESCRIPTOR.fields_by_name
        return _field_constraints(schema, getattr(typed, name)) if present else None

    return FieldConstraints(
        kind=kind,
        required=rules.required,
        ignore=_ignore(rules),
        cel=_cel(rules),
        rules=typed,
        predefined=tuple(_predefined(schema, typed)) if typed is not None else (),
        items=nested("items"),
        keys=nested("keys"),
        values=nested("values"),
    )


def _ignore(rules: Any) -> Ignore:
    """As told by any release of buf.validate: the first had a switch for each, and until 1.0 a
    field's own default could be passed over as well as zero.
    """
    if getattr(rules, "skipped", False):
        return Ignore.ALWAYS
    if getattr(rules, "ignore_empty", False):
        return Ignore.IF_ZERO_VALUE
    number = getattr(rules, "ignore", 0)
    return Ignore.IF_ZERO_VALUE if number == _IF_DEFAULT else Ignore(number)


_IF_DEFAULT = 2


def _message_constraints(rules: Any) -> MessageConstraints:
    if rules is None:
        return MessageConstraints()
    oneofs = tuple(OneOf(tuple(o.fields), o.required) for o in getattr(rules, "oneof", ()))
    return MessageConstraints(cel=_cel(rules), oneofs=oneofs)


def _cel(rules: Any) -> tuple[Cel, ...]:
    # An expression without an id reports itself as its id. Old releases of buf.validate lack it.
    bare = getattr(rules, "cel_expression", ())
    return tuple(Cel(rule.id, rule.expression, rule.message) for rule in rules.cel) + tuple(
        Cel(expression, expression) for expression in bare
    )


def _predefined(schema: Schema, typed: Message) -> list[Predefined]:
    return [
        Predefined(field.full_name, value, _cel_of_extension(schema, field.full_name))
        for field, value in typed.ListFields()
        if field.is_extension
    ]


def _cel_of_extension(schema: Schema, name: str) -> tuple[Cel, ...]:
    predefined, extension = schema.extension(PREDEFINED_RULES), schema.extension(name)
    if predefined is None or extension is None:
        return ()
    options: Any = schema.decoded(extension.GetOptions())
    return _cel(options.Extensions[predefined]) if options.HasExtension(predefined) else ()


def rule_ids(rules: FieldConstraints, *, inside: bool = False) -> tuple[str, ...]:
    """The ids that protovalidate may report of the value itself, items and entries left out.

    *inside*: the value is an item, key or map value, of which `required` says nothing.
    """
    if rules.ignore is Ignore.ALWAYS:
        return ()
    ids = ["required"] if rules.required and not inside else []
    ids += [f"{rules.kind}.{name}" for name in _typed_ids(rules)]
    ids += [cel.id for cel in rules.all_cel()]
    return tuple(dict.fromkeys(ids))


_FLAGS = {"finite", "unique", "lt_now", "gt_now", "defined_only"}
_SILENT = {"example", "strict", "items", "keys", "values"}
_LOWER, _UPPER = ("gt", "gte"), ("lt", "lte")
_MAY_BE_EMPTY = {"uri_ref"}
_HEADERS = {
    1: ("well_known_regex.header_name", "well_known_regex.header_name_empty"),
    2: ("well_known_regex.header_value",),
}


def _typed_ids(rules: FieldConstraints) -> list[str]:
    names = rules.names()
    lower = next((n for n in names if n in _LOWER), None)
    upper = next((n for n in names if n in _UPPER), None)
    found: list[str] = []
    if lower and upper:
        wraps = comparable(rules.rule(upper)) < comparable(rules.rule(lower))
        found.append(f"{lower}_{upper}{'_exclusive' if wraps else ''}")
        names = tuple(n for n in names if n not in (lower, upper))
    for name in names:
        found += _ids_of(rules, name)
    return found


def _ids_of(rules: FieldConstraints, name: str) -> tuple[str, ...]:
    value = rules.rule(name)
    if name in _SILENT or (name in _FLAGS and not value):
        return ()
    if name == "well_known_regex":
        return _HEADERS.get(value, ())
    if name in formats_of(rules):
        empty = () if name in _MAY_BE_EMPTY else (f"{name}_empty",)
        return (name, *empty) if value else ()
    return (name,)


def formats_of(rules: FieldConstraints) -> frozenset[str]:
    """The names of the well-known formats of `string` and `bytes`, as booleans of the rules."""
    if rules.rules is None or rules.kind not in ("string", "bytes"):
        return frozenset()
    known = rules.rules.DESCRIPTOR.oneofs_by_name["well_known"].fields
    return frozenset(f.name for f in known if f.name != "well_known_regex")


def comparable(value: Any) -> Any:
    """A number for every ordered value: nanoseconds for a Timestamp or Duration."""
    if isinstance(value, Message):
        return value.seconds * 10**9 + value.nanos  # type: ignore[attr-defined]
    return value
