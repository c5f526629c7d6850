"""Trials of streams that are counted: by maps of an aggregate, by a limit that the caller sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.compare import Paths
from wireproof.checks.conversations import Limited, Tallied
from wireproof.checks.observations import Observation
from wireproof.exchange import Method
from wireproof.testing import counting_names, names
from wireproof.testing.generated import copied
from wireproof.testing.session import Session
from wireproof.testing.shapes import IDENTIFYING, is_map, is_plain
from wireproof.values.integers import INTEGERS

_TELLING = 7
"""A value that nothing counts to in these trials."""
_VARIED = 4
"""Messages that are tried until one has another entry."""
_MANY = 4
"""Things of which a stream should tell three."""
_TIMES = (3, 1)
"""How often each of two kinds of message is sent."""

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Kind:
    """A message of a stream, and the fields that make it one of its kind."""

    message: Message
    keep: Paths


def tallied(session: Session, method: Method) -> Iterator[Observation]:
    """A message alone, twice; one of another kind, alone; then several of both."""
    for field in method.gives.fields:
        if not _is_tally(field):
            continue
        session.prepare(method)
        one = _telling(session, method)
        key = _alone(session, method, field, one)
        if key is None or key != _alone(session, method, field, one):
            continue
        kinds = {key: one}
        for other in islice(_others(session, method, one), _VARIED):
            another = _alone(session, method, field, other)
            if another not in (None, key):
                kinds[str(another)] = other
                break
        yield from _both(session, method, field, kinds)


def _is_tally(field: FieldDescriptor) -> bool:
    """Whether a field of an aggregate tells how many there were of each, or which were made."""
    if field.is_repeated and not field.message_type:
        return field.type in IDENTIFYING and names.words(field.name)[-1] == "ids"
    if not is_map(field) or not counting_names.is_tally(field.name):
        return False
    entry: Any = field.message_type
    return entry.fields_by_name["value"].cpp_type in INTEGERS


def _both(
    session: Session, method: Method, field: FieldDescriptor, kinds: dict[str, Kind]
) -> Iterator[Observation]:
    expected = dict(zip(kinds, _TIMES, strict=False))
    items = [_another(session, kinds[key]) for key, times in expected.items() for _ in range(times)]
    x = session.call(method, *items)
    reply = next(x.replies(), None) if x.ok else None
    if reply is None:
        return
    told = _counts(reply, field)
    plain = [getattr(reply, f.name) for f in method.gives.fields if _is_number(f)]
    if len(items) in plain or sum(told.values()) > len(kinds):  # else equal ones count as one
        yield Tallied(method, (x,), field.name, tuple(expected.items()), tuple(told.items()))


def _telling(session: Session, method: Method) -> Kind:
    """A message whose numbers are no counts."""
    message = session.base(method)
    numbers = [f.name for f in method.takes.fields if _is_number(f)]
    for name in numbers:
        other = copied(message)
        setattr(other, name, _TELLING)
        message = other if session.requests.keeps(other) else message
    return Kind(message, frozenset(numbers))


def _others(session: Session, method: Method, one: Kind) -> Iterator[Kind]:
    """Messages that differ from *one* by an enum, or by a text."""
    for field in method.takes.fields:
        for value in _values(session, field, getattr(one.message, field.name)):
            other = copied(one.message)
            setattr(other, field.name, value)
            if session.requests.keeps(other):
                yield Kind(other, one.keep | {field.name})


def _values(session: Session, field: FieldDescriptor, now: Any) -> Sequence[int | str]:
    if is_plain(field) and field.type == FieldDescriptor.TYPE_STRING:
        return [session.fresh.token()]
    if field.enum_type is None or field.is_repeated:
        return []
    return [n for n in field.enum_type.values_by_number if n not in (0, now)][:1]


def _another(session: Session, kind: Kind) -> Message:
    return session.requests.adapted(copied(kind.message), kind.keep)


def _alone(session: Session, method: Method, field: FieldDescriptor, kind: Kind) -> str | None:
    """The one entry that counts a message alone; None where there is no such one."""
    x = session.call(method, _another(session, kind))
    reply = next(x.replies(), None) if x.ok else None
    counts = _counts(reply, field) if reply is not None else {}
    return next(iter(counts)) if list(counts.values()) == [1] else None


def _counts(reply: Message, field: FieldDescriptor) -> Counts:
    """What a map has of each; of a list, how long it is."""
    told = getattr(reply, field.name)
    if not is_map(field):
        return {"": len(told)}
    return {str(key): value for key, value in told.items() if value}


def _is_number(field: FieldDescriptor) -> bool:
    return is_plain(field) and field.cpp_type in INTEGERS and not field.enum_type


def _enough(session: Session, method: Method) -> None:
    """See to it that there are more things than are asked for, where the stream tells of things."""
    for resource in session.api.resources:
        if resource.type.full_name == method.gives.full_name:
            for _ in range(_MANY):
                session.make(resource)


def limited(session: Session, method: Method) -> Iterator[Observation]:
    """A stream of two messages, of three, and of two again: more may have come meanwhile."""
    if any(len(oneof.fields) > 1 for oneof in method.gives.oneofs):
        return  # one kind of message may frame the others
    for field in method.takes.fields:
        if not _is_number(field) or not counting_names.is_limit(field.name):
            continue
        session.prepare(method)
        _enough(session, method)
        lengths, exchanges = [], []
        for asked in (2, 3, 2):
            request = session.base(method)
            setattr(request, field.name, asked)
            if not session.requests.keeps(request):
                return
            x = session.call(method, request)
            if not x.ok or x.note["held"]:
                return
            exchanges.append(x)
            lengths.append((asked, len(x.received)))
        yield Limited(method, tuple(exchanges), field.name, tuple(lengths))
