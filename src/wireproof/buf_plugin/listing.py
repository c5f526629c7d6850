"""Write `rules.json`, the list of rules that buf is shown.

Run `python -m wireproof.buf_plugin.listing` after adding a rule or changing
what one says of itself.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from wireproof.buf_plugin.offer import LINT, LISTING, PREFIX, Offered
from wireproof.lint.rule import LintRule
from wireproof.lint.table import RULES as LINT_RULES
from wireproof.rules import promises
from wireproof.rules.rule import Rule
from wireproof.rules.table import RULES
from wireproof.severities import DEFAULTS


def listed() -> tuple[Offered, ...]:
    """The rules of the table as buf is to be shown them, by id."""
    both = (*map(_offered, RULES), *map(_linting, LINT_RULES))
    return tuple(sorted(both, key=lambda one: one.id))


def _linting(rule: LintRule) -> Offered:
    category = "WIREPROOF_TASTE" if rule.opt_in else "WIREPROOF_LINT"
    default = not rule.opt_in and rule.id not in DEFAULTS
    return Offered(PREFIX + rule.id, (category,), default, rule.why, LINT)


def _offered(rule: Rule) -> Offered:
    breaks = rule.id not in DEFAULTS
    return Offered(PREFIX + rule.id, tuple(_categories(rule, breaks)), breaks, rule.why)


def _categories(rule: Rule, breaks: bool) -> list[str]:
    if not breaks:
        return ["WIREPROOF_WARNING"]
    found = ["WIREPROOF"]
    if not rule.buf:
        found.append("WIREPROOF_EXTRA")
    if rule in promises.RULES:
        found.append("WIREPROOF_PROMISE")
    return found


def text() -> str:
    """The file, one rule a line, so that a change of one is a change of one line."""
    rows = (json.dumps(asdict(rule)) for rule in listed())
    return "[\n" + ",\n".join(rows) + "\n]\n"


if __name__ == "__main__":
    LISTING.write_text(text(), encoding="utf-8")
