"""Trials of client and bidirectional streams: aggregates, order, isolation."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.batches import AsAlone, LaterItem
from wireproof.checks.conversations import Counted, StaysOpen
from wireproof.checks.facts import Code, Kind
from wireproof.checks.observations import (
    Answered,
    Batched,
    EmptyStream,
    Observation,
    ReadBack,
)
from wireproof.exchange import Exchange, Method
from wireproof.testing import counting_names, names
from wireproof.testing.api import Role
from wireproof.testing.double_trials import doubled
from wireproof.testing.generated import copied, valid_samples
from wireproof.testing.inband import codes_in, refused_in_band
from wireproof.testing.marks import marked, marks, proven, with_marks
from wireproof.testing.session import Session
from wireproof.testing.shapes import descriptor_of, field_at, is_map, is_plain, repeated_messages
from wireproof.testing.sync_trials import all_made
from wireproof.testing.things import Things
from wireproof.values.integers import INTEGERS

_INTEGERS = (
    FieldDescriptor.TYPE_INT32,
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_UINT32,
    FieldDescriptor.TYPE_UINT64,
)
_NUMBERS = (
    *INTEGERS,
    FieldDescriptor.CPPTYPE_FLOAT,
    FieldDescriptor.CPPTYPE_DOUBLE,
)
_ITEMS = 3
_MANY = 24
"""Requests of a long stream."""
_LOOKED = 6
"""Things that are looked for of a long stream."""


def batch(things: Things) -> Iterator[Observation]:
    """Valid items, one, then a few: the reply accounts for each."""
    method = things.operation(Role.BATCH).method
    for count in (1, _ITEMS, _MANY):
        items = [things.session.base(method) for _ in range(count)]
        x = things.session.call(method, *items)
        reply = next(x.replies(), None) if x.ok else None
        if reply is None:
            return
        accounted = accounts_for(reply, count, things.resource.type.full_name)
        if accounted is not None:
            lost = _lost(things, items) if accounted == count and not _failed(reply) else 0
            yield Batched(method, (x,), count, accounted, lost)
        if count == _ITEMS:
            yield from _as_stored(things, x)


def as_alone(things: Things) -> Iterator[Observation]:
    """An item with nothing in it, alone, as the first of a stream, and in its midst.

    Where the schema forbids it, its rules are broken one by one elsewhere.
    """
    session, method = things.session, things.operation(Role.BATCH).method
    create = things.operation(Role.CREATE).method
    bad = create.request()
    if method.takes.full_name != create.takes.full_name or not session.requests.keeps(bad):
        return
    alone = session.call(create, bad, kind=Kind.STRANGE)
    usual = session.call(method, *(session.base(method) for _ in range(_ITEMS)))
    first, amid = (
        session.call(method, *_with(things, bad, at), kind=Kind.STRANGE) for at in (0, 1)
    )
    if not usual.ok or not all(x.ok or x.code is Code.INVALID_ARGUMENT for x in (first, amid)):
        return
    if alone.ok and not first.ok and not amid.ok:
        yield AsAlone(method, (alone, amid), refused=True)
    elif alone.code is Code.INVALID_ARGUMENT and not refused_in_band(amid, usual):
        told = refused_in_band(first, usual)
        yield (
            LaterItem(method, (alone, first, amid))
            if told
            else AsAlone(method, (alone, amid), refused=False)
        )


def _with(things: Things, bad: Message, at: int) -> list[Message]:
    """Items to create, of which the one at that place is *bad*."""
    method = things.operation(Role.BATCH).method
    return [bad if place == at else things.session.base(method) for place in range(_ITEMS)]


def counted(session: Session, method: Method) -> Iterator[Observation]:
    """One message, alone, twice; then the same several times: what counts them counts each."""
    session.prepare(method)
    item = session.base(method)
    ones: set[str] | None = None
    off: list[dict[str, int]] = []
    for count in (1, 1, _ITEMS, _MANY):
        x = session.call(method, *[item] * count)
        reply = next(x.replies(), None) if x.ok else None
        if reply is None:
            return
        told = dict(_named_counts(reply))
        off.append({} if count in told.values() else _off_by(told, count, method))
        if count == 1:
            now = {name for name, number in told.items() if number == 1}
            ones = now if ones is None else ones & now
        elif count not in (*told.values(), sum(told.values())):  # some may stand elsewhere
            for name in sorted(ones or ()):
                yield Counted(method, (x,), name, count, told[name])
    for name, by in off[0].items():
        if all(one.get(name) == by for one in off):
            yield Counted(method, (x,), name, _MANY, told[name])


def _off_by(told: dict[str, int], count: int, method: Method) -> dict[str, int]:
    """The counts of messages, by their names, that are one less or one more than were sent."""
    noun = names.words(method.takes.name)[-1]
    return {
        name: number - count
        for name, number in told.items()
        if abs(number - count) == 1 and counting_names.is_of_messages(name, noun)
    }


def _as_stored(things: Things, x: Exchange) -> Iterator[Observation]:
    """What an aggregate tells of each thing that it made, and what Get does."""
    for thing in all_made(things, x) if things.resource.of(Role.GET) else ():
        read, got = things.read(things.id_of(thing))
        yield ReadBack(x.method, (x, read), thing, thing, got, things.resource.server_set)


def accounts_for(reply: Message, count: int, type_name: str) -> int | None:
    """How many of *count* items a reply tells of; None where it tells of no items.

    Things made are counted in the list of their type; failures in whichever integer or list makes
    up for the rest, so that neither has to be called by a certain name.
    """
    made = 0
    counted = False
    for field in repeated_messages(descriptor_of(reply)):
        if field.message_type is not None and field.message_type.full_name == type_name:
            made += len(getattr(reply, field.name))
            counted = True
    if not counted:
        return _nearest(count, dict(_named_counts(reply)))
    others = list(_counts(reply, type_name))
    if made >= count:
        return made
    rest = count - made
    return made + (rest if rest in others else max((n for n in others if n < rest), default=0))


def _named_counts(reply: Message) -> Iterator[tuple[str, int]]:
    """Integers that are counts by their names: any other may be a time, a size, a code."""
    for field in descriptor_of(reply).fields:
        counts = names.is_count(field.name) and names.is_of_items(field.name)
        if counts and is_plain(field) and field.type in _INTEGERS:
            yield field.name, getattr(reply, field.name)


def _nearest(count: int, told: dict[str, int]) -> int | None:
    """What the counts tell of; None where they tell of failures at most, and the rest elsewhere."""
    refused = max((n for name, n in told.items() if counting_names.is_of_refusals(name)), default=0)
    if refused and any(counting_names.is_of_made(name) and n == count for name, n in told.items()):
        return count + refused  # all of them made, and some not
    numbers = list(told.values())
    if count in numbers or sum(numbers) == count:
        return count
    return None if all(map(counting_names.is_of_failures, told)) else max(numbers)


def _counts(reply: Message, type_name: str) -> Iterator[int]:
    """Integers of the reply, and the lengths of its other lists."""
    for field in descriptor_of(reply).fields:
        if is_plain(field) and field.type in _INTEGERS:
            yield getattr(reply, field.name)
        elif field.is_repeated and not is_map(field) and _kind(field) != type_name:
            yield len(getattr(reply, field.name))


def _kind(field: FieldDescriptor) -> str:
    return str(field.message_type.full_name) if field.message_type else ""


def _failed(reply: Message) -> bool:
    return bool(codes_in(reply))


def _lost(things: Things, items: list[Message]) -> int:
    """How many items, sent with identifiers of their own, are not there afterwards."""
    create = things.resource.of(Role.CREATE)
    if create is None or create.id is None or things.resource.of(Role.GET) is None:
        return 0
    if items[0].DESCRIPTOR.full_name != create.method.takes.full_name:
        return 0
    chosen = [things.id_of(things.carried(create, item)) for item in items]
    last_of_each = chosen[:: -max(1, len(chosen) // _LOOKED)]
    found = [things.read(id_)[1] for id_ in last_of_each if id_]
    return sum(one is None for one in found) if any(found) else 0


def empty(session: Session, method: Method) -> Iterator[Observation]:
    """A stream without a request."""
    x = session.call(method)
    if method.style.server_streams:
        yield EmptyStream(method, (x,))


def in_order(session: Session, method: Method) -> Iterator[Observation]:
    """A few requests, each marked; the replies carry the marks in the same order."""
    mark = proven(session, method)
    if mark is None:  # no reply for each request, or none that carries a mark
        yield from doubled(session, method)
        return
    for count in (_ITEMS + 1, _MANY):
        several = marked(session, method, mark, count)
        x = session.call(method, *several)
        if x.ok or x.note["held"]:
            yield Answered(method, (x,), marks(several, mark), marks(list(x.replies()), mark))
        if x.note["held"]:
            yield StaysOpen(method, (x,))
    yield from _in_numbers(session, method, mark)


def _in_numbers(session: Session, method: Method, mark: str) -> Iterator[Observation]:
    """The values of each number, between two usual requests: none makes a reply superfluous."""
    usual, by_path = session.base(method), dict[str, list[Message]]()
    for sample in valid_samples(session.schema, method.takes, usual):
        field = field_at(method.takes, sample.path, default=None) if sample.path else None
        number = field is not None and is_plain(field) and field.cpp_type in _NUMBERS
        if number and sample.path != mark:
            by_path.setdefault(sample.path, []).append(sample.message)
    for messages in list(by_path.values())[:_ITEMS]:
        several = with_marks(session, mark, [copied(one) for one in (usual, *messages, usual)])
        x = session.call(method, *several)
        if x.ok:
            yield Answered(method, (x,), marks(several, mark), marks(list(x.replies()), mark))
