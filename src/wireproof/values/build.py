"""Messages built from their plans: the least, the fullest, or as a source chooses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from wireproof.errors import WireproofError
from wireproof.values.assign import assign, clear_rivals, copied
from wireproof.values.check import Fault
from wireproof.values.descriptors import class_of, descriptor_of
from wireproof.values.plan import UNSET, Choice, Member, Plan, Route, Shape
from wireproof.values.planner import Planner
from wireproof.values.settle import Settled, several
from wireproof.values.solve import candidates, search, solutions
from wireproof.values.source import LEAST, Source

MANY = 3
"""As many items and entries as a drawn message holds, unless rules ask for more."""
_MOST_ITEMS = 4096
_EASED = 300
_COUNTS = (0, 0, 0, 1, 1, 2)
"""How many more than the fewest: mostly none, for each item costs choices."""


@dataclass(eq=False)
class Unsatisfiable(WireproofError):
    """Rules that no message was found for: contradictory, or too hard for the search."""

    subject: str
    rules: tuple[str, ...]

    def __str__(self) -> str:
        rules = ", ".join(self.rules) or "its recursion"
        return f"no valid {self.subject} was found: {rules} could not be satisfied"


class Builder:
    """Builds valid messages of one schema; not for use by several threads at once."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self._least: dict[str, Message] = {}
        self._impossible: set[str] = set()
        self._building: set[str] = set()
        self._solving: set[str] = set()
        self._candidates: dict[tuple[str, Route], list[Any]] = {}
        self._solutions: dict[str, tuple[Message, ...]] = {}
        self._optional: dict[tuple[Plan, bool], list[Member]] = {}

    def least(self, descriptor: Descriptor) -> Message:
        """The smallest valid message. Raises Unsatisfiable."""
        name = descriptor.full_name
        if name not in self._least:
            self._building.add(name)
            try:
                self._least[name] = self._found_least(descriptor)
            finally:
                self._building.discard(name)
        return self._least[name]

    def _found_least(self, descriptor: Descriptor) -> Message:
        if math.isinf(self.planner.height(descriptor)):
            raise Unsatisfiable(descriptor.full_name, ())
        plan = self.planner.plan(descriptor)
        message = self._raw(plan, LEAST, 0)
        found = self.planner.faults(message)
        if found:
            solved = next(iter(self.solved(plan, message)), None)
            if solved is None:
                raise Unsatisfiable(descriptor.full_name, _named(found))
            message = solved
        return message

    def draw(self, descriptor: Descriptor, source: Source, depth: int) -> Message:
        """A valid message, nested at most *depth* deep where rules do not force more.

        Raises Unsatisfiable.
        """
        self.least(descriptor)  # there is one
        return self.sound(self.raw(descriptor, source, depth), source)

    def raw(self, descriptor: Descriptor, source: Source, depth: int) -> Message:
        """What `draw` begins with: made of valid parts, whether or not they go together."""
        return self._raw(self.planner.plan(descriptor), source, depth)

    def rough(self, descriptor: Descriptor, source: Source, depth: int) -> Message:
        """As `draw`, but judged only where valid parts may not go together."""
        plan = self.planner.plan(descriptor)
        message = self._raw(plan, source, depth)
        return self.sound(message, source) if plan.uncertain else message

    def sound(self, message: Message, source: Source) -> Message:
        """*message*, or where it breaks rules another that breaks none. Raises Unsatisfiable."""
        if not self.planner.faults(message):
            return message
        plan = self.planner.plan(descriptor_of(message))
        return self._mended(plan, message, source, self.least(plan.descriptor))

    def _raw(self, plan: Plan, source: Source, depth: int) -> Message:
        message: Message = class_of(plan.descriptor)()
        optional = self._left_open(plan, depth)
        for member, chosen in zip(optional, source.flags(len(optional)), strict=True):
            if chosen:
                self.fill(message, member, source, depth)
        for member in plan.needed:
            self.fill(message, member, source, depth)
        for choice in plan.choices:
            branch = self._branch(choice, source, depth)
            if branch is not None:
                self.fill(message, branch, source, depth)
        return message

    def _left_open(self, plan: Plan, depth: int) -> list[Member]:
        """The members that may be set this deep, and need not."""
        key = plan, depth > 0
        found = self._optional.get(key)
        if found is None:
            found = [m for m in plan.free if not m.needed and self.fits(m, depth)]
            if not self._building:  # until then, what is being built counts as buildable
                self._optional[key] = found
        return found

    def fits(self, member: Member, depth: int = 1) -> bool:
        """Whether *member* can be set this deep; members without any accepted value cannot."""
        if member.nested is not None:
            return depth > 0 and self._buildable(member.nested)
        return _live(member.value) and _live(member.key)

    def _buildable(self, descriptor: Descriptor) -> bool:
        if descriptor.full_name in self._impossible:
            return False
        if descriptor.full_name not in self._least and descriptor.full_name not in self._building:
            try:
                self.least(descriptor)
            except Unsatisfiable:
                self._impossible.add(descriptor.full_name)
                return False
        return True

    def _branch(self, choice: Choice, source: Source, depth: int) -> Member | None:
        fit = [member for member in choice.members if self.fits(member, depth)]
        needed = choice.required or any(member.needed for member in choice.members)
        if not fit and needed:
            fit = sorted(choice.members, key=self._rank)[:1]
        last = len(fit) - (1 if needed else 0)
        index = source.integer(0, last, 0) if last > 0 else 0
        if not fit or (not needed and index == 0):
            return None
        return fit[index - (0 if needed else 1)]

    def _rank(self, member: Member) -> float:
        return self.planner.height(member.nested) if member.nested is not None else 0

    def fill(self, message: Message, member: Member, source: Source, depth: int) -> None:
        """Set *member* to a value that *source* chooses."""
        if member.shape is Shape.ONE:
            assign(message, member, self._value(member, source, depth))
            return
        high = min(member.high if member.high is not None else _MOST_ITEMS, member.low + MANY)
        # A set field has an item, where it may: unset and empty are the same on the wire.
        more = _COUNTS[source.integer(0, len(_COUNTS) - 1, 0)]
        count = min(max(member.low, 1) + more, high)
        if member.shape is Shape.MANY:
            assign(message, member, self._items(member, source, depth, count))
        else:
            assign(message, member, self._entries(member, source, depth, count))

    def _value(self, member: Member, source: Source, depth: int) -> Any:
        if member.nested is not None:
            return self.rough(member.nested, source, depth - 1)
        return _drawn(member, member.value, source)

    def _items(self, member: Member, source: Source, depth: int, count: int) -> list[Any]:
        found = [self._value(member, source, depth) for _ in range(count)]
        if member.rules.rule("unique"):
            found = list(dict.fromkeys(found))
            if len(found) < member.low and member.value is not None:
                found = list(several(member.value, member.low))
        return found

    def _entries(self, member: Member, source: Source, depth: int, count: int) -> dict[Any, Any]:
        keys = [_drawn(member, member.key, source) for _ in range(count)]
        distinct = list(dict.fromkeys(keys))
        if len(distinct) < member.low and member.key is not None:
            distinct = list(several(member.key, member.low))
        return {key: self._value(member, source, depth) for key in distinct}

    def _mended(self, plan: Plan, message: Message, source: Source, least: Message) -> Message:
        """*message* with what breaks rules taken from a solution; never thrown away and redrawn."""
        for fault in self.planner.faults(message):
            member = plan.by_name.get(fault.place.partition(".")[0].partition("[")[0])
            if member is not None:
                take(message, least, member)
        if not self.planner.faults(message):
            return message
        known = self.solved(plan, least)
        solution = known[source.integer(0, len(known) - 1, 0)] if known else least
        for member in plan.members:
            if tied(plan, member):
                take(message, solution, member)
        return message if not self.planner.faults(message) else copied(solution)

    def solved(self, plan: Plan, base: Message) -> tuple[Message, ...]:
        """A few different messages that satisfy what ties the members of *plan* together."""
        name = plan.descriptor.full_name
        if name in self._solving:
            return ()
        if name not in self._solutions:
            self._solving.add(name)
            try:
                self._solutions[name] = tuple(solutions(self, plan, base))
            finally:
                self._solving.discard(name)
        return self._solutions[name]

    def place(self, message: Message, route: Route, whole: Any, *, beside: bool = False) -> Message:
        """*message*, changed: the member at the end of *route* set to *whole*, its parents least.

        Lists and maps on the way get one item where they have none; the first is descended into.
        What a choice does not allow next to it is cleared, unless it shall stand *beside*.
        """
        inner = message
        for member in route[:-1]:
            clear_rivals(inner, member, self.planner.plan(descriptor_of(inner)).choices)
            inner = self._entered(inner, member)
        last = route[-1]
        if whole is not UNSET and not beside:
            clear_rivals(inner, last, self.planner.plan(descriptor_of(inner)).choices)
        assign(inner, last, whole)
        return message

    def holds(self, message: Message, route: Route) -> bool:
        """Whether every message on *route* is there."""
        for member in route:
            if member.shape is not Shape.ONE or not _present(message, member):
                return False
            message = getattr(message, member.name)
        return True

    def eased(self, message: Message, fixed: Route, broken: int = 0) -> Message:
        """*message*, or the nearest with just *broken* violations and the same *fixed* place."""
        plan = self.planner.plan(descriptor_of(message))
        if not plan.uncertain or len(self.planner.faults(message)) <= broken:
            return message
        found = search(
            self, plan, message, lambda faults: len(faults) == broken, fixed=fixed, tries=_EASED
        )
        return next(found, message)

    def candidates(self, plan: Plan, route: Route) -> list[Any]:
        """What the search tries at *route*; the same list every time."""
        key = (plan.descriptor.full_name, route)
        if key not in self._candidates:
            self._candidates[key] = candidates(self, plan, route)
        return self._candidates[key]

    def _entered(self, message: Message, member: Member) -> Message:
        if not _present(message, member):
            self.fill(message, member, LEAST, 0)
        part = getattr(message, member.name)  # only now: clearing detaches an earlier one
        if member.shape is Shape.ONE:
            return part  # type: ignore[no-any-return]
        first = 0 if member.shape is Shape.MANY else min(part)  # a map has an order of its own
        return part[first]  # type: ignore[no-any-return]


def _live(place: Settled | None) -> bool:
    return place is None or place.domain is not None


def _drawn(member: Member, place: Settled | None, source: Source) -> Any:
    if place is None or place.domain is None:
        raise Unsatisfiable(member.field.full_name, tuple(place.breaks) if place else ())
    return place.domain.pick(source)


def _named(found: tuple[Fault, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{f.path}: {f.rule}" if f.path else f.rule for f in found))


def take(message: Message, other: Message, member: Member) -> None:
    """Give *message* what *other* has of *member*."""
    message.ClearField(member.name)
    if any(field.name == member.name for field, _ in other.ListFields()):
        part = type(other)()
        part.CopyFrom(other)
        for field, _ in other.ListFields():
            if field.name != member.name:
                part.ClearField(field.name)
        message.MergeFrom(part)


def tied(plan: Plan, member: Member) -> bool:
    """Whether a rule of the whole message speaks of *member*."""
    named = any(member.name in cel.expression for cel in plan.rules.cel)
    in_rule = any(member.name in oneof.fields for oneof in plan.rules.oneofs)
    return named or in_rule or bool(member.nested_cel)


def _present(message: Message, member: Member) -> bool:
    if member.shape is Shape.ONE:
        return message.HasField(member.name)
    return bool(getattr(message, member.name))
