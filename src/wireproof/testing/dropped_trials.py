"""Trials of what a create leaves out, when, and of what an update expects."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.compare import is_set, value_at
from wireproof.checks.facts import Kind
from wireproof.checks.itself import StaleVersion
from wireproof.checks.kept import alike, is_empty
from wireproof.checks.observations import Observation
from wireproof.checks.stored import Dropped, LeftUnset, Stamped
from wireproof.exchange import Exchange
from wireproof.testing import declared, names
from wireproof.testing.api import Operation, Role
from wireproof.testing.donors import with_value
from wireproof.testing.shapes import TIME, at, descriptor_of, is_plain, type_name
from wireproof.testing.things import Made, Things
from wireproof.values.integers import INTEGERS


def unset(things: Things) -> Iterator[Observation]:
    """A create without the numbers and switches that are `optional`, and what is told of them."""
    operation, request = things.operation(Role.CREATE), things.request()
    carried = at(request, operation.carrier) if operation.carrier else request
    left = [f.name for f in things.resource.type.fields if _may_be_absent(carried, f)]
    for name in left:
        carried.ClearField(name)
    if not left or not things.session.requests.keeps(request):
        return
    made = things.made(request)
    read, got = things.read(things.id_of(made.thing)) if made is not None else (None, None)
    if made is not None and read is not None and got is not None:
        zero = tuple(n for n in left if is_set(got, n) and not getattr(got, n))
        yield LeftUnset(operation.method, (made.exchange, read), zero)


def _may_be_absent(carried: Message, field: FieldDescriptor) -> bool:
    """Whether a number or a switch may be left out of what is created, and of what is told."""
    same = descriptor_of(carried).fields_by_name.get(field.name)
    alone = [f for f in (same, field) if f is not None and _is_optional(f)]
    return len(alone) == 2 and not names.is_server_set(field.name)


def _is_optional(field: FieldDescriptor) -> bool:
    texts = (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES, FieldDescriptor.TYPE_ENUM)
    oneof = field.containing_oneof
    plain = is_plain(field) and field.type not in texts
    return plain and field.has_presence and (oneof is None or len(oneof.fields) == 1)


def dropped(things: Things) -> Iterator[Observation]:
    """Create; what was sent and is not there, though the schema or an update shows its place."""
    made = things.made()
    if made is None:
        return

    def fits(got: Message | None) -> bool:
        return got is not None and not any(_missing(things, made, got))

    yield from _stamped(things, made)
    read, got = things.read_until(things.id_of(made.thing), fits)
    for path in _missing(things, made, got) if got is not None else ():
        if _has_place(things, path) or _updated(things, made, path):
            method = things.operation(Role.CREATE).method
            yield Dropped(method, (made.exchange, read), path)
    for path in _elsewhere(things, made, got) if got is not None else ():
        method = things.operation(Role.CREATE).method
        yield Dropped(method, (made.exchange, read), path, "another thing")


def _elsewhere(things: Things, made: Made, got: Message) -> Iterator[str]:
    """Fields of the request that name what the thing belongs to, and name something else in it."""
    for field in things.operation(Role.CREATE).method.takes.fields:
        names_it = things.session.requests.references.names(field)
        same = things.resource.type.fields_by_name.get(field.name)
        if names_it in (None, things.resource) or same is None or same.type != field.type:
            continue
        if names.is_actor(field.name):
            continue
        sent, told = getattr(made.request, field.name), getattr(got, field.name)
        if sent and told and "/" not in str(told) and not alike(sent, told):
            yield field.name


def _stamped(things: Things, made: Made) -> Iterator[Observation]:
    """The times of creation and change that the server has set."""
    now, sent = time.time(), {field.name for field, _ in made.sent.ListFields()}
    for field, value in made.thing.ListFields():
        told = names.tells_of_creation(field.name) or names.tells_of_change(field.name)
        if type_name(field) == TIME and not field.is_repeated and told and field.name not in sent:
            ahead = value.seconds + value.nanos / 1e9 - now
            method = things.operation(Role.CREATE).method
            yield Stamped(method, (made.exchange,), field.name, ahead)


def _missing(things: Things, made: Made, got: Message) -> Iterator[str]:
    """Fields that hold something in the request, and nothing in the reply and the read."""
    schema, resource = things.session.schema, things.resource
    input_only = declared.marked(schema, resource.type, declared.INPUT_ONLY)
    fixed = {resource.id, *resource.server_set, *input_only}
    for field, value in made.sent.ListFields():
        blank = is_empty(value) if isinstance(value, Message) else _is_blank(value)
        if field.name in fixed or blank or _is_kept_back(field):
            continue
        if not any(_holds(one, field.name) for one in (made.thing, got)):
            yield field.name


def _is_kept_back(field: FieldDescriptor) -> bool:
    """Whether nobody need be told what was sent: keys, tokens, secrets."""
    redacted = field.GetOptions().debug_redact
    name = field.name
    return bool(redacted) or names.is_token(name) or names.is_key(name) or names.is_secret(name)


def _is_blank(value: Any) -> bool:
    """Whether a text, or each of several, is nothing but blanks: tidy servers leave them out."""
    if isinstance(value, str):
        return not value.strip()
    each = list(value) if hasattr(value, "__len__") and not hasattr(value, "keys") else ()
    return bool(each) and all(isinstance(one, str) and not one.strip() for one in each)


def _holds(thing: Message, name: str) -> bool:
    """Whether a field holds anything but its default; a list or a map, anything at all."""
    return any(field.name == name for field, _ in thing.ListFields())


def _has_place(things: Things, path: str) -> bool:
    """Whether a create asks for the field beside a few others: it is there to be stored.

    Of a state or a switch the server decides, and a list may hold what it does not know.
    """
    create, field = things.operation(Role.CREATE), things.resource.type.fields_by_name[path]
    if create.carrier is not None or field.enum_type or field.type == FieldDescriptor.TYPE_BOOL:
        return False
    return is_plain(field) or not _refers(field)


def _refers(field: FieldDescriptor) -> bool:
    return names.singular(field.name).endswith(("_id", "_name"))


def _updated(things: Things, made: Made, path: str) -> bool:
    """Whether an update to the value that was sent keeps it."""
    if things.resource.of(Role.UPDATE) is None or path not in things.writable():
        return False
    sent = with_value(things.bare(made.thing), path, made.sent)
    x = things.session.call(
        things.operation(Role.UPDATE).method, things.update_request(sent, [path])
    )
    _, now = things.read(things.id_of(made.thing)) if x.ok else (x, None)
    return (
        now is not None and is_set(now, path) and alike(value_at(now, path), value_at(sent, path))
    )


def stale(things: Things) -> Iterator[Observation]:
    """Update with the version that is there, then with the one that was."""
    update = things.operation(Role.UPDATE)
    found = _versions(things, update)
    thing = things.fresh() if found is not None else None
    if found is None or thing is None:
        return
    asked, told = found
    first = _change(things, thing, asked, getattr(thing, told))
    if first is None or not first.ok:
        return
    _, now = things.read_until(
        things.id_of(thing),
        lambda one: one is not None and getattr(one, told) != getattr(thing, told),
    )
    if now is None or getattr(now, told) == getattr(thing, told):
        return
    x = _change(things, now, asked, getattr(thing, told))
    if x is not None:
        yield StaleVersion(update.method, (x,), asked, x.ok)


def _versions(things: Things, update: Operation) -> tuple[str, str] | None:
    """The field of an update that says which version it expects, and that of the version."""
    for field in update.method.takes.fields:
        version = names.expected(field.name)
        theirs = things.resource.type.fields_by_name
        for name in (version, "version", "etag", "revision") if version is not None else ():
            told = theirs.get(name or "")
            if told is not None and told.type == field.type and is_plain(told):
                return field.name, told.name
    return None


def _change(things: Things, thing: Message, asked: str, version: Any) -> Exchange | None:
    """The call that changes something of *thing*, expecting that *version*; None for no change."""
    for path, request in things.updates(thing, things.bare(thing)):
        field = things.resource.type.fields_by_name[path]
        if not field.enum_type and field.cpp_type not in INTEGERS:
            setattr(request, asked, version)
            method = things.operation(Role.UPDATE).method
            return things.session.call(method, request, kind=Kind.STRANGE)
    return None
