"""The table of rules, audited as a whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wireproof.changes import kinds
from wireproof.changes.change import Added, Altered, Removed
from wireproof.rules.rule import Rule
from wireproof.rules.table import RULES
from wireproof.schema.breaking import RULES as BUF

CASES = Path(__file__).parent.parent / "cases"
IDS = [rule.id for rule in RULES]
SHAPES = (Added, Removed, Altered)


def test_ids_are_unique():
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_why_and_fix_are_whole_sentences(rule: Rule):
    """
    They stand alone in a report.
    """
    for text in (rule.why, rule.fix):
        assert re.fullmatch(r"[A-Z].*\.", text), text
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", rule.id)


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_has_a_witness_or_says_why_not(rule: Rule):
    """
    Whoever reads a finding without a message should know what it would have to show.
    """
    assert (rule.show is None) == bool(rule.unshown)


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_has_cases(rule: Rule):
    assert list((CASES / rule.id).glob("*/expected.yaml"))


def test_every_named_rule_of_buf_exists():
    """
    A name that buf does not know would never be joined.
    """
    assert {name for rule in RULES for name in rule.buf} <= BUF.keys()


def test_every_kind_of_change_is_exported_and_told_in_words():
    """
    A change that nobody can import, nobody can judge.
    """
    declared = {
        name
        for name in kinds.__all__
        if isinstance(getattr(kinds, name), type) and issubclass(getattr(kinds, name), SHAPES)
    }
    judged = {kind.__name__ for rule in RULES for kind in rule.on}
    assert judged <= declared
