"""Protobuf's encoding where bytes are written by hand, without a message class.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

VARINT, DELIMITED = 0, 2
"""Wire types."""


def varint(value: int) -> bytes:
    """An integer from 0 to 2**64 - 1, seven bits a byte, the lowest first."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def tag(number: int, wire_type: int) -> bytes:
    """What stands before the value of the field *number*."""
    return varint(number << 3 | wire_type)


def delimited(number: int, value: bytes) -> bytes:
    """The field *number* with *value*: a text, bytes, a message, packed numbers."""
    return tag(number, DELIMITED) + varint(len(value)) + value
