"""Trials of what a thing tells of its items as a whole: their sum, how many there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.agreement import Summed
from wireproof.checks.observations import Observation
from wireproof.testing import names
from wireproof.testing.api import Role
from wireproof.testing.generated import copied
from wireproof.testing.shapes import (
    at,
    is_plain,
    repeated_messages,
    type_name,
)
from wireproof.testing.things import Made, Things
from wireproof.testing.total_trials import SPAN, amount, with_amount
from wireproof.values.integers import INTEGERS

_WHOLE = ((), (7,), (7, 137, 1009))
"""Values of the items of each thing that is made: no two parts of them have one sum."""
_BROKEN = (7.5, 137.5, 1009.5)


def summed(things: Things) -> Iterator[Observation]:
    """Things with no item, one, several: what fits the few fits the many."""
    for listed in repeated_messages(things.resource.type):
        item = listed.message_type
        for field in item.fields if item is not None else ():
            for total in things.resource.type.fields if _adds(field) else ():
                if _adds(total) and type_name(total) == type_name(field) and _of(total, field):
                    yield from _compared(things, listed, field, total)


def _of(total: FieldDescriptor, field: FieldDescriptor) -> bool:
    """Whether a number is the sum of another one of each item, by its name: `total_cents`."""
    said, own = names.words(total.name), names.words(field.name)
    told = {"total", "sum"}.intersection(said)
    return bool(told) and set(said) - {"total", "sum"} <= set(own) and not _counts(field)


def _counts(field: FieldDescriptor) -> bool:
    return names.is_ordinal(field.name) or names.is_count(field.name)


def _adds(field: FieldDescriptor) -> bool:
    if type_name(field) == SPAN:
        return not field.is_repeated
    return is_plain(field) and not field.enum_type and field.cpp_type in INTEGERS


def _compared(
    things: Things, listed: FieldDescriptor, field: FieldDescriptor, total: FieldDescriptor
) -> Iterator[Observation]:
    spans = type_name(field) == SPAN
    fitting: Made | None = None
    for values in (*_WHOLE, *((_BROKEN,) if spans else ())):
        request = _request(things, field, values)
        made = things.made(request) if request is not None else None
        if made is None:
            continue
        told = amount(getattr(made.thing, total.name))
        each = [amount(getattr(item, field.name)) for item in getattr(made.thing, listed.name)]
        if told == sum(each):
            fitting = made if told else fitting
        elif fitting is not None:
            exchanges = fitting.exchange, made.exchange
            yield Summed(made.exchange.method, exchanges, total.name, sum(each), told, _parts(each))


def _parts(each: list[float]) -> tuple[float, ...]:
    """The sums of all but the first, of all but the last, of what is whole in each."""
    return sum(each[1:]), sum(each[:-1]), sum(map(int, each))


def _request(things: Things, field: FieldDescriptor, values: tuple[float, ...]) -> Message | None:
    """A request with items that hold these *values*; None where it has no such list."""
    request = things.request()
    holder: Any = at(request, things.operation(Role.CREATE).carrier or "")
    for one in repeated_messages(holder.DESCRIPTOR):
        own = one.message_type.fields_by_name.get(field.name) if one.message_type else None
        if own is None or (own.type, type_name(own)) != (field.type, type_name(field)):
            continue
        items = getattr(holder, one.name)
        usual = copied(items[0] if len(items) else items.add())
        del items[:]
        items.extend(with_amount(usual, own, value) for value in values)
        return request if things.session.requests.keeps(request) else None
    return None
