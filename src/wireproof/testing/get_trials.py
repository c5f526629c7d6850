"""Trials of Get: names that nobody gave, and a thing asked for once another has been made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message

from wireproof.checks.compare import value_at
from wireproof.checks.facts import Code
from wireproof.checks.itself import Displaced, Elsewhere, ToldNothing
from wireproof.checks.observations import Observation
from wireproof.exchange import Exchange
from wireproof.testing import names
from wireproof.testing.api import Operation, Role
from wireproof.testing.things import Things


def elsewhere(things: Things) -> Iterator[Observation]:
    """Get under names that nobody gave: a fresh one, a known one elsewhere, one that goes on."""
    operation = things.operation(Role.GET)
    made = things.made() if things.resource.of(Role.CREATE) is not None else None
    one = made.thing if made is not None else things.session.memory.any(things.resource)
    unknown = things.session.requests.unknown_id(operation)
    asked = [value_at(unknown, operation.id)] if operation.id else []
    known = str(things.id_of(one)).split("/") if one is not None else []
    if len(known) > 3:  # shelves/1/books/2
        known[1] = next(things.session.fresh.id_like(known[1]))
        asked.append("/".join(known))
    if one is not None and isinstance(things.id_of(one), str):
        asked.append(f"{things.id_of(one)}x")
    for name in (one for one in asked if _may_ask(things, one)):
        x, thing = things.read(name)
        if thing is not None and things.id_of(thing):
            told = str(things.id_of(thing))
            yield Elsewhere(operation.method, (x,), str(name), told)
        elif one is not None and name and _empty(operation, x) and _tells(things, one):
            yield ToldNothing(operation.method, (x,))


def first_of_two(things: Things) -> Iterator[Observation]:
    """Get what was created before something else was."""
    operation, create = things.operation(Role.GET), things.operation(Role.CREATE)
    first = things.made()
    id_ = things.id_of(first.thing) if first is not None else None
    if not id_ or not things.read(id_)[0].ok:
        return
    second = things.made()
    other = things.id_of(second.thing) if second is not None else None
    if not other or other == id_:
        return
    read, got = things.read_until(id_, lambda now: now is not None and things.id_of(now) == id_)
    if got is not None and things.id_of(got) == other:
        yield Elsewhere(operation.method, (read,), str(id_), str(other))
    elif read.code is Code.NOT_FOUND and not things.session.requests.references.named(
        create.method.takes
    ):
        yield Displaced(create.method, (read,))


def _may_ask(things: Things, name: Any) -> bool:
    """Whether the schema lets a Get ask for that name."""
    operation, requests = things.operation(Role.GET), things.session.requests
    base = things.session.base(operation.method)
    return requests.keeps(requests.naming(operation, base, name))


def _empty(operation: Operation, x: Exchange) -> bool:
    """Whether a Get answered OK with nothing, and nothing else in its reply could say so.

    To find nothing is what some methods are asked for; a wrapper may tell it beside the thing.
    """
    reply = next(x.replies(), None) if x.ok else None
    if reply is None or _holds_something(reply, operation.result):
        return False
    fields = operation.method.gives.fields
    if operation.result:
        return len(fields) == 1 and names.is_plain_get(operation.method.name)
    return not any(names.tells_presence(field.name) for field in fields)


def _holds_something(reply: Message, result: str | None) -> bool:
    """Whether a reply has anything in it but, at most, a thing without a field."""
    fields = reply.ListFields()
    return any(field.name != result or value.ByteSize() for field, value in fields)


def _tells(things: Things, one: Message) -> bool:
    """Whether Get tells of a thing by its name, and only a create makes what is there."""
    if any(one.upserts for one in things.resource.operations.values()):
        return False
    id_ = things.id_of(one)
    _, got = things.read_until(id_, lambda now: now is not None and things.id_of(now) == id_)
    return bool(id_) and got is not None and things.id_of(got) == id_
