"""What became of a value on its way through a store: kept, tidied up, or made into another."""

from __future__ import annotations

import struct
import unicodedata
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.kept import alike, fewer

_EXACT = 2**53
"""Integers up to this are the same as a double."""
_TELLING = 8
"""Characters of a text that begin no other by chance."""
MOVED = "moved by hours"
"""What became of a time of which the zone was lost."""
_HOUR = 3600
_MILLI = 1_000_000
"""Nanoseconds of the finest part of a second that a store is expected to keep."""
_WIDTHS = (16, 31, 32, 53, 63)
_LARGEST = (2**31 - 1, 2**32 - 1)
"""What of larger numbers is left by columns and variables of 32 bits."""
_EVER = 2**40
_END_OF_32_BITS = ((0, -_EVER, -1), (2**31 - 1, 2**31, _EVER))
"""Seconds at which the times of a store end, and those that lie beyond."""
_FLOATS = (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT)


def mangled(field: FieldDescriptor, sent: Any, told: Any) -> str:
    """What is wrong with *told*, in a few words; empty where a careful server may answer it.

    Servers trim, fold case, normalise, clamp, drop what they do not take, and round times:
    what they make of a value then is a part of it, or smaller. Another value is something else.
    """
    if field.is_repeated:
        less = len(told) and fewer(sent, told)
        return "with less in it" if less else _within(field, sent, told)
    return _changed(field, sent, told)


def _changed(field: FieldDescriptor, sent: Any, told: Any) -> str:
    """What became of a single value."""
    if sent == told:
        return ""
    if field.type == FieldDescriptor.TYPE_STRING:
        return _text(sent, told)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return _octets(sent, told)
    if field.type in _FLOATS:
        return _float(sent, told)
    if field.message_type:
        return _moment(field, sent, told)
    return "" if field.enum_type or isinstance(sent, bool) else _integer(sent, told)


def _within(field: FieldDescriptor, sent: Any, told: Any) -> str:
    """What became of the values of a map, by their keys, or of the only item of a list."""
    entry = field.message_type
    if entry is None or not entry.GetOptions().map_entry:
        alone = len(sent) == len(told) == 1 and not hasattr(told, "keys")
        return _changed(field, sent[0], told[0]) if alone else ""
    value = entry.fields_by_name["value"]
    both = sent.keys() & (told.keys() if hasattr(told, "keys") else set())
    return next(
        (wrong for key in sorted(both) if (wrong := _changed(value, sent[key], told[key]))), ""
    )


def _text(sent: str, told: str) -> str:
    if not told or alike(sent, told):
        return ""
    if sent.startswith(f"{told}\0"):
        return "cut at a zero byte"
    whole = sent.strip()
    first_line = told.strip() == whole.partition("\n")[0].strip() != whole
    if first_line or (len(told) >= _TELLING and whole.startswith(told.strip())):
        return "cut short"
    forms = {unicodedata.normalize(form, sent) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    if any(alike(form, told) or _part(told.casefold(), form.casefold()) for form in forms):
        return ""
    return "as another text"


def _octets(sent: bytes, told: bytes) -> str:
    if not told or told == sent:
        return ""
    if sent.startswith(told + b"\0") and sent[len(told) :].strip(b"\0"):  # more than padding
        return "cut at a zero byte"
    return "" if _part(told, sent) else "as other bytes"


def _part(part: Any, whole: Any) -> bool:
    """Whether *whole* becomes *part* by leaving things out."""
    rest = iter(whole)
    return all(one in rest for one in part)


def _integer(sent: int, told: int) -> str:
    rounded = abs(sent) > _EXACT and told != sent and abs(told - sent) <= abs(sent) // _EXACT * 2
    wrapped = told != sent and sent * told < 0
    if rounded and abs(told) != 2**63 - 1:
        return "rounded, as a double is"
    if wrapped:
        return "with another sign"
    return "cut to fewer bits" if _cut(sent, told) else ""


def _cut(sent: int, told: int) -> bool:
    """Whether a number lost its upper bits, or became the largest that 32 bits hold.

    Zero, and nothing but ones, may be the least and the most that a server takes.
    """
    widths = (2**bits - 1 for bits in _WIDTHS)
    lost = any(told == sent & most and told not in (0, most) for most in widths if abs(sent) > most)
    return lost or (sent > told and told in _LARGEST)


def _float(sent: float, told: float) -> str:
    try:
        single = struct.unpack("f", struct.pack("f", sent))[0]
    except OverflowError:
        return ""
    return "rounded to single precision" if told == single != sent else ""


def _moment(field: FieldDescriptor, sent: Message, told: Message) -> str:
    """Times and spans: moved by whole hours, or turned round."""
    kind = field.message_type.full_name if field.message_type else ""
    if kind not in ("google.protobuf.Timestamp", "google.protobuf.Duration"):
        return ""
    before, after = sent.seconds, told.seconds  # type: ignore[attr-defined]
    moved = after - before
    if moved and moved % _HOUR == 0 and abs(moved) <= 14 * _HOUR:
        return MOVED
    if abs(sent.nanos) >= _MILLI and not told.nanos and abs(moved) <= 1:  # type: ignore[attr-defined]
        return "without its fraction of a second"
    if before * after < 0:
        return "with another sign"
    ends = _END_OF_32_BITS if kind.endswith("Timestamp") else ()
    beyond = any(after == end and low <= before <= high for end, low, high in ends)
    return "cut to fewer bits" if beyond else ""
