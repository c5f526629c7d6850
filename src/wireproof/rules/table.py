"""Every rule, in reading order."""

from __future__ import annotations

from wireproof.rules import (
    declarations,
    enums,
    field_types,
    fields,
    files,
    languages,
    messages,
    oneofs,
    promises,
    promises_annotations,
    promises_api,
    promises_enums,
    promises_http,
    promises_options,
    promises_predefined,
    promises_resources,
    promises_services,
    reuse,
    services,
)
from wireproof.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *files.RULES,
    *languages.RULES,
    *messages.RULES,
    *declarations.RULES,
    *fields.RULES,
    *field_types.RULES,
    *oneofs.RULES,
    *enums.RULES,
    *services.RULES,
    *promises.RULES,
    *promises_predefined.RULES,
    *promises_enums.RULES,
    *promises_http.RULES,
    *promises_api.RULES,
    *promises_resources.RULES,
    *promises_services.RULES,
    *promises_options.RULES,
    *promises_annotations.RULES,
    *reuse.RULES,
)
