"""Trials of what belongs to callers, in the hands of others."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice

from google.protobuf.message import Message

from wireproof.checks.access import Stranger
from wireproof.checks.compare import differences
from wireproof.checks.facts import Code, Kind
from wireproof.checks.observations import Observation
from wireproof.exchange import Metadata
from wireproof.testing import declared
from wireproof.testing.api import Resource, Role
from wireproof.testing.callers import CALLER, OTHER
from wireproof.testing.options import Phase
from wireproof.testing.paging import Lists, ids_of, paging
from wireproof.testing.session import Session
from wireproof.testing.shapes import messages_in
from wireproof.testing.things import Things
from wireproof.testing.trial import Trial

_WAIT = 1.0
"""Seconds that an event may take."""


def strangers(session: Session, targets: frozenset[str]) -> Iterator[Trial]:
    """Resources that belong to callers, in the hands of others."""
    for resource in session.api.resources:
        owner = declared.promise(session.schema, resource.type, "owner")
        create = resource.of(Role.CREATE)
        if not owner or create is None or Role.GET not in resource.operations:
            continue
        if not plain(session):
            noun = resource.type.name
            reason = f"{noun} belongs to callers, and the credentials of no two callers are known"
            session.note(create.method, reason)
            continue
        for role, reach in _REACHES.items():
            operation = resource.of(role)
            if operation is not None and operation.method.full_name in targets:
                run = partial(_reaching, resource=resource, role=role)
                yield Trial(Phase.STATEFUL, operation.method, run, f"stranger: {reach}")


def plain(session: Session) -> list[tuple[str, Metadata]]:
    """Callers without wider permissions than the one who does the rest of the work."""
    known = ((name, session.proofs[name]) for name in (CALLER, OTHER) if name in session.proofs)
    return [(name, proof) for name, proof in known if proof != session.proof]


_REACHES = {
    Role.GET: "read",
    Role.LIST: "listed",
    Role.WATCH: "told of",
    Role.UPDATE: "changed",
    Role.DELETE: "deleted",
}


def _reaching(session: Session, resource: Resource, role: Role) -> Iterator[Observation]:
    """As every caller whom a new thing does not name."""
    things = Things(session, resource)
    made = things.made()
    _, thing = things.read(things.id_of(made.thing)) if made is not None else (None, None)
    for _, proof in plain(session) if thing is not None else ():
        begun = len(session.log)
        reached = _DO[role](things, thing, proof) if thing is not None else False
        method = things.operation(role).method
        exchanges = tuple(x for x in session.log[begun:] if x.method.full_name == method.full_name)
        yield Stranger(method, exchanges, _REACHES[role], reached)


def _reads(things: Things, thing: Message, proof: Metadata) -> bool:
    with things.session.acting(proof):
        _, got = things.read(things.id_of(thing))
    return got is not None and things.id_of(got) == things.id_of(thing)


def _lists(things: Things, thing: Message, proof: Metadata) -> bool:
    operation, paged = things.operation(Role.LIST), paging(things)
    with things.session.acting(proof):
        if paged is not None:
            return str(things.id_of(thing)) in ids_of(Lists(things, paged).whole())
        x = things.session.call(operation.method, operation.method.request())
    return any(_tells_of(things, reply, thing) for reply in x.replies())


def _watches(things: Things, thing: Message, proof: Metadata) -> bool:
    """Change the thing while a stranger's stream stands open."""
    session, method = things.session, things.operation(Role.WATCH).method
    with session.acting(proof):
        live = session.open(method, method.request())
    session.door.run(live.half_close())
    session.door.run(live.started(session.within(_WAIT)))
    _changed(things, thing)
    payload = session.door.run(live.receive(session.within(_WAIT)))
    told = False
    while payload is not None and not told:
        told = _tells_of(things, method.reply.FromString(payload), thing)
        payload = session.door.run(live.receive(session.options.patience))
    session.close(live)
    return told


def _tells_of(things: Things, reply: Message, thing: Message) -> bool:
    kind, id_ = things.resource.type.full_name, things.id_of(thing)
    parts = (part for _, part in messages_in(reply) if part.DESCRIPTOR.full_name == kind)
    return any(things.id_of(part) == id_ for part in parts)


def _changes(things: Things, thing: Message, proof: Metadata) -> bool:
    with things.session.acting(proof):
        if not _changed(things, thing):
            return False
    _, after = things.read(things.id_of(thing))
    skip = things.resource.server_set
    return after is not None and any(differences(thing, after, skip))


def _changed(things: Things, thing: Message) -> bool:
    """Whether an update of one of its fields is answered with OK."""
    for _, request in islice(things.updates(thing, thing), 3):
        method = things.operation(Role.UPDATE).method
        if things.session.call(method, request, kind=Kind.STRANGE).ok:
            return True
    return False


def _deletes(things: Things, thing: Message, proof: Metadata) -> bool:
    id_ = things.id_of(thing)
    with things.session.acting(proof):
        if not things.delete(id_).ok:
            return False
    x, after = things.read(id_)
    return x.code is Code.NOT_FOUND or (after is not None and any(differences(thing, after)))


_DO = {
    Role.GET: _reads,
    Role.LIST: _lists,
    Role.WATCH: _watches,
    Role.UPDATE: _changes,
    Role.DELETE: _deletes,
}
