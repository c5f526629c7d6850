"""What `test` found as one HTML page that needs nothing else: no script, no font, no network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wireproof.finding import Finding, Severity
from wireproof.report.alike import entries
from wireproof.report.test import unfinished_words
from wireproof.testing.outcome import MethodOutcome, TestReport
from wireproof.testing.required import totals
from wireproof.verdict import Verdict

_MISSED = 200
"""Missed goals of one method to list."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """One step of an exchange, as the page draws it."""

    kind: str
    """`send`, `receive`, `status` or `note`."""
    label: str
    payload: str = ""


def tested_html(report: TestReport, verdict: Verdict) -> str:
    """The page."""
    from jinja2 import Environment, PackageLoader  # heavy; only this report needs it

    pages = Environment(
        loader=PackageLoader("wireproof.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {"percent": _percent, "words": lambda name: name.replace("_", " ")}
    found = entries(verdict.findings)
    page: str = pages.get_template("test.html").render(
        report=report,
        verdict=verdict,
        counts={str(s): sum(entry.first.severity is s for entry in found) for s in Severity},
        totals=totals(report),
        unfinished=list(unfinished_words(report)),
        methods=[_method(report, method) for method in report.methods],
        entries=[(entry, list(_calls(entry.first))) for entry in found],
    )
    return page


def _percent(pair: tuple[int, int]) -> float:
    reached, of = pair
    return 100 * reached / of if of else 100.0


def _method(report: TestReport, method: MethodOutcome) -> dict[str, Any]:
    missed = report.missed.get(method.method, {})
    lines = [f"{what.replace('_', ' ')}: {goal}" for what, all_ in missed.items() for goal in all_]
    service, _, name = method.method.rpartition(".")
    return {
        "outcome": method,
        "service": service,
        "name": name,
        "coverage": report.coverage.get(method.method, {}),
        "missed": lines[:_MISSED],
        "more": max(len(lines) - _MISSED, 0),
        "total": sum(method.statuses.values()),
    }


def _calls(finding: Finding) -> Iterator[tuple[str, list[Arrow]]]:
    """The calls that show the finding, each with its steps, in the order of their making."""
    last = finding.exchange or {}
    for exchange in (*last.get("after", ()), last):
        if exchange:
            yield exchange["method"], list(_arrows(exchange))


def _arrows(exchange: Mapping[str, Any]) -> Iterator[Arrow]:
    for step in exchange.get("steps", ()):
        kind, what = next(iter(step.items()))
        if kind in ("send", "receive"):
            yield Arrow(kind, kind, _shown(what, step.get("bytes", "")))
        else:
            yield Arrow("note", kind)
    if more := exchange.get("more_steps"):
        yield Arrow("note", f"{more} more steps")
    status = exchange["status"]
    details = _json(status["details"]) if status.get("details") else ""
    yield Arrow("status", f"{status['code']} {status['message']}".strip(), details)


def _shown(what: Any, data: str) -> str:
    return _json(what) if what is not None else f"{data} (base64; it does not decode)"


def _json(what: Any) -> str:
    return json.dumps(what, indent=2, ensure_ascii=False)
