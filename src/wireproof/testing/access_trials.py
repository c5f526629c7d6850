"""Trials of who may do what: without credentials, with bad ones, as a caller without permission."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from google.protobuf.message import Message

from wireproof.checks.access import Denied, Unproven
from wireproof.checks.facts import Code, Kind
from wireproof.checks.observations import Observation
from wireproof.exchange import Exchange, Metadata, Method
from wireproof.testing import declared
from wireproof.testing.api import Role
from wireproof.testing.generated import invalid_samples
from wireproof.testing.options import Phase
from wireproof.testing.requests import KNOWN
from wireproof.testing.session import Session
from wireproof.testing.stranger_trials import plain, strangers
from wireproof.testing.trial import Trial

NOBODY: Metadata = ()
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
    for method in methods if plain(session) else ():
        if not method.style.client_streams:
            yield Trial(Phase.STATEFUL, method, partial(_denied, method=method), "denied")
    yield from strangers(session, targets)


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


def _denied(session: Session, method: Method) -> Iterator[Observation]:
    """Ask for what may not be asked; then for what is not there, and against the rules."""
    resource, operation = session.api.by_method.get(method.full_name, (None, None))
    if resource is not None and operation is not None and operation.role in KNOWN:
        session.make(resource)  # what others have made may be theirs
    for _, proof in plain(session)[:1]:
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
