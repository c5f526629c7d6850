"""What there is to reach in a message, and what a given message reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from wireproof.values.build import Builder
from wireproof.values.check import Fault
from wireproof.values.descriptors import descriptor_of, enum_of
from wireproof.values.plan import Choice, Member, Plan, Route, Shape, route_place

DEPTH = 3
"""How many messages below the root are looked into, unless told otherwise."""
_MOST_NODES = 256


class GoalKind(StrEnum):
    FIELD = "field"
    ENUM = "enum"
    ONEOF = "oneof"
    RULE = "rule"


@dataclass(frozen=True, slots=True, order=True)
class Goal:
    """One thing to reach.

    `field` with `set` or `unset`; `enum` with the name of a value; `oneof` with a branch or
    `(none)`; `rule` with the rule's id and `kept` or `broken`. *path* has no subscripts:
    `users[*].email`, and `labels[key]` for the keys of a map.
    """

    kind: GoalKind
    path: str
    aspect: str


@dataclass(frozen=True, slots=True)
class Node:
    """A message inside the root, and the way to it."""

    route: Route
    plan: Plan
    judged: bool = True
    """Whether validation looks at it: `ignore: IGNORE_ALWAYS` above it says no."""

    @property
    def prefix(self) -> str:
        return f"{route_place(self.route)}." if self.route else ""


def nodes(builder: Builder, descriptor: Descriptor, depth: int) -> list[Node]:
    """The root and the messages below it, breadth first; a type that recurs is entered twice."""
    found = [Node((), builder.planner.plan(descriptor))]
    for node in found:
        if len(node.route) >= depth:
            continue
        for member in node.plan.members:
            nested = member.nested
            if nested is not None and not _recurs(node, nested) and builder.fits(member):
                judged = node.judged and member.judged
                plan = builder.planner.plan(nested)
                found.append(Node((*node.route, member), plan, judged))
            if len(found) >= _MOST_NODES:
                return found
    return found


def _recurs(node: Node, nested: Descriptor) -> bool:
    above = [member.nested for member in node.route]
    return sum(one is not None and one.full_name == nested.full_name for one in above) > 1 or (
        node.plan.descriptor.full_name == nested.full_name and len(node.route) > 0
    )


def goals_of(builder: Builder, descriptor: Descriptor, depth: int) -> frozenset[Goal]:
    return frozenset(
        goal
        for node in nodes(builder, descriptor, depth)
        for goal in _node_goals(node)
        if node.judged or goal.kind is not GoalKind.RULE
    )


def _node_goals(node: Node) -> Iterator[Goal]:
    chosen = {id(m) for choice in node.plan.choices if not choice.declared for m in choice.members}
    for member in node.plan.members:
        yield from _member_goals(node.prefix, member, chosen=id(member) in chosen)
    for choice in node.plan.choices:
        yield from _choice_goals(node.prefix, choice)
    for cel in node.plan.rules.cel:
        yield from _both_sides(node.prefix.rstrip("."), cel.id)


def _member_goals(prefix: str, member: Member, *, chosen: bool) -> Iterator[Goal]:
    path = prefix + member.name
    yield Goal(GoalKind.FIELD, path, "set")
    if not member.needed:
        yield Goal(GoalKind.FIELD, path, "unset")
    for rule in member.ids:
        yield from _both_sides(path, rule, breakable=not _hidden(member, rule, chosen=chosen))
    if member.shape is not Shape.ONE:
        for rule in member.inner_ids:
            yield from _both_sides(prefix + member.inner_place, rule)
        for rule in member.key_ids:
            yield from _both_sides(f"{path}[key]", rule)
    yield from _enum_goals(prefix, member)


def _both_sides(path: str, rule: str, *, breakable: bool = True) -> Iterator[Goal]:
    yield Goal(GoalKind.RULE, path, f"{rule} kept")
    if breakable:
        yield Goal(GoalKind.RULE, path, f"{rule} broken")


_OF_ONE = ("min_len", "min_bytes", "min_items", "min_pairs")


def _hidden(member: Member, rule: str, *, chosen: bool) -> bool:
    """Whether only the zero value breaks *rule*, and that never gets so far.

    Zero is unset where a field has no presence: then `required` speaks first, or nothing does.
    """
    if member.field.has_presence or not (member.rules.required or member.rules.ignore or chosen):
        return False
    name = rule.partition(".")[2]
    return rule.endswith("_empty") or (name in _OF_ONE and member.rules.rule(name) == 1)


def _enum_goals(prefix: str, member: Member) -> Iterator[Goal]:
    enum = member.element.enum_type
    if enum is None or member.value is None:
        return
    accepted = {value for _, value in member.value.edges}
    for number in {value.number for value in enum.values} & accepted:
        if number or member.element.has_presence or member.shape is not Shape.ONE:
            yield Goal(
                GoalKind.ENUM, prefix + member.inner_place, enum_name(member.element, number)
            )
        elif not member.needed:
            yield Goal(GoalKind.ENUM, prefix + member.name, enum_name(member.element, 0))


def enum_name(field: FieldDescriptor, number: int) -> str:
    """The first name of that number: aliases are the same value."""
    names = (value.name for value in enum_of(field).values if value.number == number)
    return next(names, str(number))


def _choice_goals(prefix: str, choice: Choice) -> Iterator[Goal]:
    path = prefix + choice.name if choice.declared else prefix.rstrip(".")
    if choice.declared:
        for member in choice.members:
            yield Goal(GoalKind.ONEOF, path, member.name)
        if not choice.required and not any(member.needed for member in choice.members):
            yield Goal(GoalKind.ONEOF, path, "(none)")
    if choice.required or not choice.declared:
        yield from _both_sides(path, choice.rule)


def reached_by(builder: Builder, message: Message, faults: tuple[Fault, ...]) -> set[Goal]:
    """The goals that *message*, with the violations that it has, reaches."""
    broken = {(fault.place, fault.rule) for fault in faults}
    found = {Goal(GoalKind.RULE, place, f"{rule} broken") for place, rule in broken}
    _Walk(builder, broken, found).message(message, "", judged=True)
    return found


@dataclass(frozen=True, slots=True)
class _Walk:
    """One pass over a message; a class because every step needs all three."""

    builder: Builder
    broken: set[tuple[str, str]]
    found: set[Goal]

    def message(self, message: Message, prefix: str, *, judged: bool) -> None:
        plan = self.builder.planner.plan(descriptor_of(message))
        present = {field.name: value for field, value in message.ListFields()}
        for member in plan.members:
            self.member(member, present, prefix, judged=judged)
        for choice in plan.choices:
            self.choice(choice, present, prefix, judged=judged)
        if judged:
            self.kept(prefix.rstrip("."), [cel.id for cel in plan.rules.cel])

    def member(self, member: Member, present: dict[str, Any], prefix: str, *, judged: bool) -> None:
        path = prefix + member.name
        is_set = member.name in present
        self.found.add(Goal(GoalKind.FIELD, path, "set" if is_set else "unset"))
        zero_counts = not member.field.has_presence and member.shape is Shape.ONE
        if judged and (is_set or (zero_counts and not member.rules.ignore)):
            self.kept(path, member.ids)
        if is_set:
            self.values(member, present[member.name], prefix, judged=judged)
        elif member.element.enum_type is not None and zero_counts:
            self.found.add(Goal(GoalKind.ENUM, path, enum_name(member.element, 0)))

    def values(self, member: Member, whole: Any, prefix: str, *, judged: bool) -> None:
        if member.shape is Shape.MAP and judged:
            self.kept(f"{prefix}{member.name}[key]", member.key_ids)
        for value in _values(member, whole):
            self.value(member, value, prefix + member.inner_place, judged=judged)

    def value(self, member: Member, value: Any, place: str, *, judged: bool) -> None:
        if member.shape is not Shape.ONE and judged:
            self.kept(place, member.inner_ids)
        if member.element.enum_type is not None:
            self.found.add(Goal(GoalKind.ENUM, place, enum_name(member.element, value)))
        if member.nested is not None:
            self.message(value, f"{place}.", judged=judged and member.judged)

    def choice(self, choice: Choice, present: dict[str, Any], prefix: str, *, judged: bool) -> None:
        path = prefix + choice.name if choice.declared else prefix.rstrip(".")
        chosen = [member.name for member in choice.members if member.name in present]
        if choice.declared:
            self.found.update(Goal(GoalKind.ONEOF, path, name) for name in chosen or ["(none)"])
        if judged and (choice.required or not choice.declared):
            self.kept(path, [choice.rule])

    def kept(self, path: str, rules: Iterable[str]) -> None:
        self.found.update(
            Goal(GoalKind.RULE, path, f"{rule} kept")
            for rule in rules
            if (path, rule) not in self.broken
        )


def _values(member: Member, value: Any) -> list[Any]:
    if member.shape is Shape.ONE:
        return [value]
    return list(value if member.shape is Shape.MANY else value.values())
