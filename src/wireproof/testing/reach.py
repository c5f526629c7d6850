"""How much of each method's request was reached: fields, enum values, branches, rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set

from wireproof import values
from wireproof.exchange import Exchange, Method
from wireproof.schema.schema import Schema

_KINDS = {
    values.GoalKind.FIELD: "fields",
    values.GoalKind.ENUM: "enum_values",
    values.GoalKind.ONEOF: "oneof_branches",
    values.GoalKind.RULE: "rules",
}


class Reach:
    """Counts what the calls of a run have reached of each method's request."""

    def __init__(self, schema: Schema, methods: tuple[Method, ...]) -> None:
        self._schema = schema
        self._all = {m.full_name: _universe(schema, m) for m in methods}
        self._reached: dict[str, set[values.Goal]] = defaultdict(set)
        self._codes: dict[str, set[str]] = defaultdict(set)

    def add(self, x: Exchange) -> None:
        """Take down what one call has reached."""
        name = x.method.full_name
        self._codes[name].add(x.code.name)
        for request in x.requests() if self._all.get(name) else ():
            self._reached[name] |= values.reached(self._schema, request)

    def figures(self, methods: Set[str]) -> Mapping[str, Mapping[str, tuple[int, int]]]:
        """Method → what → (reached, all), of the named ones."""
        return {name: self._figures(name) for name in self._all if name in methods}

    def _figures(self, name: str) -> dict[str, tuple[int, int]]:
        wanted, found = self._all[name], self._reached[name]
        figures = {}
        for kind, words in _KINDS.items():
            goals = {goal for goal in wanted if goal.kind is kind}
            figures[words] = (len(goals & found), len(goals))
        figures["status_codes"] = (len(self._codes[name]), 17)
        return figures


def _universe(schema: Schema, method: Method) -> frozenset[values.Goal]:
    try:
        return values.universe(schema, method.takes)
    except values.UnusableRules:
        return frozenset()  # whoever tries to test the method says so
