"""What is known of a server that others wrote, and a report held to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from wireproof.finding import Finding
from wireproof.testing import TestReport


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that the other server really does wrong."""

    id: str
    subject: str
    """As the finding has it; `*` stands for any text."""
    why: str
    """What it departs from."""

    def explains(self, finding: Finding) -> bool:
        """Whether *finding* is this one."""
        return finding.id == self.id and fnmatchcase(finding.subject, self.subject)


@dataclass(frozen=True, slots=True)
class Known:
    """What to expect of a server."""

    faults: tuple[Fault, ...] = ()
    untested: Mapping[str, str] = field(default_factory=dict)
    """Method that may never answer OK → why."""
    dies: str = ""
    """The method whose call really ends the server, and with it the run; empty for none."""


def surprises(report: TestReport, known: Known) -> list[str]:
    """Where *report* and what is known part, a sentence each."""
    return [
        *(f"found: {one.id} {one.subject}: {one.message}" for one in _unexplained(report, known)),
        *(
            f"not found: {one.id} {one.subject}"
            for one in known.faults
            if not any(one.explains(finding) for finding in report.findings)
        ),
        *(f"never OK: {name}" for name in report.untested if name not in known.untested),
        *_ended(report, known),
    ]


def _ended(report: TestReport, known: Known) -> list[str]:
    if known.dies and known.dies not in report.stopped:
        return [f"it lives: {known.dies} ended it before"]
    return [report.stopped] if report.stopped and not known.dies else []


def _unexplained(report: TestReport, known: Known) -> list[Finding]:
    explained = [f for f in report.findings if any(one.explains(f) for one in known.faults)]
    return [finding for finding in report.findings if finding not in explained]
