"""Trials of streams that are asked about one thing: they tell of no other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from wireproof.checks.conversations import EventsOfOthers
from wireproof.checks.facts import Kind
from wireproof.checks.observations import Observation
from wireproof.exchange import Method, Style
from wireproof.testing import names
from wireproof.testing.api import Resource, Role
from wireproof.testing.options import Phase
from wireproof.testing.session import Session
from wireproof.testing.shapes import IDENTIFYING, is_plain
from wireproof.testing.things import Things
from wireproof.testing.trial import Trial

_WAIT = 1.0
"""Seconds until a stream stands, where its server says so."""
_PATIENT = 5
"""How many times its patience a stream listens for what comes next."""
_FEW = 4
"""Methods that are called meanwhile."""


def overhearing(session: Session, targets: frozenset[str]) -> Iterator[Trial]:
    """A trial of every stream of replies that says with each what it was asked about."""
    for method in session.api.methods:
        if method.style is not Style.SERVER_STREAMING or method.full_name not in targets:
            continue
        for field in _asking(method)[:1]:
            run = partial(_overheard, method=method, field=field)
            yield Trial(Phase.STATEFUL, method, run, "overheard")


def _asking(method: Method) -> list[FieldDescriptor]:
    """The texts of a request by which it asks, and which each reply has too."""
    theirs = method.gives.fields_by_name
    return [
        field
        for field in method.takes.fields
        if field.type in IDENTIFYING and is_plain(field) and not names.is_token(field.name)
        if (other := theirs.get(field.name)) is not None
        if other.type == field.type and is_plain(other)
        if field.type == field.TYPE_STRING or field.name.endswith("_id")
    ]


def _overheard(session: Session, method: Method, field: FieldDescriptor) -> Iterator[Observation]:
    resource = session.requests.references.names(field)
    mine, other = (_name(session, resource) for _ in range(2))
    if not mine or not other or mine == other:
        return
    request: Any = session.requests.bare(method)
    setattr(request, field.name, mine)
    if not session.requests.keeps(request):
        return
    live = session.open(method, request)
    session.door.run(live.half_close())
    session.door.run(live.started(session.within(_WAIT)))
    for name in (other, mine):
        _touch(session, field, resource, name)
    while session.door.run(live.receive(session.options.patience * _PATIENT)) is not None:
        pass
    x = session.close(live)
    told = [getattr(reply, field.name) for reply in x.replies()]
    if mine in told or other in told:
        yield EventsOfOthers(method, (x,), str(field.name), told.count(other))


def _name(session: Session, resource: Resource | None) -> Any:
    """A new thing's name; a fresh word where nothing says what is named."""
    if resource is None:
        return session.fresh.token()
    made = Things(session, resource).made() if resource.of(Role.CREATE) is not None else None
    return getattr(made.thing, resource.id) if made is not None else None


def _touch(session: Session, field: FieldDescriptor, resource: Resource | None, name: Any) -> None:
    """Do to what has that *name* what the service can do to it."""
    left = _FEW
    for one in session.api.methods:
        reads = names.role_by_name(one.name) in (Role.GET, Role.LIST, Role.DELETE)
        if one.style is not Style.UNARY or reads or not left:
            continue
        naming = [f for f in one.takes.fields if _means(session, f, field, resource)]
        if len(naming) == 1:
            left -= 1
            session.prepare(one)
            request: Any = session.base(one)
            setattr(request, naming[0].name, name)
            session.call(one, request, kind=Kind.STRANGE)


def _means(
    session: Session, one: FieldDescriptor, field: FieldDescriptor, resource: Resource | None
) -> bool:
    """Whether a field of a request names what *field* does."""
    if one.type != field.type or not is_plain(one):
        return False
    if resource is None:
        return bool(one.name == field.name)
    return session.requests.references.names(one) is resource
