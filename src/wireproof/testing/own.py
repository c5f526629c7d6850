"""Values from a project's own strategies, in the requests that are meant to be valid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.strategies import SearchStrategy

from wireproof.errors import UnknownName, WireproofError
from wireproof.schema.schema import Schema
from wireproof.testing.shapes import is_map

_DRAWN = 25
"""Values drawn of each strategy, then used in turn."""


class Own:
    """The values that a project gives to fields and messages, by their full names.

    Drawn once, with a seed, so that the same run makes the same calls. Raises UnknownName where
    the schema knows no such field or message.
    """

    def __init__(
        self, schema: Schema, strategies: Mapping[str, SearchStrategy[Any]], number: int
    ) -> None:
        self._fields: dict[str, Iterator[Any]] = {}
        self._messages: dict[str, Iterator[Any]] = {}
        for name, strategy in strategies.items():
            values = cycle(_drawn(name, strategy, number))
            (self._messages if _is_message(schema, name) else self._fields)[name] = values

    def __bool__(self) -> bool:
        return bool(self._fields or self._messages)

    def fill(self, part: Message, keep: frozenset[str]) -> None:
        """Give *part* the project's own values; what *keep* names stays."""
        whole = self._messages.get(part.DESCRIPTOR.full_name)
        if whole is not None and not keep:
            _become(part, next(whole))
        for field in part.DESCRIPTOR.fields:
            values = self._fields.get(field.full_name)
            if values is not None and field.name not in keep:
                part.ClearField(field.name)
                _put(part, field, next(values))

    def governs(self, message: Message, path: str) -> bool:
        """Whether the field at *path* of *message* takes the project's values."""
        descriptor: Any = message.DESCRIPTOR
        for name in path.split("."):
            field = descriptor.fields_by_name.get(name) if descriptor is not None else None
            if field is None:
                return False
            if field.full_name in self._fields or descriptor.full_name in self._messages:
                return True
            descriptor = field.message_type
        return False


def _is_message(schema: Schema, name: str) -> bool:
    try:
        schema.pool.FindMessageTypeByName(name)
    except KeyError:
        pass
    else:
        return True
    try:
        schema.pool.FindFieldByName(name)
    except KeyError:
        holder = name.rpartition(".")[0]
        raise UnknownName("field or message in STRATEGIES", name, _near(schema, holder)) from None
    return False


def _near(schema: Schema, holder: str) -> tuple[str, ...]:
    """What may have been meant: the fields of the message, or the messages of the schema."""
    try:
        message = schema.pool.FindMessageTypeByName(holder)
    except KeyError:
        taken = (m.input_type.full_name for m in schema.methods())
        return tuple(sorted(set(taken)))
    return tuple(field.full_name for field in message.fields)


def _drawn(name: str, strategy: SearchStrategy[Any], number: int) -> list[Any]:
    values: list[Any] = []

    @seed(f"own {number} {name}")
    @settings(
        max_examples=_DRAWN,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(strategy)
    def collect(value: Any) -> None:
        values.append(value)

    collect()
    return values


def _become(part: Message, value: Any) -> None:
    part.Clear()
    if isinstance(value, Message):
        part.MergeFromString(value.SerializeToString())
    else:
        json_format.ParseDict(value, part)


def _put(part: Message, field: Any, value: Any) -> None:
    """Give a field a value of the form that protobuf's Python takes. Raises UnusableValue."""
    try:
        if value is None:
            return
        if is_map(field):
            _put_map(getattr(part, field.name), field, value)
        elif field.is_repeated and field.message_type:
            for one in value:
                _become(getattr(part, field.name).add(), one)
        elif field.is_repeated:
            getattr(part, field.name).extend(value)
        elif field.message_type:
            getattr(part, field.name).SetInParent()
            _become(getattr(part, field.name), value)
        else:
            setattr(part, field.name, value)
    except (TypeError, ValueError, AttributeError, json_format.ParseError) as error:
        raise UnusableValue(f"STRATEGIES[{field.full_name!r}] gave {value!r}: {error}") from error


def _put_map(target: Any, field: Any, value: Mapping[Any, Any]) -> None:
    holds_messages = bool(field.message_type.fields_by_name["value"].message_type)
    for key, one in value.items():
        if holds_messages:
            _become(target[key], one)
        else:
            target[key] = one


class UnusableValue(WireproofError):
    """A value of a project's strategy that its field cannot hold."""
