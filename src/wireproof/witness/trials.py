"""Both versions' validation rules, ready to be tried on messages.

Only the files that differ, and what they import, are linked. PGV's rules are read as the rules of
protovalidate that say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, EncodeError, Message
from google.protobuf.message_factory import GetMessageClass

from wireproof.changes.versions import Versions
from wireproof.schema.constraints import Constraints, constraints_of
from wireproof.schema.fields import Field
from wireproof.schema.image import needed
from wireproof.schema.pgv import translated
from wireproof.schema.schema import Schema
from wireproof.values.api import builder_of
from wireproof.values.build import Builder
from wireproof.values.check import EVALUATION

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Violation:
    """What a validator says, as far as it tells whom it is about."""

    number: int
    """The number of the root's field; 0 for a oneof or the whole message."""
    name: str
    depth: int
    """How many fields lead there; 0 for the message itself."""
    inner: bool
    """Whether it is about an item, a key or a map value."""
    rule: str
    text: str


class Trial:
    """One version's messages and validator."""

    def __init__(self, name: str, schema: Schema) -> None:
        self.name = name
        self.schema = schema

    @property
    def builder(self) -> Builder:
        return builder_of(self.schema)

    @property
    def constraints(self) -> Constraints:
        return constraints_of(self.schema)

    def kind(self, full_name: str) -> type[Message] | None:
        try:
            return GetMessageClass(self.schema.pool.FindMessageTypeByName(full_name))
        except KeyError:
            return None

    def field(self, field: Field) -> FieldDescriptor | None:
        kind = self.kind(field.holder)
        found: Any = kind.DESCRIPTOR.fields_by_number.get(field.number) if kind else None
        return found if isinstance(found, FieldDescriptor) else None

    def read(self, full_name: str, data: bytes) -> Message | None:
        kind = self.kind(full_name)
        try:
            return kind.FromString(data) if kind else None
        except (DecodeError, UnicodeDecodeError, ValueError):
            return None

    def violations(self, message: Message) -> tuple[Violation, ...] | None:
        """None where the rules cannot be used at all."""
        from protovalidate import CompilationError, EvaluationError  # heavy

        try:
            found = self.schema.validator.collect_violations(message)
        except EvaluationError as error:
            return (Violation(0, "", 0, False, EVALUATION, str(error)),)
        except (CompilationError, EncodeError):
            return None
        return tuple(_violation(one.proto) for one in found) if found else ()


def _violation(proto: Any) -> Violation:
    elements = proto.field.elements if proto.field else []
    number, name = (elements[0].field_number, elements[0].field_name) if elements else (0, "")
    inner = bool(elements and elements[0].subscript is not None)
    return Violation(number or 0, name, len(elements), inner, proto.rule_id, proto.message)


class Trials:
    """The two versions of a comparison; nothing is linked before it is asked for."""

    def __init__(self, versions: Versions, more: Iterable[str] = ()) -> None:
        """*more* files are linked as well, although they do not differ."""
        self.versions = versions
        self._more = frozenset(more)
        self._known: dict[int, tuple[object, Any]] = {}

    @cached_property
    def old(self) -> Trial:
        return Trial("old", _linked(self.versions.old.schema, self._files))

    @cached_property
    def new(self) -> Trial:
        return Trial("new", _linked(self.versions.new.schema, self._files))

    @property
    def _files(self) -> Iterable[str]:
        return {*self.versions.old_files, *self.versions.new_files, *self._more}

    def once(self, key: object, found: Any) -> Any:
        """What *found* answers to *key*, asked once."""
        if id(key) not in self._known:
            self._known[id(key)] = (key, found(key, self))
        return self._known[id(key)][1]

    def __iter__(self) -> Iterator[Trial]:
        return iter((self.old, self.new))


def _linked(schema: Schema, names: Iterable[str]) -> Schema:
    own = frozenset(name for name in names if name in schema.by_name)
    return translated(Schema(source=schema.source, own=own, packed=needed(schema.packed, own)))
