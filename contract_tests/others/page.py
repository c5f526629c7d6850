"""What was found at servers that others wrote, as a table of one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from wireproof.finding import Finding
from wireproof.testing import TestReport

Told = Callable[[str, TestReport], TestReport]
"""Takes down the report of a server under a name, and gives it back."""


def table_rows(server: str, report: TestReport) -> Iterator[str]:
    """A row for each method, the findings about a whole service beside its first."""
    left = list(report.findings)
    for outcome in report.methods:
        service, name = outcome.method.rsplit(".", 2)[-2:]
        whole = f"{outcome.method.rpartition('.')[0]}:"
        mine = [f for f in left if f.subject.startswith((outcome.method, whole))]
        left = [finding for finding in left if finding not in mine]
        accepted = sum(outcome.statuses.get(code, 0) for code in ("OK", "open"))
        shown = accepted if outcome.tested else "untested"
        cells = (server, f"`{service}.{name}`", str(shown), str(outcome.calls), _ids(mine))
        yield f"| {' | '.join(cells)} |"


def _ids(findings: Iterable[Finding]) -> str:
    counts = Counter(finding.id for finding in findings)
    told = (f"`{id_}`" + (f" ({n})" if n > 1 else "") for id_, n in sorted(counts.items()))
    return ", ".join(told) or "-"


def with_rows(page: str, rows: Sequence[str]) -> str:
    """The *page* with other rows in its table."""
    lines = page.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("| ---")) + 1
    last = next(n for n, line in enumerate(lines[first:], first) if not line.startswith("|"))
    return "\n".join([*lines[:first], *rows, *lines[last:]]) + "\n"
