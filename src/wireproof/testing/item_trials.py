"""Trials of methods that take an item out of the list of a thing, or move it: the others stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.actions import Bystander
from wireproof.checks.observations import Observation
from wireproof.testing import names
from wireproof.testing.actions import Action
from wireproof.testing.api import Role
from wireproof.testing.generated import copied
from wireproof.testing.shapes import at, descriptor_of, is_plain, repeated_messages
from wireproof.testing.things import Things

_SEVERAL = 3
"""Items of a list that has a first, a last, and one between."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list that things have, by what its items are told apart, and where a request names one."""

    name: str
    key: str
    asked: str

    def keys(self, thing: Message | None) -> list[Any]:
        told = getattr(thing, self.name) if thing is not None else ()
        return [getattr(item, self.key) for item in told]

    def holds(self, keys: set[Any], thing: Message | None) -> bool:
        """Whether a thing has the items of these keys."""
        return keys <= set(self.keys(thing))


def others_stay(action: Action) -> Iterator[Observation]:
    """Name the last item, then the first: those that were not named are there afterwards."""
    found, fields = _items(action), action.fields
    if found is None or len(fields) != 1 or not _leaves_others(action.method.name):
        return
    things = action.things
    made = things.made(crowded(things, found.name))
    id_ = things.id_of(made.thing) if made is not None else None
    for at_ in (-1, 0) if made is not None else ():
        _, before = things.read(id_)
        known = found.keys(before)
        if not all(known) or len(set(known)) != len(known) or len(known) < _SEVERAL - 1:
            return
        request: Any = action.request()
        setattr(request, fields[0].name, id_)
        setattr(request, found.asked, known[at_])
        others = set(known) - {known[at_]}
        x = action.call(request)
        if not x.ok:
            return
        read, now = things.read_until(id_, partial(found.holds, others))
        if read.ok:
            gone = () if found.holds(others, now) else (found.name,)
            yield Bystander(action.method, (x, read), gone)


def _leaves_others(name: str) -> bool:
    """Whether a method takes one thing away, or puts it elsewhere, by its first word."""
    return names.role_by_name(name) is Role.DELETE or names.words(name)[:1] == ["move"]


def _items(action: Action) -> Items | None:
    """The list of which the request names an item: by its identifier, or by the item's kind."""
    for field in repeated_messages(action.resource.type):
        for asked in action.method.takes.fields:
            key = _key(field, asked) if asked not in action.fields and is_plain(asked) else None
            if key is not None:
                return Items(field.name, key, asked.name)
    return None


def _key(listed: FieldDescriptor, asked: FieldDescriptor) -> str | None:
    """The field of the items that a field of the request means."""
    item = listed.message_type
    if item is None or not (asked.name == "id" or asked.name.endswith("_id")):
        return None
    own = (asked.name, "id") if names.is_reference(asked.name, item.name) else (asked.name,)
    theirs = (item.fields_by_name.get(name) for name in own)
    return next((f.name for f in theirs if f is not None and f.type == asked.type), None)


def crowded(things: Things, name: str) -> Message:
    """A request for a thing with several items in its list *name*, where it may hold them."""
    request, create = things.request(), things.resource.of(Role.CREATE)
    holder = at(request, (create.carrier if create is not None else None) or "")
    if name not in {field.name for field in repeated_messages(descriptor_of(holder))}:
        return request
    listed: Any = getattr(holder, name)
    for item in list(listed)[:1]:
        listed.extend(copied(item) for _ in range(_SEVERAL - len(listed)))
    return request if things.session.requests.keeps(request) else things.request()
