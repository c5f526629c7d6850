"""Messages in which a changed rule is likely to show, built from one version's rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, islice, pairwise
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from wireproof.errors import WireproofError
from wireproof.schema.constraints import Cel
from wireproof.values.assign import blank
from wireproof.values.breaking import sites
from wireproof.values.descriptors import class_of, message_of
from wireproof.values.goals import Node
from wireproof.values.harvest import harvest
from wireproof.values.plan import UNSET, Member, Plan
from wireproof.values.solve import search
from wireproof.values.source import seeded
from wireproof.values.spoilt import violating
from wireproof.values.whole import holding, keyed, wholes
from wireproof.witness.boundaries import Fits, Pair, boundaries
from wireproof.witness.samples import held, is_map, put, singles
from wireproof.witness.trials import Trial

DRAWS = 120
"""How many values of each place are drawn at random."""
CROSSED = 600
"""How many messages of each version hold values of all fields together."""
_MANY, _FEW = 16, 4
TRIES = 1500
"""How many combinations a search for what an expression ties together tries."""


def at_boundaries(field: FieldDescriptor, pair: Pair, fits: Fits) -> Iterator[Message]:
    """The field unset, then at every boundary that both versions' rules state."""
    kind = class_of(_holder(field))
    yield blank(kind)
    for value in boundaries(field, pair, fits):
        message = filled(kind, field, value)
        if message is not None:
            yield message


def filled(kind: Any, field: FieldDescriptor, value: Any) -> Message | None:
    """Just *field*, as *value* (UNSET: the empty message); None where its type cannot hold it.

    A list or map that its own rules let nobody build is None already.
    """
    message = blank(kind)
    if value is UNSET:
        return message
    if value is None:
        return None
    try:
        put(message, field, value)
    except (TypeError, ValueError, OverflowError):
        return None
    return message


def by_rules(trial: Trial, field: FieldDescriptor) -> Iterator[Message]:
    """The field as this version's rules and their expressions suggest, kept and broken, and as
    drawn at random; nothing where the rules cannot be built from.
    """
    builder = trial.builder
    try:
        plan = builder.planner.plan(trial.schema.message(_holder(field).full_name))
        member = plan.by_name[field.name]
        kind = class_of(plan.descriptor)
        for value in _values(trial, plan, member):
            message = filled(kind, member.field, value)
            if message is not None:
                yield message
        yield from _searched(trial, plan, member.tying_cel)
    except WireproofError:  # rules that contradict themselves or do not compile
        return


def _values(trial: Trial, plan: Plan, member: Member) -> Iterator[Any]:
    builder = trial.builder
    yield from (value for _, value in wholes(builder, member))
    for site in sites(builder, Node((), plan)):
        if site.route == (member,):
            yield from site.values
    source = seeded(0)
    parts = ((member.value, holding), (member.key, keyed))
    for settled, whole in parts:
        if settled is not None and settled.domain is not None:
            for _ in range(DRAWS):
                value = settled.domain.pick(source)
                yield value if not member.field.is_repeated else whole(builder, member, value)


def _searched(trial: Trial, plan: Plan, cels: Iterable[Cel]) -> Iterator[Message]:
    builder = trial.builder
    base = builder.least(plan.descriptor)
    for cel in cels:
        tried = search(builder, plan, base, lambda _: True, cel.id, tries=TRIES)
        yield from islice(tried, TRIES)


def of_message(trial: Trial, descriptor: Descriptor) -> Iterator[Message]:
    """Messages around the rules of the message itself: its expressions and its rules of choice."""
    kind = class_of(descriptor)
    yield blank(kind)
    rules = trial.constraints.message(descriptor)
    for oneof in rules.oneofs:
        fields = [descriptor.fields_by_name[n] for n in oneof.fields]
        yield from _chosen(kind, fields)
    try:
        plan = trial.builder.planner.plan(trial.schema.message(descriptor.full_name))
        yield from _searched(trial, plan, rules.cel)
    except WireproofError:
        return


def crossed(trials: Iterable[Trial], descriptors: Sequence[Descriptor]) -> Iterator[Message]:
    """Messages of both versions whose fields hold together, in many ways, what the expressions of
    either suggest for each.
    """
    sides = list(zip(trials, descriptors, strict=True))
    cels = [cel for trial, kind in sides for cel in trial.constraints.message(kind).cel]
    source = seeded(0)
    for _, descriptor in sides if cels else ():
        kind = class_of(descriptor)
        columns = [(field, _column(field, cels)) for field in descriptor.fields]
        for _ in range(CROSSED):
            message = blank(kind)
            for field, values in columns:
                if (value := values[source.integer(0, len(values) - 1, 0)]) is not UNSET:
                    put(message, field, value)
            yield message


def _column(field: FieldDescriptor, cels: list[Cel]) -> list[Any]:
    """A field unset, and the values to try in it."""
    if is_map(field):
        return [UNSET, *islice(held(field), _FEW)]
    some = [*islice((value for _, value in harvest(cels, field)), _MANY)]
    some += islice(singles(field), _FEW)
    if not field.is_repeated:
        return [UNSET, *some]
    return [UNSET, *([one] for one in some), *map(list, pairwise(some))]


def of_fields(trial: Trial, descriptor: Descriptor) -> Iterator[Message]:
    """Messages that break one rule of a field each."""
    try:
        root = trial.schema.message(descriptor.full_name)
        yield from (one.message for one in violating(trial.builder, root, 1, None))
    except WireproofError:
        return


def of_oneof(descriptor: Descriptor, name: str) -> Iterator[Message]:
    """No branch set, then each."""
    kind = class_of(descriptor)
    yield blank(kind)
    if name in descriptor.oneofs_by_name:
        yield from _chosen(kind, descriptor.oneofs_by_name[name].fields)


def _chosen(kind: Any, fields: Iterable[FieldDescriptor]) -> Iterator[Message]:
    alone = [one for one in (_first(kind, field) for field in fields) if one is not None]
    yield from alone
    for left, right in combinations(alone, 2):
        message = type(left)()
        message.CopyFrom(left)
        message.MergeFrom(right)
        yield message


def _first(kind: Any, field: FieldDescriptor) -> Message | None:
    return next((filled(kind, field, value) for value in held(field)), None)


def _holder(field: FieldDescriptor) -> Descriptor:
    holder: Any = field.containing_type
    return holder if holder is not None else message_of(field)
