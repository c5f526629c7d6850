"""Every lint case on disk: which rule finds what."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cases.compiled import bundled, compiled
from wireproof.finding import Severity
from wireproof.lint.engine import governed
from wireproof.lint.policy import DEFAULT, LintPolicy, rules_of
from wireproof.lint.rule import LintRule
from wireproof.lint.table import RULES
from wireproof.schema.bundled import bundled_names
from wireproof.severities import DEFAULTS

ROOT = Path(__file__).parent / "cases"
CASES = sorted(path.parent for path in ROOT.rglob("expected.yaml"))
IDS = [rule.id for rule in RULES]


def expected(case: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((case / "expected.yaml").read_text())
    return found


def facts(case: Path, without: str = "") -> list[tuple[str, str]]:
    rules = rules_of(LintPolicy(use=tuple(expected(case).get("use", ()))))
    chosen = [rule for rule in rules if rule.id != without]
    return sorted({(f.id, f.subject) for f in governed(compiled(case, "schema.proto"), chosen)})


@pytest.mark.parametrize("case", CASES, ids=[f"{c.parent.name}/{c.name}" for c in CASES])
def test_a_case_comes_out_as_the_promise_says(case: Path):
    """
    Whole sets are compared, so a finding too many fails like one too few.
    """
    wanted = sorted((one["id"], one["subject"]) for one in expected(case)["findings"])
    assert facts(case) == wanted


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_every_rule_has_faulty_cases_and_harmless_look_alikes(rule: LintRule):
    """
    Without the rule its faulty cases are quiet.
    """
    own = [case for case in CASES if case.parent.name == rule.id]
    faulty = [case for case in own if expected(case)["findings"]]
    assert faulty
    assert len(own) > len(faulty)
    assert all(facts(case, rule.id) == [] for case in faulty)


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_why_and_fix_are_whole_sentences(rule: LintRule):
    """
    They stand alone in a report.
    """
    for text in (rule.why, rule.fix):
        assert re.fullmatch(r"[A-Z].*\.", text), text
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", rule.id)


def test_ids_are_unique_and_matters_of_taste_stop_nobody():
    """
    Whoever asks for one may raise it in the policy.
    """
    assert len(set(IDS)) == len(IDS)
    assert all(DEFAULTS[rule.id] is not Severity.ERROR for rule in RULES if rule.opt_in)


def test_google_s_own_protos_raise_no_alarm():
    """
    One field of theirs is deprecated without a word; nothing else in them is at fault.
    """
    schema = compiled(Path(bundled()), *sorted(bundled_names()))
    found = [(f.id, f.subject) for f in governed(schema, rules_of(DEFAULT))]
    subject = "google.api.CommonLanguageSettings.reference_docs_uri"
    assert found == [("DEPRECATED_WITHOUT_SUCCESSOR", subject)]
