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
_HOUR = 3600
_FLOATS = (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT)


def mangled(field: FieldDescriptor, sent: Any, told: Any) -> str:
    """What is wrong with *told*, in a few words; empty where a careful server may answer it.

    Servers trim, fold case, normalise, clamp, drop what they do not take, and round times:
    what they make of a value then is a part of it, or smaller. Another value is something else.
    """
    if field.is_repeated:
        return "with less in it" if len(told) and fewer(sent, told) else ""
    if field.type == FieldDescriptor.TYPE_STRING:
        return _text(sent, told)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return _octets(sent, told)
    if field.type in _FLOATS:
        return _float(sent, told)
    if field.message_type:
        return _moment(field, sent, told)
    return "" if field.enum_type or isinstance(sent, bool) else _integer(sent, told)


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
    return "with another sign" if wrapped else ""


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
        return "moved by hours"
    return "with another sign" if before * after < 0 else ""
