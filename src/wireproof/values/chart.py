"""The goals of one descriptor as bits: what a message reaches is read off in one cheap pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from wireproof.values.build import Builder
from wireproof.values.check import Fault
from wireproof.values.descriptors import enum_of
from wireproof.values.goals import DEPTH, Goal, GoalKind, enum_name, goals_of
from wireproof.values.plan import Choice, Member, Plan, Shape


@dataclass(frozen=True, slots=True)
class _Place:
    """A field of a message at one path, with the bits that its values stand for."""

    name: str
    if_set: int
    if_unset: int
    numbers: Mapping[int, int]
    """Number of an enum → its bit."""
    inside: _Spot | None
    shape: Shape


@dataclass(frozen=True, slots=True)
class _Fork:
    """A choice at one path."""

    branches: Mapping[str, int]
    none: int


@dataclass(frozen=True, slots=True)
class _Spot:
    """A message at one path."""

    always: int
    places: tuple[_Place, ...]
    forks: tuple[_Fork, ...]


class Chart:
    """What there is to reach in a message of *descriptor*, and what a given message reaches."""

    def __init__(self, builder: Builder, descriptor: Descriptor, depth: int = DEPTH) -> None:
        self.goals = tuple(sorted(goals_of(builder, descriptor, depth)))
        self._builder = builder
        self._bits = {goal: 1 << at for at, goal in enumerate(self.goals)}
        self._kinds = {
            kind: sum(bit for goal, bit in self._bits.items() if goal.kind is kind)
            for kind in GoalKind
        }
        self._prefixes = _prefixes(self.goals)
        self._root: _Spot | None = self._spot(builder.planner.plan(descriptor), "", judged=True)

    def without(self, known: int) -> Chart:
        """A chart that need not tell the bits in *known*, and looks the less for the others."""
        left = copy(self)
        left._root = _without(self._root, known)
        return left

    def reached(self, message: Message, faults: Iterable[Fault]) -> int:
        """The bits of the goals that *message*, with these violations, reaches."""
        found = _walked(self._root, message) if self._root is not None else 0
        for fault in faults:
            found &= ~self._rule(fault.place, fault.rule, "kept")
            found |= self._rule(fault.place, fault.rule, "broken")
        return found

    def of_kind(self, kind: GoalKind) -> int:
        """The bits of all goals of *kind*."""
        return self._kinds[kind]

    def _bit(self, kind: GoalKind, path: str, aspect: str) -> int:
        return self._bits.get(Goal(kind, path, aspect), 0)

    def _rule(self, path: str, rule: str, side: str) -> int:
        return self._bit(GoalKind.RULE, path, f"{rule} {side}")

    def _kept(self, path: str, rules: Iterable[str]) -> int:
        bits = 0
        for rule in rules:
            bits |= self._rule(path, rule, "kept")
        return bits

    def _spot(self, plan: Plan, prefix: str, *, judged: bool) -> _Spot:
        cels = [cel.id for cel in plan.rules.cel] if judged else []
        return _Spot(
            self._kept(prefix.rstrip("."), cels),
            tuple(self._place(member, prefix, judged=judged) for member in plan.members),
            tuple(self._fork(choice, prefix, judged=judged) for choice in plan.choices),
        )

    def _place(self, member: Member, prefix: str, *, judged: bool) -> _Place:
        path, inner = prefix + member.name, prefix + member.inner_place
        zero_counts = not member.field.has_presence and member.shape is Shape.ONE
        enum = member.element.enum_type is not None
        kept = self._kept(path, member.ids) if judged else 0
        if_unset = self._bit(GoalKind.FIELD, path, "unset")
        if zero_counts and not member.rules.ignore:
            if_unset |= kept
        if zero_counts and enum:
            if_unset |= self._bit(GoalKind.ENUM, path, enum_name(member.element, 0))
        if_set = self._bit(GoalKind.FIELD, path, "set") | kept
        if judged and member.shape is not Shape.ONE:
            if_set |= self._kept(inner, member.inner_ids)
        if judged and member.shape is Shape.MAP:
            if_set |= self._kept(f"{path}[key]", member.key_ids)
        numbers = self._numbers(member, inner) if enum else {}
        inside = self._inside(member, inner, judged=judged and member.judged)
        return _Place(member.name, if_set, if_unset, numbers, inside, member.shape)

    def _numbers(self, member: Member, inner: str) -> dict[int, int]:
        known = {value.number for value in enum_of(member.element).values}
        return {
            number: self._bit(GoalKind.ENUM, inner, enum_name(member.element, number))
            for number in known
        }

    def _inside(self, member: Member, inner: str, *, judged: bool) -> _Spot | None:
        """What is below, where there is something to reach: recursion ends there."""
        if member.nested is None or inner not in self._prefixes:
            return None
        return self._spot(self._builder.planner.plan(member.nested), f"{inner}.", judged=judged)

    def _fork(self, choice: Choice, prefix: str, *, judged: bool) -> _Fork:
        path = prefix + choice.name if choice.declared else prefix.rstrip(".")
        ruled = judged and (choice.required or not choice.declared)
        kept = self._kept(path, [choice.rule]) if ruled else 0
        branches = {
            m.name: kept | (self._bit(GoalKind.ONEOF, path, m.name) if choice.declared else 0)
            for m in choice.members
        }
        none = self._bit(GoalKind.ONEOF, path, "(none)") if choice.declared else 0
        return _Fork(branches, kept | none)


def _prefixes(goals: Iterable[Goal]) -> set[str]:
    """Every path that some goal lies at or below."""
    found: set[str] = set()
    for path in {goal.path for goal in goals}:
        parts = path.split(".")
        found.update(".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return found


def _without(spot: _Spot | None, known: int) -> _Spot | None:
    """*spot* without what only tells bits of *known*; None where nothing is left."""
    if spot is None:
        return None
    inside = [_without(place.inside, known) for place in spot.places]
    places = tuple(
        replace(place, inside=below)
        for place, below in zip(spot.places, inside, strict=True)
        if below or _more((place.if_set, place.if_unset, *place.numbers.values()), known)
    )
    forks = tuple(f for f in spot.forks if _more((f.none, *f.branches.values()), known))
    if not (places or forks or _more((spot.always,), known)):
        return None
    return _Spot(spot.always, places, forks)


def _more(bits: Iterable[int], known: int) -> bool:
    return any(one & ~known for one in bits)


def _walked(spot: _Spot, message: Message) -> int:
    found = spot.always
    present: dict[str, Any] = {field.name: value for field, value in message.ListFields()}
    for place in spot.places:
        value = present.get(place.name)
        if value is None:
            found |= place.if_unset
            continue
        found |= place.if_set
        if place.numbers or place.inside is not None:
            found |= _inside(place, value)
    for fork in spot.forks:
        chosen = [bit for name, bit in fork.branches.items() if name in present]
        found |= chosen[0] if chosen else fork.none
        for bit in chosen[1:]:
            found |= bit
    return found


def _inside(place: _Place, whole: Any) -> int:
    found = 0
    for value in _values(place.shape, whole):
        if place.numbers:
            found |= place.numbers.get(value, 0)
        if place.inside is not None:
            found |= _walked(place.inside, value)
    return found


def _values(shape: Shape, whole: Any) -> Any:
    if shape is Shape.ONE:
        return (whole,)
    return whole if shape is Shape.MANY else whole.values()
