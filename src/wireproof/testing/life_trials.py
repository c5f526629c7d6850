"""Trials of a resource's life: etags, states, dry runs, deletion undone, full replacement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.compare import is_set, same
from wireproof.checks.facts import Code, Kind
from wireproof.checks.life import (
    ClosedState,
    DeletedAskedFor,
    DryChange,
    LeftOut,
    MissingAllowed,
    Replaced,
    StaleEtag,
    Undeleted,
)
from wireproof.checks.observations import Observation, Twice
from wireproof.exchange import Exchange
from wireproof.testing import declared
from wireproof.testing.api import Operation, Role
from wireproof.testing.donors import another, with_value
from wireproof.testing.generated import copied
from wireproof.testing.paging import ids_of, started
from wireproof.testing.shapes import at, field_at, is_plain
from wireproof.testing.things import Things

_FEW = 4
"""Fields or states of a kind that are tried."""


def etag(things: Things, role: Role) -> Iterator[Observation]:
    """Change a thing; then change it once more with the etag that it had before."""
    thing = things.fresh()
    stale = str(getattr(thing, "etag", "") or "") if thing is not None else ""
    operation = things.operation(role)
    if thing is None or not stale or not _takes_etag(things, operation):
        return
    changed = _changed(things, thing)
    if changed is None or getattr(changed, "etag", "") == stale:
        return
    x = _with_etag(things, operation, changed, stale)
    if x is not None:
        yield StaleEtag(operation.method, (x,))


def _takes_etag(things: Things, operation: Operation) -> bool:
    if operation.carrier is not None:
        return "etag" in things.resource.type.fields_by_name
    return "etag" in operation.method.takes.fields_by_name


def _with_etag(things: Things, operation: Operation, thing: Message, stale: str) -> Exchange | None:
    if operation.role is Role.DELETE:
        request: Any = things.session.base(operation.method)
        things.session.requests.naming(operation, request, things.id_of(thing))
        request.etag = stale
    else:
        path, donor = _novelty(things, thing)
        if path is None or donor is None:
            return None
        sent: Any = with_value(things.named(thing), path, donor)
        sent.etag = stale
        request = things.update_request(sent, [path])
    return things.session.call(operation.method, request, kind=Kind.STRANGE)


def _novelty(things: Things, thing: Message) -> tuple[str | None, Message | None]:
    """A field that can take another value, and a thing that has it."""
    donors = things.donors()
    for path in things.writable():
        field = things.resource.type.fields_by_name.get(path)
        donor = another(path, thing, donors)
        if field is not None and not field.enum_type and donor is not None:
            return path, donor
    return None, None


def _changed(things: Things, thing: Message) -> Message | None:
    """The thing after an update; None where none succeeds."""
    operation = things.resource.of(Role.UPDATE)
    path, donor = _novelty(things, thing)
    if operation is None or path is None or donor is None:
        return None
    sent = with_value(things.named(thing) if operation.mask else thing, path, donor)
    x = things.session.call(operation.method, things.update_request(sent, [path]))
    return things.read(things.id_of(thing))[1] if x.ok else None


def closed_states(things: Things) -> Iterator[Observation]:
    """Updates to states that the schema closes, from states that it does not allow."""
    operation = things.operation(Role.UPDATE)
    thing = things.fresh()
    if thing is None or operation.mask is None:
        return
    for field in things.resource.type.fields:
        for state in _closed(things, field, thing):
            sent: Any = things.named(thing)
            setattr(sent, field.name, state.number)
            request = things.update_request(sent, [field.name])
            x = things.session.call(operation.method, request, kind=Kind.STRANGE)
            yield ClosedState(operation.method, (x,), state.name)
            if x.ok:
                thing = things.fresh() or thing


def _closed(things: Things, field: FieldDescriptor, thing: Message) -> Iterator[Any]:
    """The states of *field* to which no update may bring *thing*."""
    states = field.enum_type
    if states is None or field.is_repeated:
        return
    now = getattr(thing, field.name)
    here = states.values_by_number.get(now)
    for state in states.values:
        shut = declared.promise(things.session.schema, state, "closed_to_updates")
        allowed = declared.promise(things.session.schema, state, "only_from") or ()
        wrong = bool(allowed) and here is not None and here.name not in allowed
        if state.number != now and (shut or wrong):
            yield state


def allow_missing(things: Things, role: Role) -> Iterator[Observation]:
    """Change or delete what never was, allowing that it is missing."""
    operation = things.operation(role)
    if not _is_bool(operation, "allow_missing"):
        return
    request: Any = things.session.requests.unknown_id(operation)
    if role is Role.UPDATE:
        request = things.update_request(things.donors()[0], None)
        things.session.requests.fresh_id(operation, request)
    request.allow_missing = True
    x = things.session.call(operation.method, request, kind=Kind.STRANGE)
    yield MissingAllowed(operation.method, (x,))


def _is_bool(operation: Operation, name: str) -> bool:
    field = operation.method.takes.fields_by_name.get(name)
    return field is not None and field.type == FieldDescriptor.TYPE_BOOL and is_plain(field)


def show_deleted(things: Things) -> Iterator[Observation]:
    """A list that asks for what is deleted, where deletion can be undone."""
    operation = things.operation(Role.LIST)
    lists = started(things)
    if lists is None or not _is_bool(operation, "show_deleted"):
        return
    made = things.made()
    if made is None or not things.delete(things.id_of(made.thing)).ok:
        return
    asked = lists.whole(show_deleted=True)
    if asked:
        listed = str(things.id_of(made.thing)) in ids_of(asked)
        yield DeletedAskedFor(operation.method, tuple(lists.exchanges), listed)


def undelete(things: Things) -> Iterator[Observation]:
    """Delete, undelete, read, list."""
    operation = things.operation(Role.UNDELETE)
    before = things.fresh()
    if before is None or not things.delete(things.id_of(before)).ok:
        return
    id_ = things.id_of(before)
    request = things.session.base(operation.method)
    things.session.requests.naming(operation, request, id_)
    x = things.session.call(operation.method, request)
    if not x.ok:
        return
    read, after = things.read(id_)
    skip = things.resource.server_set
    yield Undeleted(operation.method, (x, read), before, after, _listed(things, id_), skip)


def _listed(things: Things, id_: Any) -> bool | None:
    lists = started(things) if things.resource.of(Role.LIST) else None
    whole = lists.whole() if lists is not None else ()
    return str(id_) in ids_of(whole) if whole else None


def replaced(things: Things) -> Iterator[Observation]:
    """The mask `*` with a thing that leaves one field unset."""
    operation = things.operation(Role.UPDATE)
    before = things.fresh()
    if before is None or operation.mask is None:
        return
    for path in [p for p in things.writable() if "." not in p and is_set(before, p)][:_FEW]:
        field = things.resource.type.fields_by_name[path]
        sent = with_value(before, path, things.blank())
        if field.enum_type or not things.sound(sent) or same(sent, before, path):
            continue
        request = things.update_request(sent, ["*"])
        x = things.session.call(operation.method, request, kind=Kind.STRANGE)
        _, after = things.read(things.id_of(before)) if x.ok else (None, None)
        if after is None:
            return
        kept = things.resource.server_set | things.resource.immutable | {things.resource.id}
        yield Replaced(operation.method, (x,), before, sent, after, kept)
        before = after


def dry_change(things: Things, role: Role) -> Iterator[Observation]:
    """An update or delete that asks for nothing to be done."""
    operation = things.operation(role)
    before = things.fresh()
    if before is None or not _is_bool(operation, "validate_only"):
        return
    request: Any
    if role is Role.DELETE:
        request = things.session.base(operation.method)
        things.session.requests.naming(operation, request, things.id_of(before))
    else:
        path, donor = _novelty(things, before)
        if path is None or donor is None:
            return
        sent = with_value(things.named(before) if operation.mask else before, path, donor)
        request = things.update_request(sent, [path])
    request.validate_only = True
    x = things.session.call(operation.method, request)
    if x.ok:
        read, after = things.read(things.id_of(before))
        yield DryChange(operation.method, (x, read), before, after)


def left_out(things: Things) -> Iterator[Observation]:
    """A create without each field that is REQUIRED, where no other rule asks for it."""
    operation = things.operation(Role.CREATE)
    session, method = things.session, operation.method
    required = declared.marked(session.schema, method.takes, declared.REQUIRED)
    inside = f"{operation.carrier}." if operation.carrier else ""
    if operation.carrier:
        within = declared.marked(session.schema, things.resource.type, declared.REQUIRED)
        required |= {f"{inside}{path}" for path in within}
    for path in sorted(required - {f"{inside}{things.resource.id}"}):
        request = things.request()
        *parents, name = path.split(".")
        if not is_set(request, path):
            continue
        at(request, ".".join(parents)).ClearField(name)
        if session.requests.keeps(request):
            x = session.call(method, request, kind=Kind.STRANGE)
            field = field_at(method.takes, path)
            names_nothing = session.requests.references.declared(field) is not None
            if not (names_nothing and x.code is Code.NOT_FOUND):
                yield LeftOut(method, (x,), path)


def twice(things: Things, role: Role) -> Iterator[Observation]:
    """A method that the annotation calls idempotent, with the same request again."""
    operation = things.operation(role)
    schema = things.session.schema
    if not declared.promise(schema, operation.method.descriptor, "idempotent"):
        return
    things.session.prepare(operation.method)
    request = things.session.base(operation.method)
    first = things.session.call(operation.method, copied(request))
    second = things.session.call(operation.method, copied(request), kind=Kind.STRANGE)
    reply, again = next(first.replies(), None), next(second.replies(), None)
    if first.ok and reply is not None:
        yield Twice(operation.method, (first, second), reply, again if second.ok else None)
