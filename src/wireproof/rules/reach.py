"""Who breaks, and where: from the mode, the flows of a break and the role of its message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

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


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a break shows, and whom it hits."""

    surfaces: tuple[Surface, ...]
    breaks: tuple[Breaks, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a comparison judges."""

    flows: Flow
    surfaces: tuple[Surface, ...]
    spared: frozenset[Breaks]
    registry: bool

    def flow(self, broken: Break) -> Flow:
        """The judged ways on which it breaks on a judged surface."""
        found = Flow.NONE
        for surface in self.surfaces:
            found |= broken.flow(surface) & self.flows
        return found

    def reach(self, broken: Break, context: Context, *, registry: bool) -> Reach:
        """The surfaces and victims that are left of *broken*; none means no finding."""
        role = context.role(broken.type_name) if broken.type_name else None
        flows = tuple(broken.flow(surface) for surface in self.surfaces)
        return _reach(self, flows, broken.source, broken.hits, broken.spared, role, registry)


@lru_cache(maxsize=4096)  # there are few ways to break, and large schemas do so often
def _reach(
    scope: Scope,
    flows: tuple[Flow, ...],
    source: bool,
    hits: frozenset[Breaks],
    spared: frozenset[Breaks],
    role: Role | None,
    registry: bool,
) -> Reach:
    """*flows* are those on each surface of the scope; no *role*: the call itself breaks."""
    hit: dict[Surface, set[Breaks]] = {}
    for surface, flow in zip(scope.surfaces, flows, strict=True):
        if surface is Surface.SOURCE:
            victims = {Breaks.SOURCE} if source else set()
        else:
            victims = set(_victims(scope, surface, flow & scope.flows, hits, role))
        if victims := victims - spared - scope.spared:
            hit[surface] = victims
    if scope.registry and registry and not hit:
        hit[Surface.SOURCE] = {Breaks.STORED}
    everyone = set().union(*hit.values()) if hit else set()
    return Reach(tuple(hit), tuple(one for one in Breaks if one in everyone))


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


def _by_role(flow: Flow, role: Role, surface: Surface) -> Iterator[Breaks]:
    forth = flow is Flow.OLD_TO_NEW
    clients = set()
    if role.request:
        clients.add(Breaks.OLD_CLIENT if forth else Breaks.NEW_CLIENT)
    if role.response:
        clients.add(Breaks.NEW_CLIENT if forth else Breaks.OLD_CLIENT)
    # Binary clients never see JSON; those who call over HTTP do.
    yield from {Breaks.REST} if surface is Surface.JSON and clients else clients
    if role.stored:
        yield Breaks.STORED if forth else Breaks.OLD_READER


def scope_of(mode: str, surfaces: Iterable[Surface] | None, deploy: str) -> Scope:
    """What *mode* judges: registries look at the wire unless told otherwise."""
    registry = mode != "rpc"
    chosen = tuple(surfaces) if surfaces else ((Surface.WIRE,) if registry else ALL)
    return Scope(MODES[mode], chosen, DEPLOYS[deploy], registry)
