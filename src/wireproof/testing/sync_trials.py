"""Trials of streams of operations against the unary methods that do the same."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.message import Message

from wireproof.checks.compare import is_set
from wireproof.checks.conversations import StreamedCreate
from wireproof.checks.observations import Observation
from wireproof.exchange import Exchange
from wireproof.testing.api import Role
from wireproof.testing.shapes import messages_in
from wireproof.testing.things import Things


def kept(things: Things) -> Iterator[Observation]:
    """A stream creates something; Get, which finds what Create makes, looks for it."""
    operation = things.operation(Role.SYNC)
    request = things.session.base(operation.method)
    control = things.made()
    if operation.carrier is None or not is_set(request, operation.carrier) or control is None:
        return
    if things.read(things.id_of(control.thing))[1] is None:
        return
    x = things.session.call(operation.method, request)
    thing = made_in(things, x)
    if thing is not None:
        read, got = things.read(things.id_of(thing))
        yield StreamedCreate(operation.method, (x, read), found=got is not None)


def made_in(things: Things, x: Exchange) -> Message | None:
    """The first thing that a stream's replies tell of."""
    return next(iter(all_made(things, x)), None)


def all_made(things: Things, x: Exchange) -> list[Message]:
    """The things that the replies of a call tell of."""
    kind = things.resource.type.full_name
    parts = (part for reply in x.replies() if x.ok for _, part in messages_in(reply))
    return [part for part in parts if part.DESCRIPTOR.full_name == kind and things.id_of(part)]
