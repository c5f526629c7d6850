"""Values at and just beyond every boundary that validation rules state for a field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from wireproof.witness.samples import entry, is_map, singles

_SIZES = range(5)
_LONGEST = 4096
"""No rule's length is tried beyond it."""
_FORMATS = (
    "a@b.co",
    "example.com",
    "127.0.0.1",
    "::1",
    "https://example.com/a?b",
    "/a/b",
    "123e4567-e89b-12d3-a456-426614174000",
    "123e4567e89b12d3a456426614174000",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "example.com:80",
    "127.0.0.0/8",
    "::/64",
    "x-header",
    "a b",
    "A1-b_2.c",
    "é",
    "\n",
)
_INTEGERS = range(-2, 3)
_LIMITS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}


def boundaries(field: FieldDescriptor, rules: list[Any]) -> Iterator[Any]:
    """What *field* may hold at, inside and outside the numbers and texts that *rules* state."""
    stated = list(_stated(rules))
    if is_map(field):
        yield from _maps(field, stated)
    elif field.is_repeated:
        yield from _lists(field, stated)
    else:
        yield from _singles(field, stated)


def _stated(rules: Iterable[Any]) -> Iterator[Any]:
    """Every number and text in the rules, however deep."""
    for rule in rules:
        for field, value in rule.ListFields():
            values = value if field.is_repeated else [value]
            for one in values:
                if isinstance(one, Message):
                    yield from _stated([one])
                elif not isinstance(one, bool):
                    yield one


def _singles(field: FieldDescriptor, stated: list[Any]) -> Iterator[Any]:
    if field.type == FieldDescriptor.TYPE_STRING:
        yield from _texts(stated)
    elif field.type == FieldDescriptor.TYPE_BYTES:
        yield from (text.encode() for text in _texts(stated))
        yield from (one for one in stated if isinstance(one, bytes))
    elif field.cpp_type in _LIMITS:
        yield from _integers(field, stated)
    elif field.enum_type is not None:
        yield from dict.fromkeys([*singles(field), 999])
    elif field.cpp_type in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
        yield from _floats(stated)
    elif field.message_type is not None:
        yield from _messages(field, stated)
    else:
        yield from (True, False)


def _texts(stated: list[Any]) -> Iterator[str]:
    lengths = sorted({n + by for n in _numbers(stated) for by in (-1, 0, 1)} | {0, 1, 2})
    texts = [one for one in stated if isinstance(one, str)]
    yield from (letter * n for n in lengths if 0 <= n <= _LONGEST for letter in ("a", "é", "1"))
    yield from texts
    yield from (f"{before}{text}{after}" for text in texts for before, after in _AROUND)
    yield from _FORMATS
    padded = (text.ljust(n, "a") for n in lengths if n <= _LONGEST for text in _FORMATS)
    yield from padded


_AROUND = (("a", ""), ("", "a"), ("a", "a"))


def _numbers(stated: list[Any]) -> list[int]:
    return [int(one) for one in stated if isinstance(one, (int, float)) and abs(one) < 2**64]


def _integers(field: FieldDescriptor, stated: list[Any]) -> Iterator[int]:
    low, high = _LIMITS[field.cpp_type]
    near = (n + by for n in _numbers(stated) for by in (0, -1, 1))
    for one in dict.fromkeys([*near, *_INTEGERS, low, high]):
        if low <= one <= high:
            yield one


def _floats(stated: list[Any]) -> Iterator[float]:
    numbers = [float(one) for one in stated if isinstance(one, (int, float))]
    yield from (n + by for n in numbers for by in (0.0, -1.0, 1.0, -0.001, 0.001))
    yield from (0.0, 1.0, -1.0, 1e30, float("nan"), float("inf"))


def _messages(field: FieldDescriptor, stated: list[Any]) -> Iterator[Message]:
    """Timestamps, durations and wrappers by their numbers; other messages empty."""
    kind: Any = field.message_type
    cls = GetMessageClass(kind)
    yield cls()
    for inner in kind.fields:
        if inner.message_type is None and not inner.is_repeated:
            for value in _singles(inner, stated):
                message = cls()
                setattr(message, inner.name, value)
                yield message


def _sizes(stated: list[Any]) -> list[int]:
    near = {n + by for n in _numbers(stated) for by in (-1, 0, 1)}
    return sorted(n for n in near | set(_SIZES) if 0 <= n <= 256)


def _lists(field: FieldDescriptor, stated: list[Any]) -> Iterator[list[Any]]:
    elements = list(_singles(field, stated))
    for size in _sizes(stated):
        if elements:
            yield [elements[i % len(elements)] for i in range(size)]
            yield [elements[0]] * size
    yield from ([one] for one in elements)


def _maps(field: FieldDescriptor, stated: list[Any]) -> Iterator[dict[Any, Any]]:
    key, value = entry(field)
    keys, values = list(dict.fromkeys(_singles(key, stated))), list(_singles(value, stated))
    for size in _sizes(stated):
        if size <= len(keys):
            yield dict.fromkeys(keys[:size], values[0])
    numbered = key.type == FieldDescriptor.TYPE_STRING
    for size in _sizes(stated):
        if numbered:
            yield {f"k{i}": values[0] for i in range(size)}
    yield from ({one: values[0]} for one in keys)
    yield from ({keys[0]: one} for one in values)
