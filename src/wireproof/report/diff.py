"""The report of a comparison, as text and as the JSON that others script against."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from wireproof.changes.change import Change
from wireproof.report.alike import entries
from wireproof.report.findings import finding_json, finding_text, in_order
from wireproof.rules.engine import Comparison
from wireproof.verdict import Verdict

FORMAT_VERSION = 1


def diff_json(comparison: Comparison, verdict: Verdict) -> dict[str, Any]:
    """DESIGN's `diff` document."""
    return {
        "format_version": FORMAT_VERSION,
        "old": {"source": comparison.old.source, "digest": comparison.old.digest},
        "new": {"source": comparison.new.source, "digest": comparison.new.digest},
        "mode": comparison.mode,
        "profile": comparison.profile,
        "verdict": verdict.word,
        "bump": str(comparison.bump),
        "changes": [_change_json(change, comparison) for change in comparison.changes],
        "findings": [finding_json(finding) for finding in in_order(verdict.findings)],
    }


def dumped(document: dict[str, Any]) -> str:
    """A document as JSON, one entry of each list a line: large ones are written ten times faster
    than indented, and a difference of two of them is a difference of lines.
    """
    return "{\n" + ",\n".join(f"{_dump(k)}: {_listed(v)}" for k, v in document.items()) + "\n}"


def _listed(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _dump(value)
    return "[\n" + ",\n".join(f"  {_dump(one)}" for one in value) + "\n]"


_dump = json.JSONEncoder(ensure_ascii=False).encode  # made once: a large document has many lines


def diff_text(comparison: Comparison, verdict: Verdict) -> str:
    """What changed, what breaks and for whom, in words."""
    return "\n".join(_lines(comparison, verdict))


def _change_json(change: Change, comparison: Comparison) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "subject": change.subject,
        "words": change.words,
        "bump": str(comparison.bump_of(change)),
    }


def _lines(comparison: Comparison, verdict: Verdict) -> Iterator[str]:
    schemas = (comparison.old, *comparison.between, comparison.new)
    yield " → ".join(schema.source for schema in schemas)
    if comparison.changes:
        yield ""
        yield "Changes"
    for change in comparison.changes:
        yield f"  {comparison.bump_of(change):<6} {change.subject}: {change.words}"
    for entry in entries(verdict.findings):
        yield ""
        yield finding_text(entry.first, entry.also)
    yield ""
    yield _summary(comparison, verdict)


def _summary(comparison: Comparison, verdict: Verdict) -> str:
    count = len(comparison.changes)
    changes = f"{count} change{'' if count == 1 else 's'}" if count else "no change"
    stopping = len(verdict.stopping)
    stops = f", {stopping} finding{'' if stopping == 1 else 's'} that stop it" if stopping else ""
    return f"{verdict.word}: {changes}{stops}; version: {comparison.bump}"
