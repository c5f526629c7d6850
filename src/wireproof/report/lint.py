"""The report of `wireproof lint`, as text, JSON, Markdown and GitHub annotations."""

from __future__ import annotations

from collections.abc import Callable

from wireproof.finding import Severity
from wireproof.report.diff import FORMAT_VERSION, dumped
from wireproof.report.findings import annotation, finding_json, finding_text, in_order
from wireproof.schema.schema import Schema
from wireproof.verdict import Verdict


def lint_json(schema: Schema, verdict: Verdict) -> str:
    """The `lint` document."""
    return dumped(
        {
            "format_version": FORMAT_VERSION,
            "source": schema.source,
            "digest": schema.digest,
            "verdict": _word(verdict),
            "findings": [finding_json(finding) for finding in in_order(verdict.findings)],
        }
    )


def lint_text(schema: Schema, verdict: Verdict) -> str:
    """The findings, worst first, then how many there are."""
    findings = [f"{finding_text(one)}\n" for one in in_order(verdict.findings)]
    return "\n".join([*findings, f"{schema.source}: {_summary(verdict)}"])


def lint_markdown(schema: Schema, verdict: Verdict) -> str:
    """The same for a page that renders Markdown."""
    findings = [f"```text\n{finding_text(one)}\n```\n" for one in in_order(verdict.findings)]
    head = f"## Wireproof lint: {_word(verdict)}"
    return "\n".join([head, "", *findings, f"{schema.source}: {_summary(verdict)}", ""])


def lint_github(schema: Schema, verdict: Verdict) -> str:
    """Annotations on the lines, then the text."""
    return "\n".join([*map(annotation, in_order(verdict.findings)), lint_text(schema, verdict)])


def _word(verdict: Verdict) -> str:
    return "failed" if verdict.stopping else "passed"


def _summary(verdict: Verdict) -> str:
    shown = [f for f in verdict.findings if f.waived is None]
    counts = {level: sum(f.severity is level for f in shown) for level in Severity}
    told = [f"{n} {level}{'' if n == 1 else 's'}" for level, n in counts.items() if n]
    waived = len(verdict.findings) - len(shown)
    told += [f"{waived} waived"] if waived else []
    return f"{_word(verdict)}: {', '.join(told) or 'nothing found'}"


FORMATS: dict[str, Callable[[Schema, Verdict], str]] = {
    "text": lint_text,
    "json": lint_json,
    "markdown": lint_markdown,
    "github": lint_github,
}
