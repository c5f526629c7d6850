"""Valid messages that together reach everything reachable.

Deterministic: the same schema gives the same messages in the same order (only rules about the
present, `lt_now`, `gt_now` and `within`, follow the clock).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from wireproof.values.assign import assign, clear_rivals, copied
from wireproof.values.build import Builder
from wireproof.values.goals import Goal, Node, nodes, reached_by
from wireproof.values.plan import Member, Plan, Shape, route_place
from wireproof.values.scalars import UNKNOWN_NUMBERS
from wireproof.values.whole import holding, together, wholes


@dataclass(frozen=True, slots=True)
class Case:
    """A valid message, and what is special about it."""

    message: Message
    path: str
    """The field it is about, without subscripts; empty where it is about the whole message."""
    aspect: str
    """In words: `minimal`, `full`, `set to length 3`, `unset`."""


Refused = dict[Goal, tuple[str, ...]]
"""The rules that stood in the way of a goal."""


def covering(
    builder: Builder,
    descriptor: Descriptor,
    depth: int,
    base: Message | None,
    refused: Refused | None = None,
) -> Iterator[Case]:
    """See `values.coverage`; *refused* takes what became of the offers that are no cases."""
    seen: set[bytes] = set()
    for path, aspect, message in _offers(builder, descriptor, depth, base):
        data = message.SerializePartialToString(deterministic=True)
        if data in seen:
            continue
        seen.add(data)
        found = builder.planner.faults(message)
        if not found:
            yield Case(message, path, aspect)
        elif refused is not None:
            rules = tuple(dict.fromkeys(fault.rule for fault in found))
            for goal in reached_by(builder, message, found):
                refused.setdefault(goal, rules)


_Offer = tuple[str, str, Message]


def _offers(
    builder: Builder, descriptor: Descriptor, depth: int, base: Message | None
) -> Iterator[_Offer]:
    least = builder.least(descriptor) if base is None else base
    yield "", "minimal" if base is None else "as given", copied(least)
    places = nodes(builder, descriptor, depth)
    full = fullest(builder, descriptor, depth, least)
    yield "", "full", full
    yield from _isolated(builder, places, least, slice(0, 1))
    yield from _packed(builder, places, full)
    yield from _isolated(builder, places, least, slice(1, None))
    yield from _without(places, full)


def _isolated(
    builder: Builder, places: list[Node], least: Message, which: slice
) -> Iterator[_Offer]:
    """The least message but for one field."""
    for node in places:
        for member in node.plan.members:
            route = (*node.route, member)
            offered = list(wholes(builder, member))
            if which.start and (packed := together(member)) is not None:
                offered.append(packed)
            for name, whole in offered[which]:
                message = builder.place(copied(least), route, whole)
                yield (
                    route_place(route, whole=True),
                    f"set to {name}",
                    builder.eased(message, route),
                )


def _packed(builder: Builder, places: list[Node], full: Message) -> Iterator[_Offer]:
    """The full message with the n-th edge in every field at once: many edges in few messages."""
    edges = [
        ((*node.route, member), [whole for _, whole in wholes(builder, member)])
        for node in places
        for member in node.plan.members
        if member.value is not None
    ]
    for index in range(max((len(offered) for _, offered in edges), default=0)):
        message = copied(full)
        for route, offered in edges:
            if offered and not _beside_rival(builder, route, index):
                message = builder.place(message, route, offered[index % len(offered)])
        yield "", f"edges {index}", message


def _beside_rival(builder: Builder, route: tuple[Member, ...], index: int) -> bool:
    """Whether another branch has its turn; each branch of a choice gets one."""
    for member in route:
        plan = builder.planner.plan(cast(Descriptor, member.field.containing_type))
        for choice in plan.choices:
            if member in choice.members and choice.members.index(member) != index % len(
                choice.members
            ):
                return True
    return False


def _without(places: list[Node], full: Message) -> Iterator[_Offer]:
    """The full message but for one field."""
    for node in places:
        for member in node.plan.members:
            if member.needed:
                continue
            message = copied(full)
            inner = _inside(message, node)
            if inner is not None and _present(inner, member):
                inner.ClearField(member.name)
                yield route_place((*node.route, member), whole=True), "unset, all else set", message


def _inside(message: Message, node: Node) -> Message | None:
    for member in node.route:
        if not _present(message, member):
            return None
        part = getattr(message, member.name)
        if member.shape is Shape.MANY:
            part = part[0]
        elif member.shape is Shape.MAP:
            part = part[min(part)]
        message = part
    return message


def _present(message: Message, member: Member) -> bool:
    return any(field.name == member.name for field, _ in message.ListFields())


def fullest(builder: Builder, descriptor: Descriptor, depth: int, least: Message) -> Message:
    """*least* with every member set that may be, *depth* messages deep."""
    message = copied(least)
    _fill_up(builder, builder.planner.plan(descriptor), message, depth)
    return message


def _fill_up(builder: Builder, plan: Plan, message: Message, depth: int) -> None:
    taken = {
        id(m)
        for c in plan.choices
        for m in c.members[1:]
        if _any_present(message, c.members) or m is not c.members[0]
    }
    for member in plan.members:
        if id(member) in taken or (member.nested is not None and depth <= 0):
            continue
        if not _present(message, member):
            _try(builder, plan, message, member)
        if (
            member.nested is not None
            and member.shape is Shape.ONE
            and message.HasField(member.name)
        ):
            _fill_part(builder, message, member, depth - 1)


def _any_present(message: Message, members: tuple[Member, ...]) -> bool:
    return any(_present(message, member) for member in members)


def _try(builder: Builder, plan: Plan, message: Message, member: Member) -> None:
    """Set *member* to the first of its values that is more than empty and keeps every rule."""
    for _, whole in islice(wholes(builder, member), 8):
        trial = copied(message)
        assign(trial, member, whole)
        clear_rivals(trial, member, plan.choices)
        if _present(trial, member) and not builder.planner.faults(trial):
            message.CopyFrom(trial)
            return


def _fill_part(builder: Builder, message: Message, member: Member, depth: int) -> None:
    assert member.nested is not None
    trial = copied(message)
    part = getattr(trial, member.name)
    _fill_up(builder, builder.planner.plan(member.nested), part, depth)
    if not builder.planner.faults(trial):
        message.CopyFrom(trial)


def unfamiliar(
    builder: Builder, descriptor: Descriptor, depth: int, base: Message | None
) -> Iterator[Case]:
    """See `values.unknown_enums`."""
    least = builder.least(descriptor) if base is None else base
    for node in nodes(builder, descriptor, depth):
        for member in node.plan.members:
            if member.element.enum_type is None or member.element.enum_type.is_closed:
                continue
            whole = _whole(builder, member, UNKNOWN_NUMBERS[1])
            if whole is None:
                continue
            route = (*node.route, member)
            message = builder.place(copied(least), route, whole)
            if not builder.planner.faults(message):
                yield Case(message, route_place(route, whole=True), "an unknown number")


def _whole(builder: Builder, member: Member, value: int) -> Any:
    return value if member.shape is Shape.ONE else holding(builder, member, value)
