"""Rules over what annotations promise: validation, HTTP mapping, custom options."""

from __future__ import annotations

from wireproof.rules.rule import Rule

RULES: tuple[Rule, ...] = ()
