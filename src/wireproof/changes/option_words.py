"""Option values in words: what differs between two of them, and nothing of what does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf import text_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

NONE = "none"
_AROUND = 24
"""How much of what is equal is told around what differs in a long text."""
_LONG = 100


def worded(value: Any, field: FieldDescriptor | None, pool: DescriptorPool) -> str:
    """*value* of the option *field* on one line: enum values by their names."""
    if value is None:
        return NONE
    if isinstance(value, Message):
        text = text_format.MessageToString(value, as_one_line=True, descriptor_pool=pool)
        return text.strip() or "set"
    if field is not None and field.is_repeated and not isinstance(value, (str, bytes)):
        return ", ".join(_one(one, field, pool) for one in value) or NONE
    return _one(value, field, pool)


def _one(value: Any, field: FieldDescriptor | None, pool: DescriptorPool) -> str:
    if isinstance(value, Message):
        return worded(value, None, pool)
    if isinstance(value, bool):
        return str(value).lower()
    if field is not None and field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return str(known.name) if known is not None else str(value)
    return str(value)


def apart(
    old: Any, new: Any, pools: tuple[DescriptorPool, DescriptorPool], name: str = "rules"
) -> tuple[str, str]:
    """The parts of two messages that differ, as `string.min_len = 3`; `none` without any.

    *name* is that of the option, said where it is no message and has no parts.
    """
    was, now = _flat(old, pools[0], name), _flat(new, pools[1], name)
    gone = {path: text for path, text in was.items() if now.get(path) != text}
    come = {path: text for path, text in now.items() if was.get(path) != text}
    for path in gone.keys() & come.keys():
        gone[path], come[path] = shortened(gone[path], come[path])
    return _joined(gone), _joined(come)


def _joined(parts: dict[str, str]) -> str:
    return ", ".join(f"{path} = {text}" for path, text in parts.items()) or NONE


def shortened(old: str, new: str) -> tuple[str, str]:
    """Two long texts with most of what they share at both ends left out."""
    if max(len(old), len(new)) <= _LONG:
        return old, new
    before = _shared(old, new)
    after = _shared(old[before:][::-1], new[before:][::-1])
    return _cut(old, before, after), _cut(new, before, after)


def _shared(one: str, other: str) -> int:
    """How many letters they begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _cut(text: str, before: int, after: int) -> str:
    first, last = before - _AROUND, len(text) - after + _AROUND
    begin = f"…{text[first:]}" if first > 1 else text
    dropped = len(text) - last
    return f"{begin[: len(begin) - dropped]}…" if dropped > 1 else begin


def _flat(value: Any, pool: DescriptorPool, name: str) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Message):
        return {name: worded(value, None, pool)}
    return dict(_parts(value, "", pool)) or {name: "set"}


def _parts(message: Message, prefix: str, pool: DescriptorPool) -> Iterator[tuple[str, str]]:
    for field, value in message.ListFields():
        name = f"[{field.full_name}]" if field.is_extension else field.name
        path = f"{prefix}{name}"
        if field.message_type is None:
            yield path, _listed(value, field, pool)
        elif field.message_type.full_name in ("google.protobuf.Duration", _TIMESTAMP):
            yield path, _moments(value, field)
        elif field.is_repeated:
            for index, one in enumerate(value):
                yield f"{path}[{_label(one, index)}]", _element(one, pool)
        else:
            inner = list(_parts(value, f"{path}.", pool))
            yield from inner or [(path, "set")]


_TIMESTAMP = "google.protobuf.Timestamp"


def _moments(value: Any, field: FieldDescriptor) -> str:
    if field.is_repeated:
        return f"[{', '.join(_moment(one) for one in value)}]"
    return _moment(value)


def _moment(value: Any) -> str:
    try:
        return str(value.ToJsonString())
    except (ValueError, AttributeError):  # out of range
        return f"{value.seconds}s {value.nanos}ns"


def _listed(value: Any, field: FieldDescriptor, pool: DescriptorPool) -> str:
    if not field.is_repeated:
        return _quoted(value, field, pool)
    return f"[{', '.join(_quoted(one, field, pool) for one in value)}]"


def _quoted(value: Any, field: FieldDescriptor, pool: DescriptorPool) -> str:
    return f'"{value}"' if isinstance(value, str) else _one(value, field, pool)


def _label(one: Any, index: int) -> str:
    """What tells an element of a list from its mates: a rule's id."""
    return str(getattr(one, "id", "") or index)


def _element(one: Any, pool: DescriptorPool) -> str:
    """An element in words: a CEL rule is its expression."""
    expression = getattr(one, "expression", "")
    return str(expression) if expression else worded(one, None, pool)
