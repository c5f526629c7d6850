"""`google.api.http` as request lines, and where each field of a request travels in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

_VERBS = ("get", "put", "post", "delete", "patch")
PATH, QUERY, BODY = "the path", "query", "body"


class Binding(NamedTuple):
    """One way to call a method over HTTP."""

    verb: str
    path: str
    body: str = ""
    response_body: str = ""

    def __str__(self) -> str:
        body = f" body {self.body}" if self.body else ""
        answer = f" response_body {self.response_body}" if self.response_body else ""
        return f"{self.verb} {self.path}{body}{answer}"

    def places(self, fields: Iterable[str], variables: Iterable[str]) -> Mapping[str, str]:
        """Field of the request → where it travels.

        A variable may fill a part of a field (`book.name`): the rest travels as the field would.
        """
        filled = set(variables)
        return {name: PATH if name in filled else self._place(name) for name in fields}

    def _place(self, name: str) -> str:
        if self.body == "*":
            return f"the {BODY}, as {name}"
        return f"the whole {BODY}" if name == self.body else f"the {QUERY}"


def bindings(rule: Any) -> tuple[Binding, ...]:
    """Every binding of an HttpRule (None has none), the first one first."""
    if rule is None:
        return ()
    verb, path = _pattern(rule)
    first = Binding(verb, path, rule.body, getattr(rule, "response_body", ""))
    more = (binding for other in rule.additional_bindings for binding in bindings(other))
    return (first, *more) if path else tuple(more)


def _pattern(rule: Any) -> tuple[str, str]:
    chosen = rule.WhichOneof("pattern")
    if chosen == "custom":
        return rule.custom.kind.upper(), rule.custom.path
    return (chosen.upper(), getattr(rule, chosen)) if chosen in _VERBS else ("", "")
