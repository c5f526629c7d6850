"""Trials of the standard methods on one resource: what create, get, update and delete owe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.compare import Paths, differences, is_set, value_at
from wireproof.checks.facts import Code
from wireproof.checks.itself import KeyUnread, UpdatedNothing, contradicted
from wireproof.checks.observations import (
    Deleted,
    Observation,
    OfNothing,
    ReadBack,
    Repeated,
    SecondCreate,
    ServerSetWritten,
    ValidatedOnly,
)
from wireproof.exchange import Exchange
from wireproof.testing import declared, names
from wireproof.testing.api import Operation, Role
from wireproof.testing.generated import copied
from wireproof.testing.shapes import TIME, at, type_name
from wireproof.testing.things import Things, result

_LONG_AGO = 981173106
"""3 February 2001: no server's clock says that."""


def of_nothing(things: Things, role: Role) -> Iterator[Observation]:
    """Get, update, delete what never was."""
    operation = things.operation(role)
    known = things.session.memory.any(things.resource)
    request = things.session.requests.unknown_id(operation)
    if role is Role.UPDATE and known is not None:
        request = things.update_request(copied(known), None)
        things.session.requests.fresh_id(operation, request)
    x = things.session.call(operation.method, request)
    schema, method = things.session.schema, operation.method
    at_ease = operation.upserts or (
        role is Role.DELETE and declared.idempotent(schema, method.descriptor)
    )
    # Where no request was ever accepted, another of its fields may be what was refused.
    told = known is not None or x.code is not Code.INVALID_ARGUMENT
    if (not at_ease) if x.ok else (told and things.session.tallies[method.full_name].tested):
        yield OfNothing(operation.method, (x,))
    if role is Role.UPDATE and x.ok and known is not None and not at_ease:
        yield from _nowhere(things, operation, request, x)


def _nowhere(
    things: Things, operation: Operation, request: Message, x: Exchange
) -> Iterator[Observation]:
    """Whether what an update of nothing answered is anywhere."""
    if things.resource.of(Role.GET) is not None and operation.id:
        id_ = value_at(request, operation.id)
        read, _ = things.read_until(id_, lambda now: now is not None)
        yield UpdatedNothing(operation.method, (x, read), read.code is Code.NOT_FOUND)


def read_back(things: Things) -> Iterator[Observation]:
    """Create, then read."""
    made = things.made()
    if made is None:
        return
    yield reading(things, made.exchange, made.sent, made.thing)


def reading(things: Things, x: Exchange, sent: Message, created: Message) -> ReadBack:
    """What is read after the create *x*, which answered *created*."""
    resource = things.resource
    input_only = declared.marked(things.session.schema, resource.type, declared.INPUT_ONLY)
    skip = resource.server_set | input_only | {resource.id}

    def fits(got: Message | None) -> bool:
        return got is not None and not any(contradicted(sent, created, got, skip))

    read, got = things.read_until(things.id_of(created), fits)
    return ReadBack(
        things.operation(Role.CREATE).method,
        (x, read),
        sent=sent,
        created=created,
        got=got,
        server_set=skip,
        declares_behavior=resource.declares_behavior,
    )


def duplicate(things: Things) -> Iterator[Observation]:
    """Create twice under one identifier of the caller's choice."""
    operation = things.operation(Role.CREATE)
    made = things.made() if not operation.upserts else None
    chosen = things.chosen(made) if made is not None else None
    if made is None or chosen is None:
        return
    again = things.request()
    put(again, *chosen)
    x = things.session.call(operation.method, again)
    if x.ok and things.resource.of(Role.GET) is not None:
        read, now = things.read(things.id_of(made.thing))
        sent = things.carried(operation, again)
        replaced = now is not None and _became(made.thing, now, sent, things.resource.server_set)
        yield SecondCreate(operation.method, (made.exchange, read, x), replaced)
    else:
        yield SecondCreate(operation.method, (made.exchange, x))


def _became(before: Message, now: Message, sent: Message, skip: Paths) -> bool:
    """Whether a thing took over what was sent under its name."""
    return any(_taken_over(sent, now, path) for path in differences(before, now, skip))


def _taken_over(one: Message, other: Message, path: str) -> bool:
    return bool(is_set(one, path) and value_at(one, path) == value_at(other, path))


def idempotency(things: Things) -> Iterator[Observation]:
    """The same create twice with one key; then the key with something else."""
    operation, request = things.operation(Role.CREATE), things.keyed_request()
    if operation.key is None or request is None:
        return
    made = things.made(request)
    if made is None:
        return
    first = str(things.id_of(made.thing))
    again = _repeated(things, operation, made.exchange, request, first, same=True)
    other = things.request()
    setattr(other, operation.key, getattr(request, operation.key))
    anew = _repeated(things, operation, made.exchange, other, first, same=False)
    yield from (again, anew)
    hindered = again.exchanges[-1].code is Code.FAILED_PRECONDITION
    if hindered and again.spoken and anew.second_id not in (None, first):
        yield KeyUnread(operation.method, (*again.exchanges, *anew.exchanges[1:]), operation.key)


def _repeated(
    things: Things,
    operation: Operation,
    before: Exchange,
    request: Message,
    first: str,
    *,
    same: bool,
) -> Repeated:
    x = things.session.call(operation.method, request)
    thing = result(operation, x)
    second = str(things.id_of(thing)) if thing is not None else None
    key = operation.key or ""
    spoken = key_is_spoken_of(things, key)
    return Repeated(operation.method, (before, x), same, first, second, key, spoken)


def key_is_spoken_of(things: Things, key: str) -> bool:
    """Whether a field makes a call the same call: a `request_id` may be there for the logs too.

    Then the requests of those who only read have it as well.
    """
    if "idempot" in key or not names.is_retry_key(key):
        return "idempot" in key
    methods = things.session.api.methods
    readers = [m for m in methods if names.role_by_name(m.name) in (Role.GET, Role.LIST)]
    return bool(readers) and not any(key in m.takes.fields_by_name for m in readers)


def server_set(things: Things) -> Iterator[Observation]:
    """Create with values in fields that only the server sets."""
    operation = things.operation(Role.CREATE)
    request = things.request()
    if operation.carrier is None:
        return
    carried = at(request, operation.carrier)
    marked = [n for n in sorted(things.resource.output_only) if "." not in n and mark(carried, n)]
    if not marked or not things.session.requests.keeps(request):
        return
    made = things.made(request)
    if made is None:
        return
    for name in marked:
        yield ServerSetWritten(
            operation.method, (made.exchange,), name, sent=carried, after=made.thing
        )


def put(message: Message, path: str, value: Any) -> None:
    """Set the scalar at *path*."""
    parents, _, name = path.rpartition(".")
    setattr(at(message, parents), name, value)


def mark(thing: Message, name: str) -> bool:
    """Put a value into a field that no server would choose; False where its type has none."""
    field: Any = thing.DESCRIPTOR.fields_by_name[name]
    if field.is_repeated:
        return False
    if type_name(field) == TIME:
        getattr(thing, name).seconds = _LONG_AGO
    elif field.type == FieldDescriptor.TYPE_STRING:
        setattr(thing, name, "set-by-the-caller")
    elif field.type in (FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_UINT64):
        setattr(thing, name, _LONG_AGO)
    elif field.type in (FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_UINT32):
        setattr(thing, name, 1_234_567)
    else:
        return False
    return True


def validate_only(things: Things) -> Iterator[Observation]:
    """A dry run of create, under an identifier of the caller's choice."""
    operation = things.operation(Role.CREATE)
    request = things.request()
    dry = request.DESCRIPTOR.fields_by_name.get("validate_only")
    if dry is None or dry.type != FieldDescriptor.TYPE_BOOL or operation.id is None:
        return
    request.validate_only = True  # type: ignore[attr-defined]
    x = things.session.call(operation.method, request)
    chosen = things.id_of(things.carried(operation, request))
    if x.ok and chosen:
        read, got = things.read(chosen)
        yield ValidatedOnly(operation.method, (x, read), got is not None)


def deletion(things: Things) -> Iterator[Observation]:
    """Create, delete, read, delete again."""
    operation = things.operation(Role.DELETE)
    made = things.made()
    if made is None:
        return
    id_ = things.id_of(made.thing)
    _, before = things.read(id_)
    gone = things.delete(id_)
    if not gone.ok or before is None:
        return
    read, got = things.read_until(id_, lambda now: now is None or any(differences(before, now)))
    again = things.delete(id_)
    update = things.resource.of(Role.UPDATE)
    updated = None
    if update is not None and not update.upserts:
        updated = things.session.call(update.method, things.update_request(before, None))
    yield Deleted(
        operation.method,
        (made.exchange, gone, read, again),
        before=before,
        read=read,
        read_back=got,
        again=again,
        idempotent=declared.idempotent(things.session.schema, operation.method.descriptor),
        updated=updated,
    )
