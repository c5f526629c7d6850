"""A search for members that satisfy, or break, a rule over the whole message.

CEL is not solved symbolically: the members that an expression names are set to combinations of
their edges and of what its literals suggest, simplest combinations first, and protovalidate judges.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

from wireproof.schema.constraints import Cel
from wireproof.values.assign import copied
from wireproof.values.check import Fault
from wireproof.values.harvest import harvest
from wireproof.values.plan import UNSET, Member, Plan, Route, Shape
from wireproof.values.settle import distinct
from wireproof.values.whole import holding, wholes

if TYPE_CHECKING:
    from wireproof.values.build import Builder

Wanted = Callable[[tuple[Fault, ...]], bool]

_PATH = re.compile(r"\bthis\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
_TRIES = 6000
_SOLUTIONS = 12
_WIDEST = 60
_MOST_ROUTES = 6
_VARIED = 4


def solutions(builder: Builder, plan: Plan, base: Message) -> Iterator[Message]:
    """Valid messages near *base*, a few."""
    return islice(search(builder, plan, base, lambda found: not found), _SOLUTIONS)


def search(
    builder: Builder,
    plan: Plan,
    base: Message,
    wanted: Wanted,
    rule: str = "",
    fixed: Route = (),
    tries: int = _TRIES,
) -> Iterator[Message]:
    """Messages near *base* whose violations are as *wanted*.

    Only the members that the rule of that id names are varied (those of every rule without one),
    and never what lies on the *fixed* route.
    """
    found = routes_of(builder, plan, rule)
    routes = [route for route in found if route != fixed[: len(route)]]
    width = max(3, min(_WIDEST, int(tries ** (1 / max(len(routes), 1)))))
    offers = [builder.candidates(plan, route)[:width] for route in routes]
    for combination in islice(_simplest_first(offers), tries):
        message = copied(base)
        for route, value in zip(routes, combination, strict=True):
            if value is not UNSET or builder.holds(message, route[:-1]):
                builder.place(message, route, value)
        if wanted(builder.planner.faults(message)):
            yield message


def _expressions(plan: Plan) -> Iterator[tuple[Route, Cel]]:
    """Every expression that ties members together, with the member whose value is its `this`."""
    for cel in plan.rules.cel:
        yield (), cel
    for member in plan.members:
        for cel in member.tying_cel:
            yield (member,), cel


def routes_of(builder: Builder, plan: Plan, rule: str) -> list[Route]:
    """The places that the expressions name, each once; every member where they name none."""
    found: list[Route] = []
    for prefix, cel in _expressions(plan):
        if rule in ("", cel.id):
            found += _named(builder, plan, prefix, cel)
    for oneof in plan.rules.oneofs:
        if rule in ("", "message.oneof"):
            found += [(plan.by_name[name],) for name in oneof.fields if name in plan.by_name]
    distinct_routes = list(dict.fromkeys(route for route in found if route))
    return (distinct_routes or [(member,) for member in plan.members])[:_MOST_ROUTES]


def _named(builder: Builder, plan: Plan, prefix: Route, cel: Cel) -> Iterator[Route]:
    inner = plan
    if prefix:
        nested = prefix[0].nested
        if nested is None or prefix[0].shape is not Shape.ONE:
            yield prefix
        if nested is None:
            return
        inner = builder.planner.plan(nested)
    for path in _PATH.findall(cel.expression):
        steps = _steps(builder, inner, path.split("."))
        if steps:
            yield (*prefix, *steps)


def _steps(builder: Builder, plan: Plan, path: list[str]) -> Route:
    member = plan.by_name.get(path[0])
    if member is None:
        return ()
    if member.nested is None or member.shape is not Shape.ONE or len(path) == 1:
        return (member,)
    return (member, *_steps(builder, builder.planner.plan(member.nested), path[1:]))


def candidates(builder: Builder, plan: Plan, route: Route) -> list[Any]:
    """Unset, the two simplest, what literals suggest, then every edge."""
    member = route[-1]
    cels = [cel for _, cel in _expressions(plan)]
    usual = list(wholes(builder, member))
    suggested = (*_suggested(builder, member, cels), *_varied(builder, member))
    offered = distinct((*usual[:2], *suggested, *usual))
    unset = [] if member.needed else [UNSET]
    return unset + [value for _, value in offered]


def _suggested(builder: Builder, member: Member, cels: Iterable[Cel]) -> Iterator[tuple[str, Any]]:
    if member.shape is Shape.ONE and member.value is not None:
        verdict = builder.planner.verdict(member)
        for name, value in harvest(cels, member.element):
            if not verdict(value):
                yield name, value


def _varied(builder: Builder, member: Member) -> Iterator[tuple[str, Any]]:
    """Lists and maps with one message in which one field is set."""
    nested = member.nested
    if nested is None or member.shape is Shape.ONE or not builder.fits(member):
        return
    for inner in builder.planner.plan(nested).members:
        for name, whole in islice(wholes(builder, inner), _VARIED):
            item = builder.place(copied(builder.least(nested)), (inner,), whole)
            yield f"{inner.name} {name}", holding(builder, member, item)


def _simplest_first(offers: list[list[Any]]) -> Iterator[tuple[Any, ...]]:
    if not offers or not all(offers):
        return
    ranks = islice(product(*(range(len(offer)) for offer in offers)), 200_000)
    for rank in sorted(ranks, key=sum)[:_TRIES]:
        yield tuple(offer[index] for offer, index in zip(offers, rank, strict=True))
