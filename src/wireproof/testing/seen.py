"""Values that calls have told, by the names under which requests ask for them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, zip_longest
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from wireproof.exchange import Exchange, Method
from wireproof.testing import names
from wireproof.testing.api import Role
from wireproof.testing.shapes import IDENTIFYING, descriptor_of, is_map, messages_in, types_in

_MOST = 16
"""Values of one name to remember from each method."""
_ENOUGH = 50
"""Messages of a reply to look at."""
OWN = ("id", "name", "uid", "uuid", "key")
"""Names of fields that name what holds them: `Payment.id` is a `payment_id`, and a `payment`."""

_ABOUT = re.compile(r"_(info|details?|data|spec|summary|metadata|record|entry|view|state|proto)$")
"""What a message says of itself beyond what it is about: `NamespaceInfo.name` is a `namespace`."""

Name = tuple[str, int]
"""A field's name and its type."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Where a value was met."""

    method: str
    """Its full name."""
    sent: bool = False
    """Whether it stood in a request that was accepted, not in a reply."""
    kind: str = ""
    """The name of the message that held it, in lower case."""


class Seen:
    """The newest values of the fields that requests of an API may ask for."""

    def __init__(self, methods: Iterable[Method]) -> None:
        methods = tuple(methods)
        self._asked = {name for method in methods for name in _asked(method.takes)}
        self._tells = {m.full_name: self._telling(m.gives) for m in methods}
        self._kinds = {m.full_name: [k.name.lower() for k in types_in(m.gives)] for m in methods}
        self._gives = {m.full_name: self._telling(m.takes) for m in methods}
        self._values: dict[Name, dict[Teller, dict[Any, None]]] = defaultdict(dict)

    def take(self, x: Exchange) -> None:
        """Remember what *x* tells that a request may ask for."""
        if not x.ok or x.method.full_name not in self._tells:
            return
        if names.role_by_name(x.method.name) is Role.DELETE:
            self._forget(x)
            return
        if self._gives[x.method.full_name]:
            self._take(x.requests(), Teller(x.method.full_name, sent=True))
        if self._tells[x.method.full_name]:
            self._take(x.replies(), Teller(x.method.full_name))

    def _take(self, messages: Iterable[Message], teller: Teller) -> None:
        told = [(part, *pair) for part in _parts(messages) for pair in part.ListFields()]
        for part, field, value in told:
            kind = descriptor_of(part).name.lower()
            self._add(part, field, value, replace(teller, kind=kind))

    def _forget(self, x: Exchange) -> None:
        """What was deleted is nothing to name any more."""
        for part in _parts(x.requests()):
            for field, value in part.ListFields():
                if field.type in IDENTIFYING and not field.is_repeated:
                    for told in self._values.values():
                        for known in told.values():
                            known.pop(value, None)

    def _add(self, part: Message, field: FieldDescriptor, value: Any, teller: Teller) -> None:
        if field.type not in IDENTIFYING or is_map(field):
            return
        value = value[0] if field.is_repeated else value
        for name in _names(descriptor_of(part), field):
            if (name, field.type) in self._asked:
                known = self._values[name, field.type].setdefault(teller, {})
                known.pop(value, None)
                known[value] = None
                if len(known) > _MOST:
                    del known[next(iter(known))]

    def named(self, field: FieldDescriptor) -> list[tuple[Any, Teller]]:
        """What a request may have at *field*, and who told it.

        The newest of each teller go first, those of replies before those of accepted requests, and
        those told by what the request is named after (an operation to `GetOperation`) before all.
        """
        told = [one for name in _wanted(field) for one in self._values[name, field.type].items()]
        about = _about(field)
        told.sort(key=lambda one: one[0].sent)
        rows = [[(value, teller) for value in reversed(known)] for teller, known in told]
        found = [pair for turn in zip_longest(*rows) for pair in turn if pair is not None]
        return sorted(found, key=lambda pair: pair[1].kind not in about)

    def tellers(self, field: FieldDescriptor) -> list[str]:
        """Full names of the methods whose replies may tell a value for *field*."""
        wanted, about = {(name, field.type) for name in _wanted(field)}, _about(field)
        found = [method for method, told in self._tells.items() if wanted & told]
        return sorted(found, key=lambda method: not any(k in about for k in self._kinds[method]))

    def _telling(self, message: Descriptor) -> frozenset[Name]:
        told = {
            (name, field.type)
            for part in types_in(message)
            for field in part.fields
            if field.type in IDENTIFYING
            for name in _names(part, field)
        }
        return frozenset(told & self._asked)


def _about(field: FieldDescriptor) -> str:
    """The name of the message that asks, in lower case: `getoperationrequest`."""
    return str(field.containing_type.name).lower() if field.containing_type else ""


def _parts(replies: Iterable[Message]) -> Iterator[Message]:
    for reply in islice(replies, _ENOUGH):
        yield from (part for _, part in islice(messages_in(reply), _ENOUGH))


def _asked(request: Descriptor) -> Iterator[Name]:
    for part in types_in(request):
        for field in part.fields:
            if field.type in IDENTIFYING:
                for name in _wanted(field):
                    yield name, field.type


def _wanted(field: FieldDescriptor) -> tuple[str, ...]:
    """Names of what a request may have at *field*: `from_account_id` takes an `account_id`."""
    name = names.singular(field.name) if field.is_repeated else field.name
    words = name.split("_")
    shorter = ("_".join(words[at:]) for at in range(1, len(words)))
    found = (name, *(one for one in shorter if one not in OWN))
    return (*found, "name") if words[-1] == "parent" else found  # of another kind (AIP-122)


def _names(part: Descriptor, field: FieldDescriptor) -> Iterator[str]:
    """The names under which a request may ask for the value of *field*."""
    name = names.singular(field.name) if field.is_repeated else field.name
    yield name
    if name in OWN:
        noun = "_".join(names.words(part.name))
        for kind in {noun: None, _ABOUT.sub("", noun): None}:
            yield from (kind, f"{kind}_{name}")
