"""One finding, as JSON and as text: every command's report is made of these."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from wireproof.finding import Finding, Location, Severity, Witness

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Worst first, the waived last, then by place."""
    return sorted(
        findings,
        key=lambda f: (f.waived is not None, _ORDER.index(f.severity), _place(f), f.subject),
    )


def _place(finding: Finding) -> tuple[str, int, int]:
    at = finding.location
    return (at.file, at.line or 0, at.column or 0) if at else ("", 0, 0)


def finding_json(finding: Finding) -> dict[str, Any]:
    """The finding as DESIGN's `diff` document writes it, the call that shows it added if any."""
    document: dict[str, Any] = {
        "id": finding.id,
        "buf": list(finding.buf),
        "engines": list(finding.engines),
        "surfaces": [str(surface) for surface in finding.surfaces],
        "breaks": [str(who) for who in finding.breaks],
        "module": finding.module,
        "subject": finding.subject,
        "promised": finding.promised,
        "found": finding.found,
        "severity": str(finding.severity),
        "message": finding.message,
        "why": finding.why,
        "fix": finding.fix,
        "location": _location_json(finding.location) if finding.location else None,
        "evidence": str(finding.evidence),
        "witness": _witness_json(finding.witness) if finding.witness else None,
        "consumers": list(finding.consumers),
        "fingerprint": finding.fingerprint,
        "waived": finding.waived,
    }
    if finding.exchange is not None:
        document |= {"exchange": dict(finding.exchange), "reproduce": list(finding.reproduce)}
    return document


def finding_text(finding: Finding, also: str = "") -> str:
    """The finding in words, for a terminal; *also* names what the same was found of."""
    place = f"{finding.location}: " if finding.location else ""
    surfaces = f" ({', '.join(finding.surfaces)})" if finding.surfaces else ""
    head = f"{place}{finding.severity} {finding.id}{surfaces}"
    more = [("also", f"{also} (each in the JSON report, with its fingerprint)")] if also else []
    rows = [f"  {label:<10}{text}" for label, text in (*more, *_rows(finding))]
    return "\n".join([head, f"  {finding.message or _facts(finding)}", *rows])


def witness_text(witness: Witness) -> str:
    """The witness in one line: the bytes, what was meant, and what its reader makes of it."""
    shown = f"{_spaced(witness.bytes)}: " if witness.bytes else ""
    note = f" ({witness.note})" if witness.note else ""
    written, read = _short(witness.written), _short(witness.read)
    return f"{shown}{witness.writer} writes {written}; {witness.reader} reads {read}{note}"


def _rows(finding: Finding) -> Iterator[tuple[str, str]]:
    if finding.why:
        yield "why", finding.why
    if finding.breaks:
        yield "breaks", ", ".join(finding.breaks)
    if finding.consumers:
        yield "consumers", ", ".join(finding.consumers)
    if finding.witness:
        yield "witness", witness_text(finding.witness)
    if finding.buf:
        yield "buf", ", ".join(finding.buf)
    if finding.fix:
        yield "fix", finding.fix
    for command in finding.reproduce:
        yield "reproduce", command
    if finding.waived is not None:
        yield "waived", finding.waived
    elif finding.severity is Severity.ERROR:
        yield "waive", f"wireproof waive {finding.fingerprint} --reason … --owner …"


def _facts(finding: Finding) -> str:
    return f"{finding.subject}: promised {finding.promised}, found {finding.found}"


def _witness_json(witness: Witness) -> dict[str, Any]:
    document = {
        "writer": witness.writer,
        "reader": witness.reader,
        "bytes": witness.bytes,
        "written": witness.written,
        "read": witness.read,
    }
    return document | ({"note": witness.note} if witness.note else {})


def _location_json(location: Location) -> dict[str, Any]:
    return {"file": location.file, "line": location.line, "column": location.column}


def _spaced(digits: str) -> str:
    pairs = [digits[i : i + 2] for i in range(0, len(digits), 2)]
    return " ".join(pairs if len(pairs) <= 16 else [*pairs[:16], "…"])


def _short(value: Any, limit: int = 120) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}


def annotation(finding: Finding) -> str:
    """The finding on its line, as a workflow command, as GitHub Actions documents them."""
    command = _COMMANDS[Severity.INFO if finding.waived else finding.severity]
    where = finding.location
    place = f"file={where.file},line={where.line or 1},col={where.column or 1}," if where else ""
    text = "".join(_ESCAPES.get(c, c) for c in finding_text(finding))
    return f"::{command} {place}title={finding.id}::{text}"
