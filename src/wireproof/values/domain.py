"""A domain: the values that the rules of one field allow, and those that they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from wireproof.values.source import Source

Edge = tuple[str, Any]
"""A value, after the word for what is special about it."""


class Domain(Protocol):
    """The values of one place, constructed. What a domain offers is checked by its user."""

    def pick(self, source: Source) -> Any:
        """A value that the rules allow, as *source* chooses."""

    def edges(self) -> Iterator[Edge]:
        """Values at the rims of what is allowed, and those that often break code."""

    def breaks(self) -> Iterator[Any]:
        """Values that some rule refuses, those just outside first."""


@dataclass(frozen=True, slots=True)
class Pool:
    """A few values, simplest first, and a few that are refused."""

    values: tuple[Any, ...]
    refused: tuple[Any, ...] = ()
    names: tuple[str, ...] = ()

    def pick(self, source: Source) -> Any:
        last = len(self.values) - 1
        return self.values[source.integer(0, last, 0) if last else 0]

    def edges(self) -> Iterator[Edge]:
        names = self.names or tuple(f"value {value!r}"[:60] for value in self.values)
        return iter(tuple(zip(names, self.values, strict=True)))

    def breaks(self) -> Iterator[Any]:
        return iter(self.refused)
