"""Which differences Confluent's Schema Registry refuses: its published rules, by version.

Apart from the rules of `bytes` on purpose: the registry lets some lossy changes pass (int64 to
int32) and refuses some harmless ones (another package). These are the rules of its policy STRICT,
the default; LOGICAL, of 2026-09, asks in addition that freed numbers be reserved, for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SCALARS: Mapping[str, str] = {
    **dict.fromkeys(("int32", "int64", "uint32", "uint64", "bool", "enum"), "general number"),
    **dict.fromkeys(("sint32", "sint64"), "signed number"),
    **dict.fromkeys(("string", "bytes"), "string or bytes"),
    **dict.fromkeys(("fixed32", "sfixed32"), "fixed 32"),
    **dict.fromkeys(("fixed64", "sfixed64"), "fixed 64"),
    "float": "float",
    "double": "double",
}
"""Kind → the group within which the registry takes any kind for any other."""

REFUSED: Mapping[str, str] = {
    "PACKAGE_CHANGED": "the package differs",
    "MESSAGE_REMOVED": "the message is missing",
    "FIELD_KIND_CHANGED": "the field holds a scalar, message or map where it held another",
    "FIELD_SCALAR_KIND_CHANGED": "the scalar is of another group of types",
    "FIELD_NAMED_TYPE_CHANGED": "the field holds another message, or one that no longer fits",
    "FIELD_NUMERIC_LABEL_CHANGED": "the label of a numeric field differs",
    "REQUIRED_FIELD_ADDED": "a required field was added",
    "REQUIRED_FIELD_REMOVED": "a required field is missing",
    "ONEOF_FIELD_REMOVED": "a field of a oneof is missing",
    "MULTIPLE_FIELDS_MOVED_TO_ONEOF": "several fields moved into one oneof",
    "FIELD_MOVED_TO_EXISTING_ONEOF": "a field moved into a oneof beside others",
}
"""Differences that the registry refuses, under its own names; it lets every other one pass."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rules as they stood from *since* on."""

    since: str
    """Year and month of the upstream change that made them so."""
    by_number: bool
    """Whether a field is followed by its number wherever it goes: out of a oneof (then it was not
    removed), or between oneofs (then its type is compared, and it excludes its new mates).
    Before, a oneof's fields were compared with those of the oneof of the same name only."""


TABLES: Mapping[str, Table] = {
    # In 2024-03 (7.6.1) another package and a move into an existing oneof came to be refused.
    "2024-03": Table(since="2024-03", by_number=False),
    "2026-06": Table(since="2026-06", by_number=True),
}
LATEST = TABLES["2026-06"]
