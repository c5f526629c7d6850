"""Values worth trying against a CEL expression, read from its literals."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.schema.constraints import Cel
from wireproof.values.descriptors import class_of, message_of
from wireproof.values.domain import Edge
from wireproof.values.formats import FORMATS
from wireproof.values.integers import INTEGERS
from wireproof.values.numbers import SECOND
from wireproof.values.pattern import sample, searched
from wireproof.values.pattern_classes import Unreadable
from wireproof.values.source import LEAST
from wireproof.values.wellknown import WRAPPERS

_TEXT = re.compile(r"""[rR]?'((?:[^'\\]|\\.)*)'|[rR]?"((?:[^"\\]|\\.)*)\"""")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_PRODUCT = re.compile(r"(?<![\w.])\d+(?:\s*\*\s*\d+)+(?![\w.])")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_UNITS = {"h": 3600 * SECOND, "m": 60 * SECOND, "s": SECOND, "ms": SECOND // 1000}
_TOO_LONG = 5000
_REALS = {FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE}


def harvest(expressions: Iterable[Cel], field: FieldDescriptor) -> Iterator[Edge]:
    """Values of *field*'s type that the literals of *expressions* suggest."""
    for cel in expressions:
        for value in _suggested(cel.expression, field):
            yield f"from {cel.id}", value


def _suggested(expression: str, field: FieldDescriptor) -> Iterator[Any]:
    texts = [one or two for one, two in _TEXT.findall(expression)]
    bare = _TEXT.sub("''", expression)
    numbers = [float(number) for number in _NUMBER.findall(bare)]
    numbers += [math.prod(map(float, one.split("*"))) for one in _PRODUCT.findall(bare)]
    if field.cpp_type in INTEGERS:
        yield from _integers(numbers, field)
    elif field.cpp_type in _REALS:
        yield from (n + d for n in numbers for d in (0.0, 1.0, -1.0, 0.5))
    elif field.type == FieldDescriptor.TYPE_STRING:
        yield from _strings(expression, texts, numbers)
    elif field.type == FieldDescriptor.TYPE_BYTES:
        yield from (text.encode() for text in _strings(expression, texts, numbers))
    elif field.message_type is not None:
        yield from _messages(texts, numbers, field)


def _integers(numbers: list[float], field: FieldDescriptor) -> Iterator[int]:
    low, high = INTEGERS[field.cpp_type]
    for number in (n for n in numbers if abs(n) < 2**63):
        for value in (int(number), int(number) + 1, int(number) - 1, 2 * int(number), -int(number)):
            if low <= value <= high:
                yield value


def _strings(expression: str, texts: list[str], numbers: list[float]) -> Iterator[str]:
    for text in texts:
        plain = text.encode().decode("unicode_escape", "replace") if "\\" in text else text
        yield from (plain, plain + "a", "a" + plain, f"a{plain}a", plain.upper(), plain.lower())
        try:
            drawn = sample(searched(text), LEAST, 0, 200)
        except Unreadable:
            drawn = None
        if drawn is not None:
            yield drawn
    yield "".join(texts)
    for size in (int(n) + d for n in numbers if n < _TOO_LONG for d in (-1, 0, 1)):
        if size >= 0:
            yield "a" * size
    if ".is" in expression:
        yield from (text for known in FORMATS.values() for text in known.valid)


def _messages(texts: list[str], numbers: list[float], field: FieldDescriptor) -> Iterator[Message]:
    message = message_of(field)
    name, kind = message.full_name, class_of(message)
    if name == "google.protobuf.Timestamp":
        for text in texts:
            moment = kind()
            try:
                moment.FromJsonString(text)
            except ValueError:
                continue
            yield moment
            yield from (kind(seconds=moment.seconds + step) for step in (1, -1))
    elif name == "google.protobuf.Duration":
        for text in texts:
            total = sum(int(float(n) * _UNITS[unit]) for n, unit in _DURATION.findall(text))
            for near in (total, total + SECOND, total - SECOND):
                yield kind(seconds=int(near / SECOND), nanos=0)
    elif name in WRAPPERS:
        inner = message.fields_by_name["value"]
        yield from (kind(value=v) for v in _suggested(_joined(texts, numbers), inner))


def _joined(texts: list[str], numbers: list[float]) -> str:
    return " ".join([*(repr(text) for text in texts), *(f"{number:g}" for number in numbers)])
