"""Trials of who may do what: without credentials, with bad ones, as a caller without permission."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from google.protobuf.message import Message

from wireproof.checks.access import Denied, Stranger, Unproven
from wireproof.checks.compare import differences
from wireproof.checks.facts import Code, Kind
from wireproof.checks.observations import Observation
from wireproof.exchange import Exchange, Metadata, Method
from wireproof.testing import declared
from wireproof.testing.api import Resource, Role
from wireproof.testing.callers import CALLER, OTHER
from wireproof.testing.generated import invalid_samples
from wireproof.testing.options import Phase
from wireproof.testing.paging import Lists, ids_of, paging
from wireproof.testing.requests import KNOWN
from wireproof.testing.session import Session
from wireproof.testing.shapes import messages_in
from wireproof.testing.things import Things, another, with_value
from wireproof.testing.trial import Trial

NOBODY: Metadata = ()
_WAIT = 1.0
"""Seconds that an event may take."""
_SIBLINGS: dict[Role, tuple[Role, ...]] = {
    Role.LIST: (Role.GET,),
    Role.WATCH: (Role.GET, Role.LIST),
    Role.UPDATE: (Role.GET,),
    Role.DELETE: (Role.GET,),
    Role.BATCH: (Role.CREATE,),
    Role.SYNC: (Role.CREATE, Role.UPDATE, Role.DELETE),
}
"""The methods that show or change the same things: what they ask, the method ought to ask.

Get and Create are left out: a page that everybody may open and a form to sign up are common.
"""


def access(session: Session, targets: frozenset[str]) -> Iterator[Trial]:
    """What the annotations, the credentials and the service's own answers call for."""
    methods = [m for m in session.api.methods if m.full_name in targets]
    for method in methods:
        yield Trial(Phase.STATEFUL, method, partial(_anonymous, method=method), "anonymous")
        if _spoiled(session.proof):
            run = partial(_bad_credentials, method=method)
            yield Trial(Phase.STATEFUL, method, run, "bad credentials")
    for method in methods if _plain(session) else ():
        if not method.style.client_streams:
            yield Trial(Phase.STATEFUL, method, partial(_denied, method=method), "denied")
    yield from _strangers(session, targets)


def _asks(session: Session) -> bool:
    """Whether the service asks anybody for credentials; where it should and does not, a note."""
    kept = session.kept.setdefault("asks for credentials", [])
    if not kept:
        kept.append(_asking(session))
    return bool(kept[0])


def _asking(session: Session) -> bool:
    wanted = [m for m in session.api.methods if _declared(session, m)]
    refused = any(Code.UNAUTHENTICATED.name in t.statuses for t in session.tallies.values())
    if not (wanted or refused or session.proofs):
        return False
    swept = _sweep(session).values()
    nobody_let_in = bool(wanted and session.proofs) and not any(map(_let_in, swept))
    if nobody_let_in or Code.UNAUTHENTICATED in {x.code for x in swept}:
        return True
    if wanted:
        reason = "it is declared to need credentials, and the server asks nobody for them"
        session.note(wanted[0], reason)
    return False


def _let_in(x: Exchange) -> bool:
    return x.ok or bool(x.note.get("held"))


def _declared(session: Session, method: Method) -> bool:
    return bool(declared.promise(session.schema, method.descriptor, "needs_credentials"))


def _sweep(session: Session) -> dict[str, Exchange]:
    """Each method called once without credentials."""
    kept = session.kept.setdefault("anonymous", [])
    if not kept:
        kept.append({m.full_name: _call(session, m, NOBODY) for m in session.api.methods})
    found: dict[str, Exchange] = kept[0]
    return found


def _call(session: Session, method: Method, proof: Metadata) -> Exchange:
    with session.acting(proof):
        return session.call(method, session.base(method), kind=Kind.STRANGE)


def _anonymous(session: Session, method: Method) -> Iterator[Observation]:
    if not _asks(session):
        return
    swept = _sweep(session)[method.full_name]
    x = _call(session, method, NOBODY) if session.patient else swept
    alike = _siblings_ask(session, method)
    yield Unproven(method, (x,), "without credentials", _declared(session, method), alike)


def _siblings_ask(session: Session, method: Method) -> bool:
    resource, operation = session.api.by_method.get(method.full_name, (None, None))
    if resource is None or operation is None:
        return False
    siblings = [resource.of(role) for role in _SIBLINGS.get(operation.role, ())]
    sweep = _sweep(session)
    asked = [sweep[one.method.full_name].code for one in siblings if one is not None]
    return bool(asked) and set(asked) == {Code.UNAUTHENTICATED}


def _bad_credentials(session: Session, method: Method) -> Iterator[Observation]:
    if not _asks(session):
        return
    x = _call(session, method, _spoiled(session.proof))
    asks = _sweep(session)[method.full_name].code is Code.UNAUTHENTICATED
    yield Unproven(method, (x,), "with bad credentials", _declared(session, method), asks)


_SECRET = re.compile(r"^authorization$|token|api-?key|secret")


def _spoiled(proof: Metadata) -> Metadata:
    """The same with the end of each secret altered; nothing where none is known to be one.

    A caller's mere name would, altered, be another name.
    """
    changed = tuple(
        (key, _altered(value) if _SECRET.search(key) and isinstance(value, str) else value)
        for key, value in proof
    )
    return changed if changed != proof else NOBODY


def _altered(secret: str) -> str:
    """Every letter and digit among the last twelve characters another one."""
    head, tail = secret[:-12], secret[-12:]
    return head + "".join(_other(letter) for letter in tail)


def _other(letter: str) -> str:
    if letter.isdigit():
        return str((int(letter) + 5) % 10)
    if not letter.isascii() or not letter.isalpha():
        return letter
    start = ord("a") if letter.islower() else ord("A")
    return chr(start + (ord(letter) - start + 13) % 26)


def _plain(session: Session) -> list[tuple[str, Metadata]]:
    """Callers without wider permissions than the one who does the rest of the work."""
    known = ((name, session.proofs[name]) for name in (CALLER, OTHER) if name in session.proofs)
    return [(name, proof) for name, proof in known if proof != session.proof]


def _denied(session: Session, method: Method) -> Iterator[Observation]:
    """Ask for what may not be asked; then for what is not there, and against the rules."""
    resource, operation = session.api.by_method.get(method.full_name, (None, None))
    if resource is not None and operation is not None and operation.role in KNOWN:
        session.make(resource)  # what others have made may be theirs
    for _, proof in _plain(session)[:1]:
        with session.acting(proof):
            request = session.base(method)
            first = session.call(method, request, kind=Kind.STRANGE)
            if first.code is not Code.PERMISSION_DENIED:
                return
            missing, invalid = _missing(session, method), _invalid(session, method, request)
        first_of_all = declared.promise(session.schema, method.descriptor, "permission_first")
        seen = tuple(x for x in (first, missing, invalid) if x is not None)
        yield Denied(method, seen, bool(first_of_all), missing, invalid)


def _missing(session: Session, method: Method) -> Exchange | None:
    _, operation = session.api.by_method.get(method.full_name, (None, None))
    if operation is None or operation.id is None or operation.role is Role.CREATE:
        return None
    return session.call(method, session.requests.unknown_id(operation), kind=Kind.STRANGE)


def _invalid(session: Session, method: Method, request: Message) -> Exchange | None:
    """Break one rule, of what identifies the resource only where there is no other."""
    _, operation = session.api.by_method.get(method.full_name, (None, None))
    named = operation.id if operation is not None else None
    samples = list(invalid_samples(session.schema, method.takes, request))
    other = next((s for s in samples if s.path != named), samples[0] if samples else None)
    if other is None:
        return None
    return session.call(method, other.message, kind=Kind.STRANGE)


def _strangers(session: Session, targets: frozenset[str]) -> Iterator[Trial]:
    """Resources that belong to callers, in the hands of others."""
    for resource in session.api.resources:
        owner = declared.promise(session.schema, resource.type, "owner")
        create = resource.of(Role.CREATE)
        if not owner or create is None or Role.GET not in resource.operations:
            continue
        if not _plain(session):
            noun = resource.type.name
            reason = f"{noun} belongs to callers, and the credentials of no two callers are known"
            session.note(create.method, reason)
            continue
        for role, reach in _REACHES.items():
            operation = resource.of(role)
            if operation is not None and operation.method.full_name in targets:
                run = partial(_reaching, resource=resource, role=role)
                yield Trial(Phase.STATEFUL, operation.method, run, f"stranger: {reach}")


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
    for _, proof in _plain(session) if thing is not None else ():
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
    session.door.run(live.started(_WAIT))
    _changed(things, thing)
    payload = session.door.run(live.receive(_WAIT))
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
    operation = things.resource.of(Role.UPDATE)
    donors = things.donors()
    paths = (p for p in things.writable() if "." not in p and another(p, thing, donors))
    for path in list(paths)[:3] if operation is not None else ():
        donor = another(path, thing, donors)
        if operation is not None and donor is not None:
            request = things.update_request(with_value(thing, path, donor), [path])
            if things.session.call(operation.method, request, kind=Kind.STRANGE).ok:
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
