"""Messages that break one rule each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from wireproof.values.breaking import Breaking, breakings, other_ways
from wireproof.values.build import Builder
from wireproof.values.check import Fault
from wireproof.values.goals import nodes


@dataclass(frozen=True, slots=True)
class Invalid:
    """A message that breaks one rule, everything else valid."""

    message: Message
    path: str
    """As protovalidate reports it: `user.email`, `users[0].email`, `labels["a"]`."""
    place: str
    """Without subscripts: `users[*].email`; `labels[key]` where the key is at fault."""
    rule: str
    """The id that protovalidate reports: `string.min_len`, `required`, …"""
    implied: tuple[Fault, ...] = ()
    """Violations that come along, where no value breaks the rule alone."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All violations of the message."""
        return (Fault(self.path, self.place, self.rule), *self.implied)


def violating(
    builder: Builder, descriptor: Descriptor, depth: int, base: Message | None, turn: int = 0
) -> Iterator[Invalid]:
    """See `values.invalid`."""
    least = builder.least(descriptor) if base is None else base
    for node in nodes(builder, descriptor, depth):
        ways = other_ways(builder, node, least, turn) if turn else breakings(builder, node, least)
        for breaking in ways:
            found = violation(builder, breaking)
            if found is not None:
                yield found


def violation(builder: Builder, breaking: Breaking) -> Invalid | None:
    """The first of the offers that breaks the rule alone, else the one with the fewest others."""
    best: tuple[Message, tuple[Fault, ...]] | None = None
    for offered in breaking.offers:
        message, found = offered, builder.planner.faults(offered)
        if len(found) > 1:
            message = builder.eased(offered, breaking.route, broken=1)
            found = builder.planner.faults(message)
        if not any(f.rule == breaking.rule and f.place == breaking.place for f in found):
            continue
        if best is None or len(found) < len(best[1]):
            best = (message, found)
        if len(found) == 1:
            break
    return None if best is None else _invalid(best[0], best[1], breaking)


def _invalid(message: Message, found: tuple[Fault, ...], breaking: Breaking) -> Invalid:
    meant = next(f for f in found if f.rule == breaking.rule and f.place == breaking.place)
    implied = tuple(fault for fault in found if fault is not meant)
    return Invalid(message, meant.path, meant.place, meant.rule, implied)
