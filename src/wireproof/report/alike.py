"""Findings of one cause as one entry: the same check, method and answer, of several fields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wireproof.finding import Finding
from wireproof.report.findings import in_order

_OF = ": "
"""Between a method and the field of it that a finding is about."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding that is shown whole, and those that say the same of other fields."""

    first: Finding
    others: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them."""
        return (self.first, *self.others)

    @property
    def also(self) -> str:
        """The other fields in a line, each with what was promised of it where that differs."""
        return ", ".join(self._named(one) for one in self.others)

    def _named(self, finding: Finding) -> str:
        _, of, field = finding.subject.partition(_OF)
        name = field if of else "the message as a whole"
        return name if finding.promised == self.first.promised else f"{name} ({finding.promised})"


def entries(findings: Iterable[Finding]) -> list[Entry]:
    """The findings in order, each cause once.

    Only what calls have shown is joined: two places in a schema are mended one by one.
    """
    groups: dict[object, list[Finding]] = {}
    for finding in in_order(findings):
        method = finding.subject.partition(_OF)[0]
        facts = (finding.id, method, finding.found, finding.severity, finding.waived)
        cause = facts if finding.exchange is not None else id(finding)
        groups.setdefault(cause, []).append(finding)
    return [Entry(first, tuple(others)) for first, *others in groups.values()]
