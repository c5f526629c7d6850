"""google.protobuf.NullValue in ProtoJSON: whatever its number, it is written as `null`.

A reader takes `null` for a field that is not set, and for no element of a list or a map.
"""

from __future__ import annotations

from wireproof.schema.elements import EnumType, MessageType
from wireproof.schema.fields import Field

NULL_VALUE = "google.protobuf.NullValue"


def is_null(field: Field) -> bool:
    """Whether the field holds nothing but null."""
    return field.kind == "enum" and field.type_name == NULL_VALUE


def loss_of_null(writer: Field, reader: Field) -> str:
    """What happens to a null where *reader* is of another type; empty if nothing."""
    if writer.repeated or _in_map(writer):
        return "null is no element of a list or map of another type"
    if "implicit" in (writer.cardinality, reader.cardinality):
        return ""  # as good as unset to one of them
    return "null reads as unset"


def loss_of_names(field: Field, enum: EnumType) -> str:
    """What happens to the values of *enum*, by name, where its reader only knows null."""
    unwritten = {0} if field.cardinality == "implicit" and not _in_map(field) else set()
    written = enum.numbers.keys() - unwritten
    return "its values are written by name, and NullValue has none of them" if written else ""


def _in_map(field: Field) -> bool:
    return isinstance(field.parent, MessageType) and field.parent.is_map_entry
