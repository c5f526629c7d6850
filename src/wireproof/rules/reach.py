"""Who breaks, and where: from the mode, the flows of a break and the role of its message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from wireproof.changes.change import Change
from wireproof.finding import Breaks, Surface
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow
from wireproof.schema.roles import Role

MODES = {
    "rpc": Flow.BOTH,
    "backward": Flow.OLD_TO_NEW,
    "forward": Flow.NEW_TO_OLD,
    "full": Flow.BOTH,
}
DEPLOYS: dict[str, frozenset[Breaks]] = {
    "any": frozenset(),
    "server-first": frozenset({Breaks.NEW_CLIENT}),
    "client-first": frozenset({Breaks.OLD_CLIENT}),
}
"""Deploy order → who never meets the other version."""

ALL = tuple(Surface)


class Reach(NamedTuple):
    """Where a break shows, and whom it hits."""

    surfaces: tuple[Surface, ...]
    breaks: tuple[Breaks, ...]


class Scope(NamedTuple):
    """What a comparison judges."""

    flows: Flow
    surfaces: tuple[Surface, ...]
    spared: frozenset[Breaks]
    registry: bool

    def flow(self, broken: Break) -> Flow:
        """The judged ways on which it breaks on a judged surface."""
        found = Flow.NONE
        for surface in self.surfaces:
            if (flow := broken.flow(surface)) is not Flow.NONE:
                found |= flow
        return found & self.flows

    def reach(self, broken: Break, change: Change, context: Context, *, registry: bool) -> Reach:
        """The surfaces and victims that are left of *broken*; none means no finding."""
        role = context.role(broken.type_name) if broken.type_name else None
        flows = tuple(broken.flow(surface) for surface in self.surfaces)
        called = _Called(role, role.over_http if role else context.over_http(change))
        return _reach(self, flows, broken.source, broken.hits, broken.spared, called, registry)


class _Called(NamedTuple):
    """How data travels in calls."""

    role: Role | None
    """None: the call itself breaks, or a rule names who does."""
    over_http: Role
    """What of it travels where calls are made over HTTP."""


@lru_cache(maxsize=4096)  # there are few ways to break, and large schemas do so often
def _reach(
    scope: Scope,
    flows: tuple[Flow, ...],
    source: bool,
    hits: frozenset[Breaks],
    spared: frozenset[Breaks],
    called: _Called,
    registry: bool,
) -> Reach:
    """*flows* are those on each surface of the scope."""
    hit: dict[Surface, set[Breaks]] = {}
    for surface, flow in zip(scope.surfaces, flows, strict=True):
        left = flow & scope.flows
        if surface is Surface.SOURCE:
            victims = {Breaks.SOURCE} if source else set()
        else:
            victims = set(_victims(scope, surface, left, hits, called.role))
        victims -= spared | scope.spared
        if surface in _CALLS and _over_http(victims, left, called) and Breaks.REST not in spared:
            victims.add(Breaks.REST)
        if victims:
            hit[surface] = victims
    if scope.registry and registry and not hit:
        hit[Surface.SOURCE] = {Breaks.STORED}
    everyone = set().union(*hit.values()) if hit else set()
    return Reach(tuple(hit), tuple(one for one in Breaks if one in everyone))


_CALLS = frozenset({Surface.RPC, Surface.PROMISE})
"""What binds clients over HTTP as it does others: bytes they never see, and JSON they all see."""


def _over_http(victims: set[Breaks], flows: Flow, called: _Called) -> bool:
    """Whether one of the clients that break may well call over HTTP."""
    role = called.over_http
    if called.role is None:
        return bool(victims & _CLIENTS) and (role.request or role.response)
    return any(
        not victims.isdisjoint(_clients(flow, role))
        for flow in (Flow.OLD_TO_NEW, Flow.NEW_TO_OLD)
        if flow & flows
    )


def _victims(
    scope: Scope, surface: Surface, flows: Flow, hits: frozenset[Breaks], role: Role | None
) -> Iterator[Breaks]:
    if hits:
        yield from hits if flows else ()
        return
    for flow in (Flow.OLD_TO_NEW, Flow.NEW_TO_OLD):
        if not flow & flows:
            continue
        if scope.registry:
            yield Breaks.STORED if flow is Flow.OLD_TO_NEW else Breaks.OLD_READER
        elif role is None:
            yield _caller(flow)
        else:
            yield from _by_role(flow, role, surface)


def _caller(flow: Flow) -> Breaks:
    """Who breaks where the call itself does: an old client at the new server, or the reverse."""
    return Breaks.OLD_CLIENT if flow is Flow.OLD_TO_NEW else Breaks.NEW_CLIENT


_CLIENTS = frozenset({Breaks.OLD_CLIENT, Breaks.NEW_CLIENT})


def _by_role(flow: Flow, role: Role, surface: Surface) -> Iterator[Breaks]:
    clients = _clients(flow, role)
    # Binary clients never see JSON; those who call over HTTP do.
    yield from {Breaks.REST} if surface is Surface.JSON and clients else clients
    if role.stored:
        yield Breaks.STORED if flow is Flow.OLD_TO_NEW else Breaks.OLD_READER


def _clients(flow: Flow, role: Role) -> set[Breaks]:
    forth = flow is Flow.OLD_TO_NEW
    clients = set()
    if role.request:
        clients.add(Breaks.OLD_CLIENT if forth else Breaks.NEW_CLIENT)
    if role.response:
        clients.add(Breaks.NEW_CLIENT if forth else Breaks.OLD_CLIENT)
    return clients


def scope_of(mode: str, surfaces: Iterable[Surface] | None, deploy: str) -> Scope:
    """What *mode* judges: registries look at the wire unless told otherwise."""
    registry = mode != "rpc"
    chosen = tuple(surfaces) if surfaces else ((Surface.WIRE,) if registry else ALL)
    return Scope(MODES[mode], chosen, DEPLOYS[deploy], registry)
