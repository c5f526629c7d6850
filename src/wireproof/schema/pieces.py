"""Where the pieces of an encoded message lie: to take it apart, a large one need not be copied."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.message import DecodeError

from wireproof.schema.encoding import DELIMITED, VARINT

_FIXED = {1: 8, 5: 4}
"""Wire type → the length of its values, where all have the same."""


def spans(data: bytes, number: int) -> Iterator[tuple[int, int]]:
    """Begin and end of each piece of *data* that is encoded with its length under *number*.

    Raises DecodeError where *data* is no encoded message, or has groups.
    """
    at, size = 0, len(data)
    while at < size:
        tag, at = _varint(data, at)
        begin, at = _value(data, at, tag & 7)
        if at > size:
            raise DecodeError(f"no encoded message: what begins at byte {begin} is cut off")
        if tag == number << 3 | DELIMITED:
            yield begin, at


def _value(data: bytes, at: int, wire_type: int) -> tuple[int, int]:
    """Where the value that is encoded at *at* begins and ends."""
    if wire_type == DELIMITED:
        length, begin = _varint(data, at)
        return begin, begin + length
    if wire_type in _FIXED:
        return at, at + _FIXED[wire_type]
    if wire_type == VARINT:
        return at, _varint(data, at)[1]
    raise DecodeError(f"no encoded message: wire type {wire_type} before byte {at}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that is encoded at *at*, and where it ends."""
    value = shift = 0
    for position in range(at, min(at + 10, len(data))):
        byte = data[position]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position + 1
        shift += 7
    raise DecodeError(f"no encoded message: a number is cut off at byte {at}")
