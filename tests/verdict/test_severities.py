"""The one table of default severities."""

from __future__ import annotations

from wireproof.checks import CHECKS
from wireproof.lint.table import RULES as LINT
from wireproof.rules.table import RULES
from wireproof.severities import DEFAULTS

OTHERS = {"FLAKY", "WAIVER_EXPIRED", "WAIVER_UNUSED"}


def test_every_row_is_of_a_rule_or_check():
    """
    A row for what nobody yields would decide nothing.
    """
    rules = {rule.id for rule in RULES} | {rule.id for rule in LINT}
    known = rules | {check.id for check in CHECKS}
    assert DEFAULTS.keys() - OTHERS <= known
