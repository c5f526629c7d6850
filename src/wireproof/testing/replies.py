"""Which rules of their schema the replies of a server break; what was judged once is known.

To judge a reply costs as much as to make a request, and servers repeat themselves: they give the
same reply again, and lists hold what earlier lists have held. So lists are read as the bytes of
their items, and an item is decoded only where its bytes are new.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message

from wireproof.exchange import Exchange
from wireproof.schema.constraints import MessageConstraints, constraints_of
from wireproof.schema.minimal import BYTES, MANY, minimal
from wireproof.schema.schema import Schema
from wireproof.testing.requests import violations
from wireproof.testing.shapes import is_map
from wireproof.values import EVALUATION, UNENCODABLE

_SHORT = 1 << 15
"""Bytes of a reply, or of an item of its lists, up to which its verdict is remembered."""
_MOST = 4096
"""Items of one kind whose verdict is remembered."""
_OF_THE_WHOLE = frozenset({EVALUATION, UNENCODABLE})
"""What keeps a message from being judged, wherever in it that lies."""

Broken = frozenset[tuple[str, str]]
"""Rules that are broken: (path without subscripts, id of the rule)."""


def broken_in_replies(schema: Schema, x: Exchange) -> tuple[tuple[str, str], ...]:
    """The rules that the replies of *x* break: (path without subscripts, id of the rule)."""
    found: set[tuple[str, str]] = set()
    for payload in x.received:
        judge: Any = _remembered if len(payload) <= _SHORT else _judged
        found |= judge(schema, x.method.reply, payload)
    return tuple(sorted(found))


def _judged(schema: Schema, kind: type[Message], payload: bytes) -> Broken:
    try:
        by_parts = frozenset(_by_parts(schema, kind, payload))
        if any(rule in _OF_THE_WHOLE for _, rule in by_parts):
            return violations(schema, kind.FromString(payload))
    except DecodeError:
        return frozenset()
    return by_parts


def _by_parts(schema: Schema, kind: type[Message], payload: bytes) -> Iterator[tuple[str, str]]:
    """What a reply breaks: in the items of its lists, which are taken out of it, and besides."""
    descriptor: Any = kind.DESCRIPTOR
    lists = _lists(schema, descriptor)
    if lists is not None:
        parts = lists.FromString(payload)
        for name in lists.DESCRIPTOR.fields_by_name:
            items = set(getattr(parts, name))
            item = descriptor.fields_by_name[name].message_type
            for path, rule in _broken_by(schema, item, items):
                yield f"{name}.{path}".rstrip("."), rule
            parts.ClearField(name)
        payload = parts.SerializeToString()
    yield from violations(schema, kind.FromString(payload))


def _broken_by(schema: Schema, kind: Descriptor, items: set[bytes]) -> Broken:
    """What any of *items* breaks."""
    good, bad = _known(schema, kind)
    found: set[tuple[str, str]] = set()
    for data in items - good:  # few of many: what a list held before, it holds again
        broken = bad.get(data)
        if broken is None:
            broken = _judged_item(schema, kind, data)
            if len(data) <= _SHORT:
                _remember(good, bad, data, broken)
        found |= broken
    return frozenset(found)


def _remember(good: set[bytes], bad: dict[bytes, Broken], data: bytes, broken: Broken) -> None:
    if len(good) + len(bad) >= _MOST:
        good.clear()
        bad.clear()
    if broken:
        bad[data] = broken
    else:
        good.add(data)


@lru_cache(maxsize=512)
def _known(schema: Schema, kind: Descriptor) -> tuple[set[bytes], dict[bytes, Broken]]:  # noqa: ARG001
    """The items of that kind that keep every rule, and those that do not, with what they break."""
    return set(), {}


@lru_cache(maxsize=512)
def _lists(schema: Schema, descriptor: Descriptor) -> type[Message] | None:
    """A type with the same lists, their items left as bytes, and nothing else; None without any.

    Items of messages and of bytes look alike on the wire. The other fields it does not know, and
    keeps.
    """
    apart = _apart(schema, descriptor)
    if not apart:
        return None
    rows = tuple((field.name, field.number, MANY, BYTES) for field in apart)
    return minimal("lists", {descriptor.name: rows})[descriptor.name]


def _apart(schema: Schema, descriptor: Descriptor) -> tuple[FieldDescriptor, ...]:
    """The lists of messages that no rule speaks of: each item is judged as if it stood alone."""
    constraints = constraints_of(schema)
    if constraints.message(descriptor) != MessageConstraints():
        return ()
    return tuple(
        field
        for field in descriptor.fields
        if field.is_repeated and field.type == field.TYPE_MESSAGE and not is_map(field)
        if not constraints.stated(field)
    )


def _judged_item(schema: Schema, descriptor: Descriptor, data: bytes) -> Broken:
    return violations(schema, schema.message_class(descriptor.full_name).FromString(data))


_remembered = lru_cache(maxsize=512)(_judged)
