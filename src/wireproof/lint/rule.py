"""What a lint rule is: a row over one kind of element, and the fault that it yields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wireproof.lint.linted import Linted


@dataclass(frozen=True, slots=True)
class Fault:
    """What a well-made schema would say, and what this one says."""

    promised: str
    found: str
    at: Any = None
    """The element to look at, where it is not the one that was judged."""


Check = Callable[[Any, "Linted"], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class LintRule:
    """A row: *check* is a pure function over one element of the kind *on*."""

    id: str
    on: tuple[type, ...]
    check: Check
    says: str
    """With {subject}, {promised} and {found}."""
    why: str
    fix: str
    buf: tuple[str, ...] = ()
    """The rules of buf's lint that may say the same."""
    opt_in: bool = False
    """Whether it is a matter of taste: it runs only where `lint.use` names it."""
