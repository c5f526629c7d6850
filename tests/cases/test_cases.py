"""Every case on disk: what breaks, for whom, where, and how sure it is."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from tests.cases.compiled import Case, cases
from wireproof.finding import Finding, Severity
from wireproof.rules import Comparison
from wireproof.rules.history import compare_history
from wireproof.rules.table import RULES

CASES = cases()
NAMES = [case.name for case in CASES]


@cache
def compared(case: Case, without: str = "") -> Comparison:
    rules = tuple(rule for rule in RULES if rule.id != without)
    mode, profile = case.expected.get("mode", "rpc"), case.expected.get("profile", "bytes")
    return compare_history(
        case.schemas(),
        mode=mode,
        profile=profile,
        engines=("wireproof",),
        rules=rules,
        promises=case.expected.get("promises", ()),
        stored=case.expected.get("stored", ()),
    )


def facts(finding: Finding, wanted: dict[str, Any]) -> dict[str, Any]:
    """Of *finding*, what the case speaks of."""
    told: dict[str, Any] = {"id": finding.id, "subject": finding.subject}
    told |= {"evidence": str(finding.evidence)} if "evidence" in wanted else {}
    for key in ("surfaces", "breaks"):
        if key in wanted:
            told[key] = [str(one) for one in getattr(finding, key)]
    return told


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_case_comes_out_as_the_specification_says(case: Case):
    """
    Whole sets are compared, so a finding too many fails like one too few.
    """
    expected = case.expected
    comparison = compared(case)
    wanted = {(one["id"], one["subject"]): one for one in expected["findings"]}
    found = {
        (f.id, f.subject): facts(f, wanted.get((f.id, f.subject), {})) for f in comparison.findings
    }
    assert found == wanted
    assert str(comparison.bump) == expected["bump"]


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_every_rule_is_needed(rule: Any):
    """
    Without the rule one of its own cases comes out otherwise.
    """
    own = [case for case in CASES if case.path.parent.name == rule.id]
    assert own, f"{rule.id} has no case folder"
    assert any(_names(compared(case)) != _names(compared(case, rule.id)) for case in own)


def _names(comparison: Comparison) -> list[tuple[str, str, Severity]]:
    return [(f.id, f.subject, f.severity) for f in comparison.findings]
