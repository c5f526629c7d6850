"""What `test` found as JSON, and a report read back from it: shards are joined by their reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from wireproof.errors import MalformedFile
from wireproof.finding import Evidence, Finding, Severity, Surface
from wireproof.report.findings import finding_json, in_order
from wireproof.testing.outcome import MethodOutcome, TestReport
from wireproof.testing.reach import STATUS_CODES
from wireproof.testing.rounds import Unfinished
from wireproof.verdict import Verdict

FORMAT_VERSION = 1


def tested_json(report: TestReport, verdict: Verdict) -> str:
    """The `test` document of DESIGN."""
    document = {
        "format_version": FORMAT_VERSION,
        "target": report.target,
        "seed": report.seed,
        "shard": report.shard or None,
        "calls": report.calls,
        "duration_s": report.duration_s,
        "first_call": report.first_call,
        "verdict": verdict.word,
        "stopped": report.stopped or None,
        "spent": report.spent,
        "unfinished": [asdict(one) for one in report.unfinished],
        "notes": list(report.notes),
        "gone": list(report.gone),
        "methods": [_method_json(method) for method in report.methods],
        "coverage": {method: _coverage_json(report, method) for method in report.coverage},
        "findings": [finding_json(finding) for finding in in_order(verdict.findings)],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _method_json(method: MethodOutcome) -> dict[str, Any]:
    document: dict[str, Any] = {
        "method": method.method,
        "style": method.style,
        "calls": method.calls,
        "statuses": dict(method.statuses),
        "tested": method.tested,
        "latency_ms": dict(method.latency_ms),
    }
    if method.withheld:
        document["withheld"] = True
    return document


def _coverage_json(report: TestReport, method: str) -> dict[str, Any]:
    """Reached and all; besides what was missed, and of status codes what was seen."""
    missed = report.missed.get(method, {})
    document: dict[str, Any] = {
        what: {"reached": reached, "all": of, "missed": list(missed.get(what, ()))}
        for what, (reached, of) in report.coverage[method].items()
    }
    if STATUS_CODES in document:
        del document[STATUS_CODES]["missed"]
        document[STATUS_CODES]["seen"] = list(report.codes.get(method, ()))
    return document


def read_report(path: Path) -> TestReport:
    """The report that `wireproof test --format json` wrote. Raises MalformedFile."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said["format_version"] != FORMAT_VERSION:
            reason = f"format_version {said['format_version']} is not {FORMAT_VERSION}"
            raise MalformedFile(str(path), None, reason)
        return _report(said)
    except OSError as error:
        raise MalformedFile(str(path), None, error.strerror or str(error)) from None
    except json.JSONDecodeError as error:
        raise MalformedFile(str(path), error.lineno, "it is no JSON") from None
    except (KeyError, TypeError, ValueError, AttributeError):
        reason = "it is no report of `wireproof test --format json`"
        raise MalformedFile(str(path), None, reason) from None


def _report(said: Mapping[str, Any]) -> TestReport:
    coverage: Mapping[str, Any] = said["coverage"]
    return TestReport(
        target=said["target"],
        seed=said["seed"],
        calls=said["calls"],
        duration_s=said["duration_s"],
        methods=tuple(map(_method, said["methods"])),
        findings=tuple(map(_finding, said["findings"])),
        coverage={
            method: {what: (row["reached"], row["all"]) for what, row in rows.items()}
            for method, rows in coverage.items()
        },
        missed={
            method: {what: tuple(row["missed"]) for what, row in rows.items() if "missed" in row}
            for method, rows in coverage.items()
        },
        codes={method: tuple(rows[STATUS_CODES]["seen"]) for method, rows in coverage.items()},
        stopped=said["stopped"] or "",
        notes=tuple(said["notes"]),
        first_call=said["first_call"],
        spent=said["spent"],
        unfinished=tuple(Unfinished(**one) for one in said["unfinished"]),
        shard=said["shard"] or "",
        gone=tuple(said["gone"]),
    )


def _method(said: Mapping[str, Any]) -> MethodOutcome:
    return MethodOutcome(
        method=said["method"],
        style=said["style"],
        calls=said["calls"],
        statuses=said["statuses"],
        tested=said["tested"],
        withheld=said.get("withheld", False),
        latency_ms=said["latency_ms"],
    )


def _finding(said: Mapping[str, Any]) -> Finding:
    return Finding(
        id=said["id"],
        subject=said["subject"],
        promised=said["promised"],
        found=said["found"],
        severity=Severity(said["severity"]),
        message=said["message"],
        why=said["why"],
        fix=said["fix"],
        surfaces=tuple(map(Surface, said["surfaces"])),
        evidence=Evidence(said["evidence"]),
        exchange=said.get("exchange"),
        reproduce=tuple(said.get("reproduce", ())),
    )
