"""Plans of a schema's messages: rules decoded, domains built, every offer tried."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor
from google.protobuf.message import Message

from wireproof.schema.constraints import (
    NONE,
    FieldConstraints,
    Ignore,
    constraints_of,
    rule_ids,
)
from wireproof.schema.schema import Schema
from wireproof.values.assign import assign, blank
from wireproof.values.check import EVALUATION, Fault, faults
from wireproof.values.descriptors import class_of, entry_part
from wireproof.values.domain import Domain
from wireproof.values.harvest import harvest
from wireproof.values.plan import Choice, Member, Plan, Shape
from wireproof.values.scalars import scalar, wrapped
from wireproof.values.settle import Settled, Verdict
from wireproof.values.untied import twin_of, untied
from wireproof.values.wellknown import LEAVES, WRAPPERS, leaf


class Planner:
    """The plans of one schema, each compiled when it is first asked for."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.constraints = constraints_of(schema)
        self._plans: dict[str, Plan] = {}
        self._heights: dict[str, float] = {}

    def plan(self, descriptor: Descriptor) -> Plan:
        name = descriptor.full_name
        if name not in self._plans:
            self._plans[name] = self._compiled(self.schema.message(name))
        return self._plans[name]

    def faults(self, message: Message) -> tuple[Fault, ...]:
        return faults(self.schema, message)

    def _alone(self, message: Message) -> tuple[Fault, ...]:
        """The violations of single fields, also where an expression over the message fails."""
        found = self.faults(message)
        if any(fault.rule == EVALUATION for fault in found):
            found = faults(untied(self.schema), twin_of(self.schema, message))
        return found

    def _compiled(self, descriptor: Descriptor) -> Plan:
        rules = self.constraints.message(descriptor)
        empty = blank(class_of(descriptor))
        refused = {fault.place for fault in self._alone(empty)}
        members = tuple(self._member(field, refused) for field in descriptor.fields)
        return Plan(descriptor, members, tuple(self._choices(descriptor, members)), rules)

    def _choices(self, descriptor: Descriptor, members: tuple[Member, ...]) -> Iterator[Choice]:
        by_name = {member.name: member for member in members}
        for oneof in descriptor.oneofs:
            branches = tuple(by_name[field.name] for field in oneof.fields)
            if not _synthetic(branches):
                required = self.constraints.oneof_required(oneof)
                yield Choice(oneof.name, branches, required, "required", declared=True)
        for rule in self.constraints.message(descriptor).oneofs:
            branches = tuple(by_name[name] for name in rule.fields if name in by_name)
            if not any(branch.field.containing_oneof for branch in branches):
                name = "|".join(rule.fields)
                yield Choice(name, branches, rule.required, "message.oneof", declared=False)

    def _member(self, field: FieldDescriptor, refused: set[str]) -> Member:
        rules = self.constraints.field(field)
        shape = _shape(field)
        member = Member(field, rules, shape, None)
        member.needed = field.is_required or field.name in refused
        if shape is not Shape.ONE:
            member.low, member.high = _counts(rules, shape)
        member.value = self._settled(member, member.element, member.inner_rules or NONE)
        if shape is Shape.MAP:
            key = entry_part(field, "key")
            member.key = self._settled(member, key, rules.keys or NONE, as_key=True)
        return member

    def _settled(
        self,
        member: Member,
        element: FieldDescriptor,
        rules: FieldConstraints,
        as_key: bool = False,
    ) -> Settled | None:
        rules = rules if member.judged and rules.ignore is not Ignore.ALWAYS else NONE
        ideal = self._domain(element, rules)
        if ideal is None:
            return None
        if not rule_ids(rules) and not member.needed:
            return Settled(ideal, None)
        return Settled(
            ideal, self.verdict(member, as_key=as_key), harvest(rules.all_cel(), element)
        )

    def _domain(self, element: FieldDescriptor, rules: FieldConstraints) -> Domain | None:
        message = element.message_type
        if message is None:
            return scalar(element, rules)
        if message.full_name in LEAVES:
            return leaf(self.schema, element, rules)
        if message.full_name in WRAPPERS:
            return wrapped(scalar(message.fields_by_name["value"], rules), message)
        return None

    def verdict(self, member: Member, *, as_key: bool = False) -> Verdict:
        """Which rules a value breaks where it stands, whatever else is missing around it."""
        kind = class_of(cast(Descriptor, member.field.containing_type))
        place = f"{member.name}[key]" if as_key else member.inner_place
        filler = None if member.shape is not Shape.MAP else _fillers(member, as_key=as_key)

        def verdict(value: Any) -> frozenset[str]:
            message = blank(kind)
            whole = value
            if member.shape is Shape.MANY:
                whole = [value]
            elif member.shape is Shape.MAP:
                whole = {value: filler} if as_key else {filler: value}
            try:
                assign(message, member, whole)
            except (ValueError, TypeError):  # a closed enum takes no unknown number
                return frozenset({"type"})
            return frozenset(
                fault.rule
                for fault in self._alone(message)
                if fault.place == place
                or fault.place.startswith(f"{place}.")
                or fault.rule == EVALUATION
            )

        return verdict

    def height(self, descriptor: Descriptor) -> float:
        """How many messages deep the smallest message is; infinite where it must hold itself."""
        name = descriptor.full_name
        if name not in self._heights:
            self._measure(descriptor)
        return self._heights[name]

    def _measure(self, root: Descriptor) -> None:
        reached = self._reachable(root)
        heights = dict.fromkeys(reached, math.inf)
        changed = True
        while changed:
            changed = False
            for name, plan in reached.items():
                height = 1 + _tallest(plan, heights)
                changed |= height < heights[name]
                heights[name] = min(height, heights[name])
        self._heights |= heights

    def _reachable(self, root: Descriptor) -> dict[str, Plan]:
        found: dict[str, Plan] = {}
        waiting = [root]
        while waiting:
            descriptor = waiting.pop()
            if descriptor.full_name not in found:
                plan = found[descriptor.full_name] = self.plan(descriptor)
                waiting += [
                    m.nested for m in plan.members if m.nested is not None and _must(plan, m)
                ]
        return found


@lru_cache(maxsize=32)
def planner_of(schema: Schema) -> Planner:
    """The plans of *schema*; the same object for the same schema."""
    return Planner(schema)


def _must(plan: Plan, member: Member) -> bool:
    return member.needed or any(c.required and member in c.members for c in plan.choices)


def _tallest(plan: Plan, heights: dict[str, float]) -> float:
    def of(member: Member) -> float:
        nested = member.nested
        return heights.get(nested.full_name, math.inf) if nested is not None else 0

    needed: Iterable[float] = [of(member) for member in plan.members if member.needed]
    branches = [min(map(of, c.members), default=0) for c in plan.choices if c.required]
    return max([*needed, *branches], default=0)


def _shape(field: FieldDescriptor) -> Shape:
    if not field.is_repeated:
        return Shape.ONE
    entry = field.message_type is not None and field.message_type.GetOptions().map_entry
    return Shape.MAP if entry else Shape.MANY


def _counts(rules: FieldConstraints, shape: Shape) -> tuple[int, int | None]:
    if rules.ignore is Ignore.ALWAYS:
        return 0, None
    noun = "items" if shape is Shape.MANY else "pairs"
    low, high = rules.rule(f"min_{noun}", 0), rules.rule(f"max_{noun}")
    return (max(low, 1) if rules.required else low), high


def _synthetic(branches: tuple[Member, ...]) -> bool:
    """A proto3 `optional` field's oneof of one, which is no choice."""
    return len(branches) == 1 and cast(
        OneofDescriptor, branches[0].field.containing_oneof
    ).name.startswith("_")


def _fillers(member: Member, *, as_key: bool) -> Any:
    """The other half of an entry while one half is tried."""
    other = member.element if as_key else entry_part(member.field, "key")
    if other.message_type is not None:
        return class_of(other.message_type)()
    return other.default_value
