"""Just enough of protobuf's encoding to answer buf without importing protobuf."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.schema.encoding import DELIMITED, VARINT, delimited, tag, varint

_FIXED64, _FIXED32 = 1, 5
_WIDTHS = {_FIXED64: 8, _FIXED32: 4}


class Malformed(ValueError):
    """Bytes that are no protobuf message."""


def number(field: int, value: int) -> bytes:
    """A varint field; nothing where it has its default."""
    return tag(field, VARINT) + varint(value) if value else b""


def data(field: int, value: bytes | str) -> bytes:
    """A string, bytes or message field, an empty one included."""
    encoded = value.encode() if isinstance(value, str) else value
    return delimited(field, encoded)


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of *message* in order, numbers as int and all else as bytes; raises Malformed."""
    at = 0
    while at < len(message):
        tag, at = _read(message, at)
        field, kind = tag >> 3, tag & 7
        if not field:
            raise Malformed("a field has the number 0")
        if kind == VARINT:
            value, at = _read(message, at)
            yield field, value
            continue
        if kind == DELIMITED:
            length, at = _read(message, at)
        elif kind in _WIDTHS:
            length = _WIDTHS[kind]
        else:
            raise Malformed(f"field {field} has the wire type {kind}")
        if at + length > len(message):
            raise Malformed(f"field {field} ends early")
        yield field, message[at : at + length]
        at += length


def _read(message: bytes, at: int) -> tuple[int, int]:
    """A varint and where it ends."""
    value = 0
    for place in range(10):
        if at + place >= len(message):
            raise Malformed("a number ends early")
        byte = message[at + place]
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise Malformed("a number is longer than ten bytes")
