"""buf as an independent oracle: its verdict stands beside ours, each difference with its reason."""

from __future__ import annotations

from tests.cases.compiled import cases
from tests.cases.oracle import verdicts
from tests.cases.test_cases import compared
from wireproof.finding import Severity

CASES = [case for case in cases() if case.expected.get("buf") != "cannot read it"]


def test_buf_says_what_is_recorded():
    """
    The record is buf's own word under its default rules (FILE), not ours.
    """
    recorded = {case.name: case.expected["buf"] for case in CASES}
    assert verdicts(CASES) == recorded


def test_every_difference_from_buf_has_its_reason():
    """
    Where one of the two lets a change pass that the other stops, the case says why.
    """
    unexplained = [
        case.name
        for case in CASES
        if bool(case.expected["buf"]) != _stops(compared(case).findings)
        and not case.expected.get("differs")
    ]
    assert unexplained == []


def _stops(findings: object) -> bool:
    return any(f.severity is Severity.ERROR for f in findings)  # type: ignore[attr-defined]
