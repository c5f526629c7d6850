"""Which method tries a field first: to vary it again in another method shows much the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from wireproof.exchange import Method
from wireproof.testing.shapes import is_map


class Ground:
    """Every field of the requests of some methods, each for the first of them that has it."""

    def __init__(self, methods: Iterable[Method]) -> None:
        self._first: dict[str, str] = {}
        for method in methods:
            for name in _names(method.takes, set()):
                self._first.setdefault(name, method.full_name)

    def new(self, method: Method, path: str) -> bool:
        """Whether *method* is the first with the field at *path* (of no path: with the message)."""
        name = _element(method.takes, path)
        return self._first.get(name, method.full_name) == method.full_name

    def fields(self, method: Method) -> int:
        """How much *method* is the first to have, and one at least."""
        return max(1, sum(first == method.full_name for first in self._first.values()))


def _element(kind: Any, path: str) -> str:
    """The full name of the field at *path*, which may lead through lists and values of maps."""
    name: str = kind.full_name
    for step in path.split(".") if path else ():
        field = kind.fields_by_name.get(step)
        if field is None:
            return name
        name, kind = field.full_name, field.message_type
        if is_map(field):
            kind = kind.fields_by_name["value"].message_type
    return name


def _names(kind: Any, seen: set[str]) -> Iterator[str]:
    """The full names of a message, of its fields and of those below."""
    if kind.full_name in seen:
        return
    seen.add(kind.full_name)
    yield kind.full_name
    for field in kind.fields:
        yield field.full_name
        if field.message_type is not None:
            yield from _names(field.message_type, seen)
