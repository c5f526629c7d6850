"""The gate's answer as text, JSON, Markdown (a job summary) and GitHub annotations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from wireproof.finding import Finding, Severity
from wireproof.report.alike import Entry, entries
from wireproof.report.findings import annotation, finding_json, finding_text, in_order
from wireproof.verdict.stages import GateReport, Side, Stage


def gate_json(report: GateReport) -> str:
    """The `gate` document."""
    sides = [asdict(side) for side in report.bases]
    document = {
        "format_version": 1,
        "verdict": report.verdict,
        "bump": report.bump,
        "base": sides[0] if sides else None,
        "also_held_against": sides[1:],
        "head": asdict(report.head) if report.head else None,
        "stages": [_stage_json(stage) for stage in report.stages],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def gate_text(report: GateReport) -> str:
    """One table, then the findings, then the verdict."""
    findings = [finding_text(entry.first, entry.also) for entry in _entries(report)]
    return "\n".join(
        [*_held(report), "", *_table(report), "", *_separated(findings), _verdict(report)]
    )


def gate_markdown(report: GateReport) -> str:
    """The same for a page that renders Markdown."""
    rows = [
        f"| {stage.name} | {stage.outcome} | {stage.seconds:.1f} s | {_summary(stage)} |"
        for stage in report.stages
    ]
    table = ["| stage | outcome | time | |", "| --- | --- | ---: | --- |", *rows]
    told = (finding_text(entry.first, entry.also) for entry in _entries(report))
    findings = [f"```text\n{text}\n```\n" for text in told]
    held = [f"- {line}" for line in _held(report)]
    head = f"## Wireproof: {report.verdict}"
    return "\n".join([head, "", *table, "", *held, "", *findings, f"**{_verdict(report)}**", ""])


def gate_github(report: GateReport) -> str:
    """Annotations on the changed lines, then the text."""
    return "\n".join([*(annotation(finding) for finding in _told(report)), gate_text(report)])


FORMATS: dict[str, Callable[[GateReport], str]] = {
    "text": gate_text,
    "json": gate_json,
    "markdown": gate_markdown,
    "github": gate_github,
}


def _held(report: GateReport) -> Iterator[str]:
    if report.head:
        yield f"schema   {_side(report.head)}"
    for side in report.bases:
        yield f"against  {_side(side)}"


def _side(side: Side) -> str:
    words = f", {side.words}" if side.words else ""
    return f"{side.source} ({side.digest[:19]}{words})"


def _table(report: GateReport) -> Iterator[str]:
    yield f"{'stage':<10} {'outcome':<15} {'time':>7}"
    for stage in report.stages:
        row = f"{stage.name:<10} {stage.outcome:<15} {stage.seconds:>5.1f} s  {_summary(stage)}"
        yield row.rstrip()


def _summary(stage: Stage) -> str:
    counts = [
        f"{count} {severity}{'s' if count > 1 else ''}"
        for severity in Severity
        if (count := sum(f.severity is severity and not f.waived for f in stage.findings))
    ]
    if waived := sum(f.waived is not None for f in stage.findings):
        counts.append(f"{waived} waived")
    return "; ".join(filter(None, [", ".join(counts), stage.words]))


def _verdict(report: GateReport) -> str:
    if report.stuck:
        names = ", ".join(stage.name for stage in report.stuck)
        return f"verdict: {report.verdict} (could not run: {names})"
    return f"verdict: {report.verdict}, bump: {report.bump}"


def _entries(report: GateReport) -> list[Entry]:
    return entries(_told(report))


def _told(report: GateReport) -> list[Finding]:
    return in_order(finding for stage in report.stages for finding in stage.findings)


def _separated(blocks: list[str]) -> Iterator[str]:
    for block in blocks:
        yield block
        yield ""


def _stage_json(stage: Stage) -> dict[str, Any]:
    return {
        "name": stage.name,
        "outcome": str(stage.outcome),
        "seconds": round(stage.seconds, 3),
        "words": stage.words,
        "findings": [finding_json(finding) for finding in in_order(stage.findings)],
    }
