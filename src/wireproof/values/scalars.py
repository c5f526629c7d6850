"""How each scalar type is drawn: one row a type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from wireproof.schema.constraints import FieldConstraints
from wireproof.values.descriptors import class_of, enum_of
from wireproof.values.domain import Domain, Pool
from wireproof.values.numbers import INT32, INT64, UINT32, UINT64, Real, Whole
from wireproof.values.texts import octets_of, text_of

F = FieldDescriptor

DOMAINS: dict[int, Callable[[FieldDescriptor, FieldConstraints], Domain]] = {
    F.TYPE_BOOL: lambda _, rules: _booleans(rules),
    F.TYPE_INT32: lambda _, rules: Whole(rules, INT32),
    F.TYPE_SINT32: lambda _, rules: Whole(rules, INT32),
    F.TYPE_SFIXED32: lambda _, rules: Whole(rules, INT32),
    F.TYPE_INT64: lambda _, rules: Whole(rules, INT64),
    F.TYPE_SINT64: lambda _, rules: Whole(rules, INT64),
    F.TYPE_SFIXED64: lambda _, rules: Whole(rules, INT64),
    F.TYPE_UINT32: lambda _, rules: Whole(rules, UINT32),
    F.TYPE_FIXED32: lambda _, rules: Whole(rules, UINT32),
    F.TYPE_UINT64: lambda _, rules: Whole(rules, UINT64),
    F.TYPE_FIXED64: lambda _, rules: Whole(rules, UINT64),
    F.TYPE_FLOAT: lambda _, rules: Real(rules, single=True),
    F.TYPE_DOUBLE: lambda _, rules: Real(rules, single=False),
    F.TYPE_STRING: lambda _, rules: text_of(rules),
    F.TYPE_BYTES: lambda _, rules: octets_of(rules),
    F.TYPE_ENUM: lambda field, rules: _numbers_of(field, rules),
}
"""How each scalar type is drawn."""


def scalar(field: FieldDescriptor, rules: FieldConstraints) -> Domain:
    """The domain of a scalar."""
    return DOMAINS[field.type](field, rules)


def _booleans(rules: FieldConstraints) -> Domain:
    const = rules.rule("const")
    values = (False, True) if const is None else (const,)
    return Pool(values, tuple(v for v in (False, True) if v not in values))


UNKNOWN_NUMBERS = (-1, 999_999, 2**31 - 1)


def _numbers_of(field: FieldDescriptor, rules: FieldConstraints) -> Domain:
    """The declared numbers, each once: an alias is no other value."""
    known = {value.number: value.name for value in reversed(enum_of(field).values)}
    names = {number: known[number] for number in sorted(known, key=lambda n: (n < 0, abs(n)))}
    wanted = rules.rule("in") or ((rules.rule("const"),) if rules.rule("const") is not None else ())
    kept = [n for n in (wanted or names) if n not in rules.rule("not_in", ())]
    refused = [n for n in (*names, *rules.rule("not_in", ()), *UNKNOWN_NUMBERS) if n not in kept]
    return Pool(tuple(kept), tuple(refused), tuple(f"number {names.get(n, n)}" for n in kept))


class _Wrapped:
    """A domain whose values travel in a google.protobuf wrapper."""

    def __init__(self, inner: Domain, kind: Any) -> None:
        self.inner = inner
        self.kind = kind

    def wrap(self, value: Any) -> Message:
        return cast(Message, self.kind(value=value))

    def pick(self, source: Any) -> Message:
        return self.wrap(self.inner.pick(source))

    def edges(self) -> Iterator[tuple[str, Any]]:
        return ((name, self.wrap(value)) for name, value in self.inner.edges())

    def breaks(self) -> Iterator[Message]:
        return (self.wrap(value) for value in self.inner.breaks())


def wrapped(inner: Domain, message: Descriptor) -> Domain:
    return _Wrapped(inner, class_of(message))
