"""What the gate found, stage by stage."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wireproof.finding import Finding


class Outcome(StrEnum):
    """How one stage ended."""

    PASSED = "passed"
    FAILED = "failed"
    COULD_NOT_RUN = "could not run"
    NOT_CONFIGURED = "not configured"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the gate."""

    name: str
    outcome: Outcome
    seconds: float
    findings: tuple[Finding, ...] = ()
    words: str = ""
    """What it looked at, or why it could not run."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the comparison: where it came from, and its digest."""

    source: str
    digest: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class GateReport:
    """The gate's answer."""

    bases: tuple[Side, ...]
    """What the change was held against: the merge base, the last release."""
    head: Side | None
    bump: str
    stages: tuple[Stage, ...]

    @property
    def verdict(self) -> str:
        failed = any(stage.outcome is Outcome.FAILED for stage in self.stages)
        return "breaking" if failed else "unknown" if self.stuck else "compatible"

    @property
    def stuck(self) -> tuple[Stage, ...]:
        """The stages that could not run."""
        return tuple(stage for stage in self.stages if stage.outcome is Outcome.COULD_NOT_RUN)

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings, 2 could not run; where both hold, 1 wins."""
        if any(stage.outcome is Outcome.FAILED for stage in self.stages):
            return 1
        return 2 if self.stuck else 0
