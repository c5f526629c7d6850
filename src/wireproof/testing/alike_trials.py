"""Trials of permission by another way: a stream that does what the unary method denies, a key."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.message import Message

from wireproof.checks.access import DoneAllTheSame, KeyOfAnother
from wireproof.checks.facts import Code, Kind
from wireproof.checks.observations import Observation
from wireproof.testing.api import Role
from wireproof.testing.callers import CALLER, OTHER
from wireproof.testing.sync_trials import all_made
from wireproof.testing.things import Things, result


def streamed(things: Things, role: Role) -> Iterator[Observation]:
    """A create that is denied to a caller, asked for by a stream of creates or of operations."""
    session, create = things.session, things.operation(Role.CREATE)
    method = things.operation(role).method
    for name in (CALLER, OTHER):
        proof = session.proofs.get(name, ())
        if not proof or proof == session.proof:
            continue
        with session.acting(proof):
            denied = session.call(create.method, things.request(), kind=Kind.STRANGE)
            if denied.code is not Code.PERMISSION_DENIED:
                return
            x = session.call(method, session.base(method), kind=Kind.STRANGE)
        yield DoneAllTheSame(method, (denied, x), bool(all_made(things, x)))
        return


def key_of_another(things: Things) -> Iterator[Observation]:
    """One idempotency key, first of the caller with the widest permissions, then of another."""
    session, create = things.session, things.operation(Role.CREATE)
    left: list[str] = session.kept.setdefault("callers with keys", [OTHER, CALLER])
    if create.key is None or not left:
        return
    name = left.pop()
    first, second = things.request(), _own(things, name)
    key = session.fresh.token()
    for request in (first, second):
        setattr(request, create.key, key)
    if session.proofs.get(name, session.proof) == session.proof:
        return
    made = things.made(first)
    with session.acting(session.proofs[name]):
        x = session.call(create.method, second, kind=Kind.STRANGE)
        setattr(second, create.key, session.fresh.token())
        control = session.call(create.method, second, kind=Kind.STRANGE)
    theirs = result(create, x)
    refused = x.code is Code.INVALID_ARGUMENT and control.ok
    if made is not None:
        same = theirs is not None and things.id_of(theirs) == things.id_of(made.thing)
        yield KeyOfAnother(create.method, (made.exchange, x), same or refused)


def _own(things: Things, name: str) -> Message:
    """A create of something that belongs to the caller, where its name is known."""
    create, request = things.operation(Role.CREATE), things.request()
    known = things.session.options.credentials.get(name)
    if known is not None and known.id and create.id is not None:
        named = things.session.requests.naming(create, request, known.id)
        return named if things.session.requests.keeps(named) else things.request()
    return request
