"""How much each rule and check weighs where no policy says otherwise.

What is not listed is an error. A row stands here where no specification fixes the promise (a
heuristic), or where data survives today and only a later change, or somebody's habit, breaks it.
"""

from __future__ import annotations

from wireproof.finding import Severity

DEFAULTS: dict[str, Severity] = {
    # Compatibility rules.
    "FIELD_NUMBER_FREED": Severity.WARNING,
    "FIELD_NAME_FREED": Severity.WARNING,
    "FIELD_UTF8_CHANGED": Severity.WARNING,
    "FIELD_JAVA_UTF8_CHANGED": Severity.WARNING,
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
    "SERVICE_HOST_CHANGED": Severity.WARNING,
    "DEPRECATED": Severity.WARNING,
    "REDACTION_DROPPED": Severity.WARNING,
    # Lint rules that tell of habits, not of defects.
    "DEPRECATED_WITHOUT_SUCCESSOR": Severity.WARNING,
    "PERSONAL_DATA_SHOWN": Severity.WARNING,
    "RESERVED_WITHOUT_NAMES": Severity.WARNING,
    "REQUEST_UNBOUNDED": Severity.WARNING,
    "PAGE_FIELDS_UNPAIRED": Severity.WARNING,
    "IDEMPOTENCY_AGAINST_VERB": Severity.WARNING,
    # Checks that no specification backs: they tell what most callers expect.
    "ANONYMOUS_IS_UNAUTHENTICATED": Severity.WARNING,
    "CANCEL_FREES_SERVER": Severity.WARNING,
    "CONTENT_TYPE_REFUSED": Severity.WARNING,
    "CREATE_DROPS_FIELD": Severity.WARNING,
    "CREDENTIALS_ASKED_ALIKE": Severity.WARNING,
    "DEADLINE_ENDS_CALL": Severity.WARNING,
    "DELIVERED_BEFORE_ERROR": Severity.WARNING,
    "DENIED_ALIKE": Severity.WARNING,
    "EACH_REQUEST_ANSWERED": Severity.WARNING,
    "EARLY_STATUS_TOLD": Severity.WARNING,
    "EMPTY_STREAM_EMPTY": Severity.WARNING,
    "ENCODING_REFUSED": Severity.WARNING,
    "ENUM_VALUE_KEPT": Severity.WARNING,
    "ERROR_INFO_PRESENT": Severity.WARNING,
    "EVENTS_COMPLETE": Severity.WARNING,
    "EVENTS_FILTERED": Severity.WARNING,
    "EVENTS_ONCE": Severity.WARNING,
    "FLAKY": Severity.INFO,
    "HALF_CLOSE_ENDS": Severity.WARNING,
    "INTERNALS_LEAKED": Severity.WARNING,
    "LIST_FILTER_HONOURED": Severity.WARNING,
    "MALFORMED_UNKNOWN": Severity.WARNING,
    "NOTHING_BEFORE_REFUSAL": Severity.WARNING,
    "RATE_LIMIT_RECOVERS": Severity.WARNING,
    "RATE_LIMIT_TELLS_WHEN": Severity.WARNING,
    "REPLIES_IN_ORDER": Severity.WARNING,
    "REPLY_KEEPS_RULES": Severity.WARNING,
    "REQUESTS_COUNTED": Severity.WARNING,
    "RESUME_IN_ORDER": Severity.WARNING,
    "RESUME_WITHOUT_GAP": Severity.WARNING,
    "RESUME_WITHOUT_REPEAT": Severity.WARNING,
    "SIZE_LIMIT_EXACT": Severity.WARNING,  # some count the prefix of a message too
    "SLOW_READER_LOSES_NOTHING": Severity.WARNING,
    "STREAMED_CREATE_KEPT": Severity.WARNING,
    "STREAMS_ISOLATED": Severity.WARNING,
    "STREAM_STAYS_OPEN": Severity.WARNING,
    "TIMES_READ_BACK": Severity.WARNING,
    "TOTAL_AGREES": Severity.WARNING,
    "VIOLATION_NAMES_FIELD": Severity.WARNING,
    # Waivers themselves.
    "WAIVER_EXPIRED": Severity.WARNING,
    "WAIVER_UNUSED": Severity.INFO,
}
