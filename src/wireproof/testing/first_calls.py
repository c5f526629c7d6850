"""The first calls: one valid request of each method, as full as the server takes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from google.protobuf.message import Message

from wireproof.checks.facts import SERVER_FAULTS, Code
from wireproof.checks.observations import Observation
from wireproof.exchange import Method
from wireproof.testing.api import Role
from wireproof.testing.options import Phase
from wireproof.testing.seeking import seek
from wireproof.testing.session import Session
from wireproof.testing.trial import Run, Trial


def examples(session: Session, methods: tuple[Method, ...]) -> Iterator[Trial]:
    """One valid call of each method, those first that make what the others need."""
    turns = in_turn(session, methods)
    for method in turns:
        yield Trial(Phase.EXAMPLES, method, _example(method), "a valid request")
    for full in (True, False):  # what one has found out may be what another needs
        for method in (m for m in turns if not session.tallies[m.full_name].tested):
            name = "a request that is accepted" + ("" if full else ", again")
            run = partial(_seek, method=method, among=turns, full=full)
            yield Trial(Phase.EXAMPLES, method, run, name)


def in_turn(session: Session, methods: Iterable[Method]) -> list[Method]:
    """The methods, those first that make what the others need."""
    return sorted(methods, key=lambda method: _turn(session, method))


_TURNS = (Role.CREATE, Role.BATCH, Role.LIST, Role.GET, Role.UPDATE, None, Role.WATCH, Role.SYNC)


def _turn(session: Session, method: Method) -> int:
    mine = session.api.by_method.get(method.full_name)
    role = mine[1].role if mine else None
    return _TURNS.index(role) if role in _TURNS else len(_TURNS)


def _example(method: Method) -> Run:
    refused: list[Message] = []

    def run(session: Session) -> Iterator[Observation]:
        for message in refused:  # to confirm it: what is sent from now on may be simpler
            session.call(method, message)
        accepted_base(session, method, refused)
        return iter(())

    return run


def _seek(
    session: Session, method: Method, among: list[Method], *, full: bool
) -> Iterator[Observation]:
    seek(session, method, among, full=full)
    return iter(())


def accepted_base(
    session: Session, method: Method, refused: list[Message] | None = None
) -> Message:
    """A valid request, simplified where the server refuses the full one; OK or not.

    What the server's own fault refused is added to *refused*.
    """
    for _ in range(6):
        session.prepare(method)
        base = session.base(method)
        x = session.call(method, base)
        if x.ok or x.note.get("held"):
            break
        if x.code in SERVER_FAULTS and refused is not None:
            refused.append(base)
        if x.code is Code.ALREADY_EXISTS:
            session.fresh.turn()
        elif not session.simplify(method):
            break
    return base
