"""How much of each method was reached: fields, enum values, branches, rules, status codes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set

from wireproof import values
from wireproof.exchange import Exchange, Method
from wireproof.schema.schema import Schema

KINDS = {
    "fields": values.GoalKind.FIELD,
    "enum_values": values.GoalKind.ENUM,
    "oneof_branches": values.GoalKind.ONEOF,
    "rules": values.GoalKind.RULE,
}
STATUS_CODES = "status_codes"
_CODES = 17

Missed = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Method → what (fields, …) → the goals that no call has reached."""


class Reach:
    """Counts what the calls of a run have reached of each method."""

    def __init__(self, schema: Schema, methods: Iterable[Method]) -> None:
        self._schema = schema
        self._methods = {m.full_name: m for m in methods}
        self._charts: dict[str, values.Chart | None] = {}
        self._left: dict[str, values.Chart | None] = {}
        """What is still looked for."""
        self._calls: Counter[str] = Counter()
        self._reached: dict[str, int] = defaultdict(int)
        self._codes: dict[str, set[str]] = defaultdict(set)

    def add(self, x: Exchange) -> None:
        """Take down what one call has reached."""
        name = x.method.full_name
        self._codes[name].add(x.code.name)
        chart = self._still(name)
        known = x.note.get("broken")  # whoever made the request may have looked
        for request in x.requests() if chart else ():
            broken = values.violations(self._schema, request) if known is None else known
            self._reached[name] |= chart.reached(request, broken) if chart else 0

    def figures(self, methods: Set[str]) -> Mapping[str, Mapping[str, tuple[int, int]]]:
        """Method → what → (reached, all), of the named ones."""
        return {name: self._figures(name) for name in self._methods if name in methods}

    def missed(self, methods: Set[str]) -> Missed:
        """What no call has reached, in words: `users[*].email: string.email broken`."""
        return {
            name: {what: self._missed(name, kind) for what, kind in KINDS.items()}
            for name in self._methods
            if name in methods
        }

    def codes(self, methods: Set[str]) -> Mapping[str, tuple[str, ...]]:
        """Method → the status codes that it answered."""
        return {name: tuple(sorted(self._codes[name])) for name in self._methods if name in methods}

    def share(self, methods: Set[str]) -> float:
        """Reached by all, status codes apart: from 0 to 1."""
        rows = [self._figures(name) for name in self._methods if name in methods]
        pairs = [row[what] for row in rows for what in KINDS]
        of = sum(of for _, of in pairs)
        return sum(reached for reached, _ in pairs) / of if of else 1.0

    def _figures(self, name: str) -> dict[str, tuple[int, int]]:
        chart, found = self._chart(name), self._reached[name]
        figures = {}
        for what, kind in KINDS.items():
            wanted = chart.of_kind(kind) if chart else 0
            figures[what] = ((wanted & found).bit_count(), wanted.bit_count())
        figures[STATUS_CODES] = (len(self._codes[name]), _CODES)
        return figures

    def _missed(self, name: str, kind: values.GoalKind) -> tuple[str, ...]:
        chart = self._chart(name)
        if chart is None:
            return ()
        left = chart.of_kind(kind) & ~self._reached[name]
        goals = (goal for at, goal in enumerate(chart.goals) if left >> at & 1)
        return tuple(f"{goal.path}: {goal.aspect}".removeprefix(": ") for goal in goals)

    def _still(self, name: str) -> values.Chart | None:
        """The chart of what was not reached yet, drawn anew each time the calls have doubled."""
        self._calls[name] += 1
        if self._calls[name].bit_count() == 1:
            chart = self._chart(name)
            self._left[name] = chart.without(self._reached[name]) if chart is not None else None
        return self._left[name]

    def _chart(self, name: str) -> values.Chart | None:
        """What there is to reach of the method of that name, drawn up when it is first asked."""
        if name not in self._charts:
            self._charts[name] = self._drawn_up(name)
        return self._charts[name]

    def _drawn_up(self, name: str) -> values.Chart | None:
        method = self._methods.get(name)
        try:
            return values.chart(self._schema, method.takes) if method is not None else None
        except values.UnusableRules:
            return None  # whoever tries to test the method says so
