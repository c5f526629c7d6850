"""Ways to break each rule of a message, one at a time, just outside first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from google.protobuf.message import Message

from wireproof.schema.constraints import NONE, Ignore
from wireproof.values.assign import copied
from wireproof.values.build import Builder
from wireproof.values.goals import Node
from wireproof.values.plan import UNSET, Choice, Member, Route, Shape
from wireproof.values.settle import Break, Settled, several
from wireproof.values.solve import search
from wireproof.values.whole import MOST, holding, keyed, sized, wholes

_SEARCHED = 24


@dataclass(frozen=True, slots=True)
class Breaking:
    """Messages offered to break *rule* at *place*; which of them do is for protovalidate to say."""

    rule: str
    place: str
    route: Route
    """What breaks it, where it is one member."""
    offers: Iterator[Message]


@dataclass(frozen=True, slots=True)
class Site:
    """A member, and values of it that break *rule* at *place*."""

    rule: str
    place: str
    route: Route
    values: tuple[Any, ...]


def sites(builder: Builder, node: Node) -> Iterator[Site]:
    """Each rule of one member at a time, of the message at *node*."""
    for member in node.plan.members if node.judged else ():
        for rule, place, values in _of_member(builder, member):
            yield Site(rule, node.prefix + place, (*node.route, member), tuple(values))


def other_ways(builder: Builder, node: Node, base: Message, turn: int) -> Iterator[Breaking]:
    """The *turn*-th further value that breaks a rule of one member: another side, another form."""
    for site in sites(builder, node):
        for value in site.values[turn : turn + 1]:
            message = builder.place(copied(base), site.route, value)
            yield Breaking(site.rule, site.place, site.route, iter((message,)))


def breakings(builder: Builder, node: Node, base: Message) -> Iterator[Breaking]:
    """Each rule of the message at *node*, with offers that are *base* but for what breaks it."""
    if not node.judged:
        return
    for site in sites(builder, node):
        offers = (builder.place(copied(base), site.route, value) for value in site.values)
        yield Breaking(site.rule, site.place, site.route, offers)
    for member in node.plan.members:
        for cel in member.tying_cel:
            yield _searched(builder, node, base, cel.id, member.name)
    for choice in node.plan.choices:
        yield from _of_choice(builder, node, base, choice)
    for cel in node.plan.rules.cel:
        yield _searched(builder, node, base, cel.id, "")


_Values = tuple[str, str, Iterator[Any]]


def _of_member(builder: Builder, member: Member) -> Iterator[_Values]:
    if "required" in member.ids:
        yield "required", member.name, iter((UNSET,))
    if member.shape is Shape.ONE:
        yield from _from(member.value, member.name, lambda value: value)
        return
    yield from _of_size(builder, member)
    yield from _from(
        member.value, member.inner_place, lambda value: holding(builder, member, value)
    )
    yield from _from(member.key, f"{member.name}[key]", lambda key: keyed(builder, member, key))


def _from(settled: Settled | None, place: str, whole: Any) -> Iterator[_Values]:
    breaks: dict[str, tuple[Break, ...]] = settled.breaks if settled is not None else {}
    for rule, known in breaks.items():
        if rule not in ("required", "type"):
            values = (whole(one.value) for one in known)
            yield rule, place, (value for value in values if value is not None)


def _of_size(builder: Builder, member: Member) -> Iterator[_Values]:
    kind, noun = ("repeated", "items") if member.shape is Shape.MANY else ("map", "pairs")
    rules = member.rules if member.rules.ignore is not Ignore.ALWAYS else NONE
    low, high = rules.rule(f"min_{noun}", 0), rules.rule(f"max_{noun}")
    if low:
        sizes = dict.fromkeys((low - 1, 0))
        yield f"{kind}.min_{noun}", member.name, _of_sizes(builder, member, sizes)
    if high is not None and high < MOST:
        yield f"{kind}.max_{noun}", member.name, _of_sizes(builder, member, (high + 1,))
    if rules.rule("unique") and member.value is not None:
        yield f"{kind}.unique", member.name, iter((_repeating(member),))


def _of_sizes(builder: Builder, member: Member, sizes: Any) -> Iterator[Any]:
    for size in sizes:
        whole = sized(builder, member, size) if size else UNSET
        if whole is None and member.shape is Shape.MANY:  # breaks `unique` as well, which is said
            values = several(member.value, size) if member.value is not None else ()
            whole = [values[index % len(values)] for index in range(size)] if values else None
        if whole is not None:
            yield whole


def _repeating(member: Member) -> list[Any]:
    """The shortest list with one item twice."""
    assert member.value is not None
    values = several(member.value, max(member.low - 1, 1))
    return [values[0], *values] if values else []


def _of_choice(builder: Builder, node: Node, base: Message, choice: Choice) -> Iterator[Breaking]:
    place = f"{node.prefix}{choice.name}" if choice.declared else node.prefix.rstrip(".")
    none, two = _none_set(builder, node, base, choice), _two_set(builder, node, base, choice)
    if choice.required and choice.declared:
        yield Breaking(choice.rule, place, (), none)
    elif not choice.declared:
        # One rule, broken two ways: both are worth sending.
        yield Breaking(choice.rule, place, (), two)
        if choice.required:
            yield Breaking(choice.rule, place, (), none)


def _none_set(builder: Builder, node: Node, base: Message, choice: Choice) -> Iterator[Message]:
    message = copied(base)
    for member in choice.members:
        message = builder.place(message, (*node.route, member), UNSET)
    yield message


def _two_set(builder: Builder, node: Node, base: Message, choice: Choice) -> Iterator[Message]:
    settable = [member for member in choice.members if builder.fits(member)]
    for other in settable[1:]:
        message = builder.place(
            copied(base), (*node.route, settable[0]), _nonzero(builder, settable[0])
        )
        yield builder.place(message, (*node.route, other), _nonzero(builder, other), beside=True)


def _nonzero(builder: Builder, member: Member) -> Any:
    """A value that counts as set, where the field has no presence of its own."""
    found = [whole for _, whole in wholes(builder, member)]
    plain = member.shape is Shape.ONE and not member.field.has_presence
    return next((whole for whole in found if whole or not plain), UNSET)


def _searched(builder: Builder, node: Node, base: Message, rule: str, place: str) -> Breaking:
    full_place = (node.prefix + place).rstrip(".")
    return Breaking(rule, full_place, (), _found(builder, node, base, rule, place))


def _found(builder: Builder, node: Node, base: Message, rule: str, place: str) -> Iterator[Message]:
    def broken(found: Any) -> bool:
        return any(fault.rule == rule and fault.place == place for fault in found)

    inner = base if not node.route else builder.least(node.plan.descriptor)
    hits = list(islice(search(builder, node.plan, inner, broken, rule), _SEARCHED))
    hits.sort(key=lambda hit: len(builder.planner.faults(hit)))
    for hit in hits:
        if not node.route:
            yield hit
        else:
            whole = (
                hit if node.route[-1].shape is Shape.ONE else holding(builder, node.route[-1], hit)
            )
            yield builder.place(copied(base), node.route, whole)
