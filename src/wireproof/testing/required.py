"""The coverage of the schema that a user requires of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wireproof.errors import UnknownName, WireproofError
from wireproof.finding import Evidence, Finding, Severity
from wireproof.testing.outcome import TestReport
from wireproof.testing.reach import KINDS

ALL = "all"
"""Fields, enum values, oneof branches and rules together."""
METHODS = "methods"
"""Methods that answered OK at least once."""
KNOWN = (ALL, METHODS, *KINDS)

Required = Mapping[str, float]
"""What → percent."""


class UnusableCoverage(WireproofError):
    """A requirement that nobody can read."""


def required(text: str) -> Required:
    """What a user wrote: `80`, or `fields=90,rules=80`. Raises UnknownName, UnusableCoverage."""
    wanted: dict[str, float] = {}
    for part in text.split(","):
        name, equals, percent = part.rpartition("=")
        name = name.strip().replace("-", "_") if equals else ALL
        if name not in KNOWN:
            raise UnknownName("coverage (--require-coverage)", name, KNOWN)
        try:
            wanted[name] = float(percent.strip().removesuffix("%"))
        except ValueError:
            reason = f"{part!r} must be a percentage, or NAME=PERCENT of {', '.join(KNOWN)}"
            raise UnusableCoverage(f"--require-coverage: {reason}") from None
        if not 0 <= wanted[name] <= 100:
            raise UnusableCoverage(f"--require-coverage: {part!r} is not between 0 and 100")
    return wanted


def totals(report: TestReport) -> dict[str, tuple[int, int]]:
    """What → reached, all, over the methods of the run."""
    found = {
        what: (
            sum(rows[what][0] for rows in report.coverage.values() if what in rows),
            sum(rows[what][1] for rows in report.coverage.values() if what in rows),
        )
        for what in KINDS
    }
    methods = sum(m.tested for m in report.methods), len(report.methods)
    pairs = list(found.values())
    return {
        ALL: (sum(reached for reached, _ in pairs), sum(of for _, of in pairs)),
        METHODS: methods,
        **found,
    }


def lacking(report: TestReport, wanted: Required) -> Iterator[Finding]:
    """A finding for each requirement that the run did not meet."""
    figures = totals(report)
    for what, percent in wanted.items():
        reached, of = figures[what]
        share = 100 * reached / of if of else 100.0
        if share < percent:
            words = "everything" if what == ALL else what.replace("_", " ")
            yield Finding(
                id="COVERAGE_BELOW_REQUIRED",
                subject=what,
                promised=f"{percent:g} % reached",
                found=f"{share:.1f} % ({reached} of {of})",
                severity=Severity.ERROR,
                message=f"{share:.1f} % of {words} was reached, {percent:g} % is required",
                why="What no call reaches is not tested, however green the report.",
                fix="Raise --max-calls; the JSON report lists what was `missed`.",
                evidence=Evidence.DERIVED,
            )
