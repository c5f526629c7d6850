"""How much each rule weighs where no policy says otherwise: what is not listed is an error.

A row stands here where data survives today and only a later change, or a habit, would break it.
"""

from __future__ import annotations

from wireproof.finding import Severity

WEIGHTS: dict[str, Severity] = {
    "FIELD_NUMBER_FREED": Severity.WARNING,
    "FIELD_NAME_FREED": Severity.WARNING,
    "FIELD_UTF8_CHANGED": Severity.WARNING,
    "ENUM_VALUE_NUMBER_FREED": Severity.WARNING,
    "ENUM_VALUE_NAME_FREED": Severity.WARNING,
    "ENUM_VALUE_ADDED_TO_CLOSED": Severity.WARNING,
    "ENUM_VALUE_WRITTEN_NAME_CHANGED": Severity.WARNING,
    "RESERVED_REMOVED": Severity.WARNING,
    "MESSAGE_MOVED": Severity.WARNING,
    "ENUM_MOVED": Severity.WARNING,
    "SERVICE_MOVED": Severity.WARNING,
    "EXTENSION_MOVED": Severity.WARNING,
    "HTTP_ROUTE_SHADOWED": Severity.WARNING,
    "VALIDATION_WIDENED": Severity.WARNING,
    "PREDEFINED_RULE_WIDENED": Severity.WARNING,
    "FIELD_BEHAVIOR_WIDENED": Severity.WARNING,
    "ROUTING_CHANGED": Severity.WARNING,
    "DEPRECATED": Severity.WARNING,
    "REDACTION_DROPPED": Severity.WARNING,
}
