"""Strategies of whole messages, compiled once a descriptor."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

from wireproof.schema.pgv import translated
from wireproof.schema.schema import Schema
from wireproof.strategies.choices import Drawn, Hypothesis
from wireproof.values import Invalid, schema_of
from wireproof.values.api import builder_of
from wireproof.values.drawn import Spoiler
from wireproof.values.goals import DEPTH

Target: TypeAlias = Descriptor | type[Message] | str


def messages(
    target: Target, *, schema: Schema | None = None, depth: int = DEPTH
) -> st.SearchStrategy[Any]:
    """Messages of *target* that pass validation, nested at most *depth* deep.

    *target* is a descriptor, a message class (generated code's too), or a full name with the
    *schema* that knows it. They shrink towards `values.valid`. Nothing is filtered: what rules tie
    together is repaired, never redrawn. Rules are those of buf.validate, or where a field has none
    those of protoc-gen-validate. Raises Unsatisfiable where no valid message was found,
    UnusableRules where the rules do not compile.
    """
    known, kind = _resolved(target, schema)
    return _messages(known, kind, depth)


def invalid_messages(
    target: Target, *, schema: Schema | None = None, depth: int = DEPTH
) -> st.SearchStrategy[Invalid]:
    """Messages of *target* that break one rule, which they name; see `values.Invalid`.

    Empty (as `hypothesis.strategies.nothing`) where no rule can be broken. Arguments and errors as
    for `messages`.
    """
    known, kind = _resolved(target, schema)
    return _invalid_messages(known, kind, depth)


def _resolved(target: Target, schema: Schema | None) -> tuple[Schema, Any]:
    if isinstance(target, str):
        if schema is None:
            raise TypeError(f"messages({target!r}) needs schema=: a name alone says not of which")
        return _ruled(schema), schema.message_class(target)
    if isinstance(target, Descriptor):
        return _ruled(schema or schema_of(target)), GetMessageClass(target)
    descriptor: Any = target.DESCRIPTOR
    return _ruled(schema or schema_of(descriptor)), target


@lru_cache(maxsize=64)
def _ruled(schema: Schema) -> Schema:
    """*schema*, its rules of protoc-gen-validate as rules of buf.validate."""
    return translated(schema)


@lru_cache(maxsize=512)
def _messages(schema: Schema, kind: Any, depth: int) -> st.SearchStrategy[Any]:
    builder = builder_of(schema)
    descriptor = schema.message(kind.DESCRIPTOR.full_name)
    builder.least(descriptor)  # what cannot be built is said here, not in the middle of a test

    @st.composite
    def one(draw: Any) -> Message:
        return _as(kind, builder.draw(descriptor, Drawn(Hypothesis(draw)), depth))

    return one()


@lru_cache(maxsize=512)
def _invalid_messages(schema: Schema, kind: Any, depth: int) -> st.SearchStrategy[Invalid]:
    builder = builder_of(schema)
    spoiler = Spoiler(builder, schema.message(kind.DESCRIPTOR.full_name), depth)
    if not spoiler.templates:
        return st.nothing()

    @st.composite
    def one(draw: Any) -> Invalid:
        found = spoiler.draw(Drawn(Hypothesis(draw)))
        return replace(found, message=_as(kind, found.message))

    return one()


def _as(kind: type[Message], message: Message) -> Message:
    """*message* as the caller's own class."""
    if type(message) is kind:
        return message
    return kind.FromString(message.SerializePartialToString())
