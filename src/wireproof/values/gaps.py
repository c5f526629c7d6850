"""What no constructed message reaches, and why."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor

from wireproof.values.build import Builder, Unsatisfiable
from wireproof.values.cases import Refused, covering
from wireproof.values.goals import Goal, GoalKind, reached_by
from wireproof.values.spoilt import violating


@dataclass(frozen=True, slots=True)
class Gap:
    """A goal that no constructed message reaches, and why."""

    goal: Goal
    reason: str


def gaps_of(
    builder: Builder, descriptor: Descriptor, depth: int, wanted: frozenset[Goal]
) -> tuple[Gap, ...]:
    """See `values.gaps`."""
    refused: Refused = {}
    try:
        cases = list(covering(builder, descriptor, depth, None, refused))
    except Unsatisfiable as error:
        return tuple(Gap(goal, str(error)) for goal in sorted(wanted))
    reached = {goal for case in cases for goal in reached_by(builder, case.message, ())}
    reached |= {
        Goal(GoalKind.RULE, one.place, f"{one.rule} broken")
        for one in violating(builder, descriptor, depth, None)
    }
    return tuple(Gap(goal, _reason(goal, refused)) for goal in sorted(wanted - reached))


def _reason(goal: Goal, refused: Refused) -> str:
    if goal.aspect.endswith(" broken"):
        return "no value was found that breaks this rule"
    if goal in refused:
        return f"every message tried breaks {', '.join(refused[goal])}"
    return "no value was found for it"
