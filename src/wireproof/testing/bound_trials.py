"""Trials of lists that are narrowed by a bound: `max_price` of a price, `area_min` of an area."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.observations import Filtered
from wireproof.exchange import Method
from wireproof.testing.counting_names import is_limit
from wireproof.testing.paging import Lists
from wireproof.testing.shapes import is_plain
from wireproof.testing.things import Things
from wireproof.values.integers import INTEGERS

_FLOATS = (FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE)
_SPREAD = ((7, 8, 9), (2, 3, 4), (1, 2, 3))
"""Numbers next to one another, of which the middle one is the bound."""

Order = Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Bound:
    """What a bound lets through for certain, and what it may: of some words nobody knows."""

    sure: Order
    may: Order


_WORDS = {
    "max|maximum|most|up_to|lte|le": Bound(le, le),
    "min|minimum|least|at_least|gte|ge": Bound(ge, ge),
    "lt|less_than": Bound(lt, lt),
    "gt|greater_than|more_than": Bound(gt, gt),
    "before|until|below|under|to": Bound(lt, le),
    "after|since|above|over|from": Bound(gt, ge),
}
_BOUNDS = [
    (re.compile(rf"^(?:{words})_(?P<of>\w+)$|^(?P<at>\w+)_(?:{words})$"), bound)
    for words, bound in _WORDS.items()
]


def bounds(method: Method, kind: Descriptor) -> Iterator[tuple[str, str, Bound]]:
    """Arguments of a list that bound a number of its things: argument, number, bound."""
    for asked in method.takes.fields:
        for form, bound in _BOUNDS:
            found = form.match(asked.name)
            field = kind.fields_by_name.get(found["of"] or found["at"]) if found else None
            if is_limit(asked.name) or field is None:
                continue
            if _is_number(asked) and _is_number(field):
                yield asked.name, field.name, bound


def _is_number(field: FieldDescriptor) -> bool:
    return is_plain(field) and not field.enum_type and field.cpp_type in (*INTEGERS, *_FLOATS)


def bounded(lists: Lists, asked: str, name: str, bound: Bound) -> Iterator[Filtered]:
    """The list within a bound that one thing has, one is just above and one just below."""
    value = _spread(lists.things, name)
    if (
        asked == lists.paged.size
        or value is None
        or not lists.in_pages
        or not lists.whole(**{asked: value})
    ):
        return
    known = _items(lists)
    found = _items(lists, **{asked: value})
    again = _items(lists)
    id_of = lists.things.id_of
    shown = {id_of(item) for item in found}
    stay = {id_of(item) for item in again if bound.sure(getattr(item, name), value)}
    missing = {id_of(i) for i in known if bound.sure(getattr(i, name), value)} & stay - shown
    strangers = sum(not bound.may(getattr(item, name), value) for item in found)
    method, exchanges = lists.paged.method, tuple(lists.exchanges)
    words = f"{asked} {value}"
    yield Filtered(method, exchanges, asked, words, strangers, len(missing), len(missing))


def _items(lists: Lists, **arguments: Any) -> list[Message]:
    """What the whole list holds; nothing where it has no end."""
    lists.exchanges.clear()
    ended = lists.whole(**arguments)
    return [item for x in lists.exchanges for item in lists.items(x)] if ended else []


def _spread(things: Things, name: str) -> int | None:
    """See to it that things hold three numbers next to one another; the one in the midst."""
    for numbers in _SPREAD:
        made = [_with(things, name, number) for number in numbers]
        if all(made):
            return numbers[1]
    return None


def _with(things: Things, name: str, number: int) -> bool:
    like: Any = things.blank()
    setattr(like, name, number)
    request = things.request_with(name, like)
    made = things.made(request) if request is not None else None
    return made is not None and bool(getattr(made.thing, name) == number)
