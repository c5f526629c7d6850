"""What a rule is: a row over one kind of change, and the break that it yields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Flag, auto
from typing import TYPE_CHECKING, Any, NamedTuple

from wireproof.changes.change import Change
from wireproof.finding import Breaks, Severity, Surface, Witness

if TYPE_CHECKING:
    from wireproof.rules.context import Context


class Flow(Flag):
    """Who writes and who reads."""

    NONE = 0
    OLD_TO_NEW = auto()
    """The old version writes, the new one reads."""
    NEW_TO_OLD = auto()
    BOTH = OLD_TO_NEW | NEW_TO_OLD


class Break(NamedTuple):
    """One promise not kept: what was promised, what is there, and on which ways it shows."""

    promised: str
    found: str
    wire: Flow = Flow.NONE
    json: Flow = Flow.NONE
    rpc: Flow = Flow.NONE
    promise: Flow = Flow.NONE
    source: bool = False
    because: str = ""
    """What happens to the data, as a clause."""
    type_name: str = ""
    """The message or enum whose role decides who breaks; empty where a call itself breaks."""
    spared: frozenset[Breaks] = frozenset()
    """Who does not break, whatever the flows say."""
    hits: frozenset[Breaks] = frozenset()
    """Who breaks, where neither role nor flow tells."""
    buf: tuple[str, ...] | None = None
    """The rules of buf that judge the same, where only some of the row's do, or none."""
    severity: Severity | None = None
    """Where one rule has weaker and stronger forms; None leaves it to the table."""

    def flow(self, surface: Surface) -> Flow:
        """On which ways it breaks on *surface* (code breaks on none: it is compiled anew)."""
        name = _FLOWS.get(surface)
        flow: Flow = getattr(self, name) if name else Flow.NONE
        return flow


_FLOWS = {
    Surface.WIRE: "wire",
    Surface.JSON: "json",
    Surface.RPC: "rpc",
    Surface.PROMISE: "promise",
}

Check = Callable[[Any, "Context"], Iterator[Break]]
Show = Callable[[Any, Break, Flow, "Context"], Witness | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: *check* is a pure function over one change of the kind *on*."""

    id: str
    on: tuple[type[Change], ...]
    check: Check
    says: str
    """With {subject}, {promised}, {found} and {because}."""
    why: str
    fix: str
    buf: tuple[str, ...] = ()
    """The rules of buf that judge the same change."""
    show: Show | None = None
    """Finds the message that shows it; None where *unshown* says why there is none."""
    unshown: str = ""
    registry: bool = False
    """Whether registry modes judge it although it does not show on the wire."""
