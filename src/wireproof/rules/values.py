"""What really becomes of a field's values when one type writes them and another reads them.

After the encoding rules of protobuf: varints of the same sign encoding are read modulo the reader's
width, fixed-width numbers are reinterpreted, length-delimited ones by their bytes; another wire
type lands in the unknown fields. ProtoJSON has rules of its own.
"""

from __future__ import annotations

from typing import NamedTuple

from wireproof.schema.elements import EnumType

_RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "sint32": (-(2**31), 2**31 - 1),
    "sint64": (-(2**63), 2**63 - 1),
    "fixed32": (0, 2**32 - 1),
    "fixed64": (0, 2**64 - 1),
    "sfixed32": (-(2**31), 2**31 - 1),
    "sfixed64": (-(2**63), 2**63 - 1),
    "bool": (0, 1),
    "enum": (-(2**31), 2**31 - 1),
}
_ENCODINGS = {
    **dict.fromkeys(("int32", "int64", "uint32", "uint64", "bool", "enum"), "varint"),
    **dict.fromkeys(("sint32", "sint64"), "zigzag"),
    **dict.fromkeys(("fixed32", "sfixed32"), "fixed32"),
    **dict.fromkeys(("fixed64", "sfixed64"), "fixed64"),
    "float": "float",
    "double": "double",
    **dict.fromkeys(("string", "bytes", "message"), "delimited"),
    "group": "group",
}
_WIDE = frozenset({"int64", "uint64", "sint64", "fixed64", "sfixed64"})
_FLOATS = frozenset({"float", "double"})
_WRITTEN_AS_TEXT = _WIDE | {"enum", "bytes", "Timestamp", "Duration", "FieldMask"}
"""What JSON writes as a string, which a string reads as it stands."""
# The largest integer up to which every integer is exact.
_EXACT = {"float": 2**24, "double": 2**53}


class Values(NamedTuple):
    """The values of one side: its kind, and for an enum the numbers it declares."""

    kind: str
    enum: EnumType | None = None
    checks_utf8: bool = False

    @property
    def span(self) -> tuple[int, int]:
        """The least and the greatest integer that it writes."""
        if self.enum is not None and self.enum.numbers:
            return min(self.enum.numbers), max(self.enum.numbers)
        return _RANGES[self.kind]

    @property
    def readable(self) -> tuple[int, int]:
        return _RANGES[self.kind]


def wire_loss(writer: Values, reader: Values) -> str:
    """What happens to some value that *writer* writes when *reader* reads it; empty if nothing.

    Messages and enums of both sides are compared elsewhere, by their structure.
    """
    ours, theirs = _ENCODINGS[writer.kind], _ENCODINGS[reader.kind]
    if ours != theirs:
        return _other_encoding(ours, theirs)
    if ours == "delimited":
        return _delimited_loss(writer, reader)
    if ours in ("float", "double", "group"):
        return ""
    return _integer_loss(writer, reader)


def _other_encoding(ours: str, theirs: str) -> str:
    if {ours, theirs} == {"varint", "zigzag"}:
        return "the sign is encoded otherwise, so every value but 0 reads as another number"
    if {ours, theirs} in ({"fixed32", "float"}, {"fixed64", "double"}):
        return "the same bytes mean another number"
    return "the wire type differs, so the reader drops the value into its unknown fields"


def _delimited_loss(writer: Values, reader: Values) -> str:
    if writer.kind == reader.kind:
        refused = reader.checks_utf8 and not writer.checks_utf8
        return "bytes that are no UTF-8 are refused" if refused else ""
    if reader.kind == "bytes":
        return ""
    if reader.kind == "string" and writer.kind == "bytes":
        return "bytes that are no UTF-8 are refused or garbled"
    return "the bytes are read as something that they are not"


def _integer_loss(writer: Values, reader: Values) -> str:
    if reader.enum is not None and reader.enum.closed:
        return _closed_loss(writer, reader.enum)
    low, high = writer.span
    least, most = reader.readable
    if reader.kind == "bool" and high > 1:
        return "every number but 0 reads as true"
    if low < least or high > most:
        return "numbers beyond the reader's range are cut off or change their sign"
    return ""


def _closed_loss(writer: Values, enum: EnumType) -> str:
    numbers = range(2) if writer.kind == "bool" else (writer.enum.numbers if writer.enum else None)
    if numbers is not None and all(number in enum.numbers for number in numbers):
        return ""
    return "numbers that the closed enum does not name are dropped into the unknown fields"


def json_loss(writer: Values, reader: Values) -> str:
    """What happens to some value in ProtoJSON; empty if nothing."""
    if writer.kind == reader.kind:
        return ""
    if {writer.kind, reader.kind} <= _OBJECTS:
        return ""
    if writer.kind == "Empty" and reader.kind in _HOLDING_NOTHING:
        return ""
    if writer.kind in _RANGES and reader.kind in _RANGES:
        return _json_integer_loss(writer, reader)
    if writer.kind in _RANGES and reader.kind in _FLOATS:
        return _json_to_float_loss(writer, reader)
    if writer.kind == "float" and reader.kind == "double":
        return ""
    if reader.kind == "string" and writer.kind in _WRITTEN_AS_TEXT:
        return ""
    if writer.kind == "double" and reader.kind == "float":
        return "numbers are rounded, or refused as too large"
    return f"the JSON form of {writer.kind} is not that of {reader.kind}"


_OBJECTS = frozenset({"message", "group", "Empty"})
_HOLDING_NOTHING = frozenset({"Any", "Struct"})
"""Forms of their own in JSON that are `{}` where they hold nothing."""


def _json_integer_loss(writer: Values, reader: Values) -> str:
    if "bool" in (writer.kind, reader.kind):
        others = "names of values" if "enum" in (writer.kind, reader.kind) else "numbers"
        return f"true and false are no {others} in JSON"
    if writer.kind == "enum":
        return "enum values are written by name"
    if reader.kind == "enum" and writer.kind in _WIDE:
        return "64-bit numbers are written as strings, which an enum reads as names"
    if reader.enum is not None and reader.enum.closed:
        return "numbers that the closed enum does not name are refused"
    low, high = writer.span
    least, most = reader.readable
    return "numbers beyond the reader's range are refused" if low < least or high > most else ""


def _json_to_float_loss(writer: Values, reader: Values) -> str:
    if writer.kind in ("bool", "enum"):
        return f"the JSON form of {writer.kind} is no number"
    low, high = writer.span
    exact = _EXACT[reader.kind]
    return "large integers are rounded" if max(-low, high) > exact else ""
