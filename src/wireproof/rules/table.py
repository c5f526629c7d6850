"""Every rule, in reading order."""

from __future__ import annotations

from wireproof.rules import (
    enums,
    field_types,
    fields,
    files,
    messages,
    oneofs,
    promises,
    promises_http,
    reuse,
    services,
)
from wireproof.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *files.RULES,
    *messages.RULES,
    *fields.RULES,
    *field_types.RULES,
    *oneofs.RULES,
    *enums.RULES,
    *services.RULES,
    *promises.RULES,
    *promises_http.RULES,
    *reuse.RULES,
)
