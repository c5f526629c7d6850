"""Constructed values of a schema's messages: valid, invalid, and what there is to cover."""

from wireproof.values.api import (
    chart,
    coverage,
    gaps,
    invalid,
    invalid_stream,
    reached,
    schema_of,
    stream,
    universe,
    unknown_enums,
    valid,
    violations,
)
from wireproof.values.build import Unsatisfiable
from wireproof.values.cases import Case
from wireproof.values.chart import Chart
from wireproof.values.check import EVALUATION, UNENCODABLE, Fault, UnusableRules
from wireproof.values.gaps import Gap
from wireproof.values.goals import Goal, GoalKind
from wireproof.values.spoilt import Invalid

__all__ = [
    "EVALUATION",
    "UNENCODABLE",
    "Case",
    "Chart",
    "Fault",
    "Gap",
    "Goal",
    "GoalKind",
    "Invalid",
    "Unsatisfiable",
    "UnusableRules",
    "chart",
    "coverage",
    "gaps",
    "invalid",
    "invalid_stream",
    "reached",
    "schema_of",
    "stream",
    "universe",
    "unknown_enums",
    "valid",
    "violations",
]
