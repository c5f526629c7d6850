"""What a repository decided: which findings weigh how much, and which of them stop a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wireproof.finding import Finding, Severity

ENGINES = ("buf", "wireproof")
_WEIGHTS = (Severity.INFO, Severity.WARNING, Severity.ERROR)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of judgement; the empty policy is the default one."""

    severities: Mapping[str, Severity] = field(default_factory=dict)
    """Finding id → severity, instead of its own."""
    fail_on: Severity = Severity.ERROR
    """Findings at or above it stop a change."""
    engines: tuple[str, ...] = ENGINES
    """Whose findings may stop a change; those of others are told as `info`."""

    def severity(self, finding: Finding) -> Severity:
        if not set(self.engines) & set(finding.engines):
            return Severity.INFO
        return self.severities.get(finding.id) or finding.severity

    def stops(self, finding: Finding) -> bool:
        """Whether *finding*, its severity decided, stops a change."""
        at_least = _WEIGHTS.index(finding.severity) >= _WEIGHTS.index(self.fail_on)
        return at_least and finding.waived is None
