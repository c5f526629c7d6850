"""What `test` found, as text and as JUnit's XML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from wireproof.finding import Finding, Severity
from wireproof.report.alike import Entry, entries
from wireproof.report.findings import finding_text
from wireproof.testing.outcome import TestReport
from wireproof.verdict import Verdict

_WIDE = 300  # characters of a message, in text
_BRIEF = 80  # characters of a message of an earlier call
_STEPS = 12  # steps of a call, in text
_NAMED = 12  # methods that one line names


def tested_text(report: TestReport, verdict: Verdict) -> str:
    """A line for each method (calls, how soon 95 % of them ended), the findings, the count."""
    found = entries(verdict.findings)
    parts = [
        "\n".join(_method_lines(report)),
        *(_finding_text(entry.first, entry.also) for entry in found),
        "\n".join(_summary(report, found)),
    ]
    return "\n\n".join(part for part in parts if part)


def _method_lines(report: TestReport) -> Iterator[str]:
    width = max((len(method.method) for method in report.methods), default=0)
    for method in report.methods:
        statuses = ", ".join(f"{code} {count}" for code, count in method.statuses.items())
        mark = "ok " if method.tested else "-- "
        if method.withheld:
            statuses = "not called: it may have side effects (--allow-writes)"
        elif not method.tested:
            statuses = f"{statuses or 'not called'} (untested: it never answered OK)"
        p95 = method.latency_ms.get("p95")
        took = f"{p95:>8.1f} ms" if p95 is not None else " " * 11
        yield f"{mark}{method.method:<{width}}  {method.calls:>6} {took}  {statuses}"


def _finding_text(finding: Finding, also: str = "") -> str:
    """The finding, a line for each call that led to it, and the last, a line for each step."""
    exchange = finding.exchange or {}
    lines = [finding_text(finding, also), *(_earlier(call) for call in exchange.get("after", ()))]
    steps = [_step(step) for step in exchange.get("steps", ())][:_STEPS]
    if exchange:
        status = exchange["status"]
        steps.append(f"status {status['code']} {_short(status['message'])}".rstrip())
    name = exchange["method"].rsplit(".", 1)[-1] if exchange else ""
    width = max(18, len(name) + 1)
    lines += [f"  {'' if at else name:<{width}}{step}" for at, step in enumerate(steps)]
    return "\n".join(lines)


def _earlier(call: Mapping[str, Any]) -> str:
    """A call before the last: its first request, its status, its first reply."""
    told = [_first(call, kind) for kind in ("send", "receive")]
    asked, answer = (_short(what, _BRIEF) if what is not None else "" for what in told)
    words = (call["method"].rsplit(".", 1)[-1], asked, "→", call["status"]["code"], answer)
    return "  after " + " ".join(word for word in words if word)


def _first(call: Mapping[str, Any], kind: str) -> Any:
    return next((step[kind] for step in call["steps"] if kind in step), None)


def _step(step: Mapping[str, Any]) -> str:
    kind, what = next(iter(step.items()))
    if kind in ("send", "receive") and what is None:
        return f"{kind} {step.get('bytes', '')} (base64)"
    return f"{kind} {_short(what)}" if what or kind in ("send", "receive") else str(kind)


def _short(what: Any, most: int = _WIDE) -> str:
    text = what if isinstance(what, str) else json.dumps(what, ensure_ascii=False)
    return text if len(text) <= most else text[:most] + "…"


def _summary(report: TestReport, entries: list[Entry]) -> Iterator[str]:
    counts = {level: [e for e in entries if e.first.severity is level] for level in Severity}
    found = ", ".join(_counted(level, of) for level, of in counts.items() if of) or "no findings"
    tested = sum(method.tested for method in report.methods)
    yield (
        f"{found}; {tested} of {len(report.methods)} methods tested, {report.calls} calls in "
        f"{report.duration_s:.1f} s, seed {report.seed}"
    )
    if coverage := _coverage(report):
        yield f"reached {coverage}"
    yield from (f"not tested: {note}" for note in report.notes)
    yield from (f"known, and no longer found: {words} (--update-baseline)" for words in report.gone)
    yield from unfinished_words(report)


def _counted(level: Severity, entries: list[Entry]) -> str:
    findings = sum(len(entry.findings) for entry in entries)
    more = f" ({findings} findings)" if findings > len(entries) else ""
    return f"{len(entries)} {level}{more}"


def unfinished_words(report: TestReport) -> Iterator[str]:
    """What the budget did not reach: a line for each phase that was cut short or never begun."""
    phases: dict[tuple[str, bool], list[str]] = {}
    for one in report.unfinished:
        phases.setdefault((one.phase, one.begun), []).append(one.method.rsplit(".", 1)[-1])
    for (phase, begun), methods in phases.items():
        named = _listed([name for name in methods if name])
        what = f"{phase} of {named}" if named else phase
        yield f"no budget left (--max-calls, --max-time): {what} {_BEGUN[begun]}"
    if report.spent and not phases:
        yield "the budget was spent (--max-calls, --max-time); every phase had its share"


def _listed(names: list[str]) -> str:
    left = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {left} more" if left > 0 else "")


_BEGUN = {True: "was cut short", False: "was not begun"}


def coverage_totals(report: TestReport) -> dict[str, tuple[int, int]]:
    """What → reached, all, over all methods; status codes apart."""
    totals: dict[str, tuple[int, int]] = {}
    for figures in report.coverage.values():
        for what, (reached, of) in figures.items():
            if what != "status_codes":
                before = totals.get(what, (0, 0))
                totals[what] = (before[0] + reached, before[1] + of)
    return totals


def _coverage(report: TestReport) -> str:
    return ", ".join(
        f"{what.replace('_', ' ')} {reached}/{of}"
        for what, (reached, of) in coverage_totals(report).items()
        if of
    )


def tested_junit(report: TestReport, verdict: Verdict) -> str:
    """JUnit's XML: a case for each method, a failure for each finding that stops."""
    suite = ET.Element("testsuite", name=f"wireproof {report.target}", time=f"{report.duration_s}")
    failures = 0
    for method in report.methods:
        service, name = method.method.rsplit(".", 1)
        case = ET.SubElement(suite, "testcase", classname=service, name=name)
        mine = [f for f in verdict.findings if f.subject.partition(":")[0] == method.method]
        if not method.tested and not mine:
            ET.SubElement(case, "skipped", message="it never answered OK")
        for finding in mine:
            _junit_finding(case, finding, stops=finding in verdict.stopping)
            failures += finding in verdict.stopping
    suite.set("tests", str(len(report.methods)))
    suite.set("failures", str(failures))
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)


def _junit_finding(case: ET.Element, finding: Finding, *, stops: bool) -> None:
    if stops:
        node = ET.SubElement(case, "failure", type=finding.id, message=finding.message)
    else:
        node = ET.SubElement(case, "system-out")
    node.text = _printable(_finding_text(finding))


def _printable(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return "".join(c if c in "\t\n" or c >= " " else "\N{REPLACEMENT CHARACTER}" for c in text)
