"""Who breaks, and where: from the mode, the flows of a break and the role of its message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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
        role = context.role(broken.type_name)
        hit: dict[Surface, set[Breaks]] = {}
        for surface in self.surfaces:
            victims = set(self._victims(surface, broken, role)) - broken.spared - self.spared
            if victims:
                hit[surface] = victims
        if self.registry and registry and not hit:
            hit[Surface.SOURCE] = {Breaks.STORED}
        everyone = set().union(*hit.values()) if hit else set()
        return Reach(tuple(hit), tuple(one for one in Breaks if one in everyone))

    def _victims(self, surface: Surface, broken: Break, role: Role) -> Iterator[Breaks]:
        if surface is Surface.SOURCE:
            if broken.source:
                yield Breaks.SOURCE
            return
        if broken.hits:
            yield from broken.hits if broken.flow(surface) & self.flows else ()
            return
        for flow in (Flow.OLD_TO_NEW, Flow.NEW_TO_OLD):
            if not flow & broken.flow(surface) & self.flows:
                continue
            if self.registry:
                yield Breaks.STORED if flow is Flow.OLD_TO_NEW else Breaks.OLD_READER
            elif not broken.type_name:
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
