"""Trials of what the aggregate of a stream adds up: numbers and spans of its messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.conversations import Tallied
from wireproof.checks.observations import Observation
from wireproof.exchange import Exchange, Method
from wireproof.testing import names
from wireproof.testing.generated import copied
from wireproof.testing.session import Session
from wireproof.testing.shapes import is_plain, type_name
from wireproof.values.integers import INTEGERS

SPAN = "google.protobuf.Duration"
_FLOATS = (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT)
_WHOLE, _BROKEN = (7, 137), (7.25, 137.75)
"""Two values that nothing counts to, and two with parts, which binary fractions hold exactly."""
_NANOS = 10**9


def added_up(session: Session, method: Method) -> Iterator[Observation]:
    """Two values, each alone in a stream; then several of both.

    What told the one's value tells then their sum, or an average, or one of them.
    """
    for field, total in _totals(method):
        session.prepare(method)
        alone = [_told(_sent(session, method, field, [one]), total) for one in _WHOLE]
        if alone != [*_WHOLE]:
            continue
        less, more = _WHOLE if field.cpp_type in INTEGERS else _BROKEN
        values = [less, more, less, less]
        x = _sent(session, method, field, values)
        told = _told(x, total)
        others = (*values, less + more, sum(values) / len(values))  # equal ones may count as one
        if told is not None and told not in others:
            expected = (("", sum(values)),)
            yield Tallied(method, (x,), total.name, expected, (("", told),))


def _totals(method: Method) -> Iterator[tuple[FieldDescriptor, FieldDescriptor]]:
    """Numbers and spans of the messages, and the fields of the aggregate of their names."""
    theirs = method.gives.fields_by_name
    for field in method.takes.fields:
        usual = (field.name, f"total_{field.name}", f"{field.name}_total", f"sum_{field.name}")
        total = next((theirs[name] for name in usual if name in theirs), None)
        if total is None or not _adds(field) or not _adds(total):
            continue
        if type_name(field) == type_name(total) and not names.is_ordinal(field.name):
            yield field, total


def _adds(field: FieldDescriptor) -> bool:
    number = is_plain(field) and field.cpp_type in (*INTEGERS, *_FLOATS)
    return number or (type_name(field) == SPAN and not field.is_repeated)


def _sent(session: Session, method: Method, field: FieldDescriptor, values: list[Any]) -> Exchange:
    """A stream of messages with these values."""
    base = session.base(method)
    items = [with_amount(base, field, value) for value in values]
    keep = frozenset({field.name})
    return session.call(method, *(session.requests.adapted(item, keep) for item in items))


def with_amount(base: Message, field: FieldDescriptor, value: Any) -> Message:
    """A copy of *base* with a number, or a span of so many seconds, in *field*."""
    message = copied(base)
    if field.message_type is None:
        setattr(message, field.name, value)
    else:
        span = getattr(message, field.name)
        span.seconds, span.nanos = int(value), int(value % 1 * _NANOS)
    return message


def amount(value: Any) -> Any:
    """A number, or the seconds of a span."""
    return value if isinstance(value, int | float) else value.seconds + value.nanos / _NANOS


def _told(x: Exchange, total: FieldDescriptor) -> Any:
    """What the aggregate tells, in seconds if it is a span; None where there is none."""
    reply = next(x.replies(), None) if x.ok else None
    return amount(getattr(reply, total.name)) if reply is not None else None
