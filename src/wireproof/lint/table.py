"""Every lint rule, in reading order."""

from __future__ import annotations

from wireproof.lint import declarations, http, requests, resources, validation
from wireproof.lint.rule import LintRule

RULES: tuple[LintRule, ...] = (
    *declarations.RULES,
    *requests.RULES,
    *validation.RULES,
    *http.RULES,
    *resources.RULES,
)
