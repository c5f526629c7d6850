"""What an unset field reads as, and whether two versions agree on it."""

from __future__ import annotations

import codecs
import math
from collections.abc import Iterator
from typing import Any

from wireproof.changes import kinds
from wireproof.schema.fields import Field


def default_changes(old: Field, new: Field) -> Iterator[kinds.FieldDefaultChanged]:
    """What an unset field reads as, where the two differ."""
    if old.repeated or new.repeated or {"message", "group"} & {old.kind, new.kind}:
        return
    if old.kind == new.kind and old.default == new.default:
        return
    if {old.kind, new.kind} == {"enum"}:
        same = _same_value(_enum_value(old), _enum_value(new))
    else:
        same = _value(old) == _value(new)
    if not same:
        yield kinds.FieldDefaultChanged(old, new, _words(old), _words(new))


def _value(field: Field) -> Any:
    """The default in a form in which numbers compare as numbers, and texts as their bytes."""
    if field.kind == "enum":
        return _enum_value(field)[1]
    text = field.default or ""
    if field.kind in ("string", "bytes"):
        plain = text.encode() if field.kind == "string" else _unescaped(text)
        return plain or 0
    if field.kind == "bool":
        return int(text == "true")
    number = float(text or 0) if field.kind in ("float", "double") else int(text or 0)
    return "nan" if math.isnan(number) else number


def _unescaped(text: str) -> bytes:
    """Descriptors hold the default of bytes C-escaped."""
    return codecs.escape_decode(text.encode())[0]


def _enum_value(field: Field) -> tuple[str, int]:
    """The name of the default, empty for the first value, and its number."""
    pool = field.file.schema.closure([field.file.name])
    values = pool.FindEnumTypeByName(field.type_name).values
    named = {value.name: value.number for value in values}
    return field.default or "", named[field.default] if field.default else values[0].number


def _same_value(was: tuple[str, int], now: tuple[str, int]) -> bool:
    """A value under another name, or number, or in another place is told of the enum itself."""
    return was[0] == now[0] or was[1] == now[1]


_ZERO = {"string": '""', "bytes": '""', "bool": "false", "enum": "the first value"}


def _words(field: Field) -> str:
    if not field.default:
        return _ZERO.get(field.kind, "0")
    return f'"{field.default}"' if field.kind in ("string", "bytes") else field.default
