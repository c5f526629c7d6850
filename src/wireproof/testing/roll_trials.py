"""Trials of a number that counts what a method lists: `follower_count` beside `Followers`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from wireproof.checks.actions import Rolled
from wireproof.checks.observations import Observation
from wireproof.exchange import Method, Style
from wireproof.testing import names
from wireproof.testing.actions import Action
from wireproof.testing.api import Role
from wireproof.testing.shapes import is_map, is_plain
from wireproof.values.integers import INTEGERS

_COUNT = re.compile(r"^(?P<of>\w+)_count$|^(?:num|number_of)_(?P<all>\w+)$")


@dataclass(frozen=True, slots=True)
class Roll:
    """A number that Get tells of a thing, and the method that lists what it counts."""

    count: str
    method: Method
    asked: str
    listed: str


def rolled(action: Action) -> Iterator[Observation]:
    """One call twice: where the first is listed and counted, the second is either both or none."""
    rolls = list(_rolls(action)) if len(action.fields) == 1 else []
    if not rolls:
        return
    request = action.request(fresh=True)
    [named] = action.named(request)
    for roll in rolls if named.id else ():
        first, once = action.call(request), _read(action, roll, named.id)
        again, twice = action.call(request), _read(action, roll, named.id)
        fitted = first.ok and again.ok and once is not None and once[0] == once[1] > 0
        if fitted and twice is not None:
            exchanges = first, again, *action.session.log[-2:]
            yield Rolled(action.method, exchanges, roll.count, *twice)


def _rolls(action: Action) -> Iterator[Roll]:
    for field in action.resource.type.fields:
        found = _COUNT.match(field.name) if is_plain(field) else None
        for method in action.session.api.methods if found and field.cpp_type in INTEGERS else ():
            lists = [f.name for f in method.gives.fields if f.is_repeated and not is_map(f)]
            noun = names.singular((found["of"] or found["all"]) if found else "").replace("_", "")
            asked = method.takes.fields
            alone = method.style is Style.UNARY and len(asked) == len(lists) == 1
            if alone and _names(action, asked[0]) and _lists(method, noun):
                yield Roll(field.name, method, asked[0].name, lists[0])


def _names(action: Action, field: FieldDescriptor) -> bool:
    return action.session.requests.references.names(field) is action.resource


def _lists(method: Method, noun: str) -> bool:
    """Whether a method's name is the plural of a noun, after a verb of reading or alone."""
    role = names.role_by_name(method.name)
    said = "".join(names.words(method.name)[1 if role else 0 :])
    return role in (None, Role.GET, Role.LIST) and said != noun == names.singular(said)


def _read(action: Action, roll: Roll, id_: Any) -> tuple[int, int] | None:
    """How many are counted, and how many listed."""
    _, got = action.things.read(id_)
    request: Any = roll.method.request()
    setattr(request, roll.asked, id_)
    x = action.session.call(roll.method, request)
    reply = next(x.replies(), None) if x.ok else None
    if got is None or reply is None:
        return None
    return getattr(got, roll.count), len(getattr(reply, roll.listed))
