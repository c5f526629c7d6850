"""Which lint rules run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.errors import UnknownName

if TYPE_CHECKING:
    from wireproof.lint.rule import LintRule


@dataclass(frozen=True, slots=True)
class LintPolicy:
    """All rules that are no matter of taste, those of *use*, none of *excepted*."""

    use: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()


DEFAULT = LintPolicy()


def rules_of(policy: LintPolicy) -> tuple[LintRule, ...]:
    """The rules that *policy* runs. Raises UnknownName for one that does not exist."""
    from wireproof.lint.table import RULES  # whoever only reads a configuration waits for no rule

    known = {rule.id for rule in RULES}
    for name in (*policy.use, *policy.excepted):
        if name not in known:
            raise UnknownName("lint rule", name, tuple(sorted(known)))
    return tuple(
        rule
        for rule in RULES
        if (rule.id in policy.use or not rule.opt_in) and rule.id not in policy.excepted
    )
