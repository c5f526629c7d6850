"""Write `rules.json`, the list of rules that buf is shown.

Run `python -m wireproof.buf_plugin.listing` after adding a rule or changing
what one says of itself.
"""

from __future__ import annotations

import json

from wireproof.buf_plugin.offer import LISTING, PREFIX, Offered
from wireproof.rules import promises
from wireproof.rules.rule import Rule
from wireproof.rules.severities import WEIGHTS
from wireproof.rules.table import RULES


def listed() -> tuple[Offered, ...]:
    """The rules of the table as buf is to be shown them, by id."""
    return tuple(sorted((_offered(rule) for rule in RULES), key=lambda one: one.id))


def _offered(rule: Rule) -> Offered:
    breaks = rule.id not in WEIGHTS
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
    rows = (
        json.dumps(
            {"id": r.id, "categories": r.categories, "default": r.default, "purpose": r.purpose}
        )
        for r in listed()
    )
    return "[\n" + ",\n".join(rows) + "\n]\n"


if __name__ == "__main__":
    LISTING.write_text(text(), encoding="utf-8")
