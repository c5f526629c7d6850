"""Well-known messages at the boundaries that rules state for them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from wireproof.schema.constraints import FieldConstraints, comparable
from wireproof.values.descriptors import class_of

_SECOND, _MILLI = 10**9, 10**6
_ORDERED = ("const", "lt", "lte", "gt", "gte", "in", "not_in", "within")
_SPANS = {
    "google.protobuf.Timestamp": (-62_135_596_800, 253_402_300_799),
    "google.protobuf.Duration": (-315_576_000_000, 315_576_000_000),
}
"""Their least and greatest whole seconds."""


def sensible(message: Message) -> bool:
    """Whether it is in the span of its type: beyond it, no writer of a moment has any."""
    low, high = _SPANS.get(message.DESCRIPTOR.full_name, (0, 0))
    return not low or low <= message.seconds <= high  # type: ignore[attr-defined]  # both have them


def leaves(kind: Descriptor, was: FieldConstraints, now: FieldConstraints) -> Iterator[Message]:
    """Messages of the well-known *kind* at, inside and outside what both versions state."""
    cls = class_of(kind)
    yield cls()
    if kind.full_name in _SPANS:
        low, high = _SPANS[kind.full_name]
        for total in dict.fromkeys(_moments(kind, was, now)):
            if low * _SECOND <= total <= high * _SECOND:
                yield _moment(cls, total)
    elif kind.full_name == "google.protobuf.Any":
        urls = (*_listed(was), *_listed(now), "type.googleapis.com/wireproof.Unlisted")
        yield from (cls(type_url=url) for url in dict.fromkeys(urls))
    elif kind.full_name == "google.protobuf.FieldMask":
        for path in dict.fromkeys((*_paths(was), *_paths(now), "z")):
            yield cls(paths=[path])


def _moments(kind: Descriptor, was: FieldConstraints, now: FieldConstraints) -> Iterator[int]:
    stated = [one for rules in (was, now) for one in _values(rules)]
    yield from (n + by for n in stated for by in (0, -1, 1, -_SECOND, _SECOND))
    yield from (0, 1, -1, _SECOND, -_SECOND)
    yield from (edge * _SECOND for edge in _SPANS[kind.full_name])
    present = time.time_ns() // _MILLI * _MILLI
    if kind.full_name.endswith("Timestamp"):
        spans = sorted({n for n in stated if n > 0})
        away = [(low + high) // 2 for low, high in pairwise(spans)]
        away += [n + by for n in spans for by in (-5 * _SECOND, 5 * _SECOND)]
        for distance in (*away, 3600 * _SECOND, 400 * 86400 * _SECOND):
            yield from (present + distance, present - distance)


def _values(rules: FieldConstraints) -> Iterator[int]:
    for name in _ORDERED:
        value = rules.rule(name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Message):
                yield comparable(one)


def _moment(cls: Any, total: int) -> Message:
    seconds, nanos = divmod(total, _SECOND)
    if cls.DESCRIPTOR.name == "Duration" and seconds < 0 < nanos:  # both parts bear the sign
        seconds, nanos = seconds + 1, nanos - _SECOND
    message: Message = cls(seconds=seconds, nanos=nanos)
    return message


def _listed(rules: FieldConstraints) -> tuple[str, ...]:
    return (*rules.rule("in", ()), *rules.rule("not_in", ()))


def _paths(rules: FieldConstraints) -> Iterator[str]:
    const = rules.rule("const")
    for path in (*_listed(rules), *(const.paths if const is not None else ())):
        yield from (path, f"{path}.z", path.rpartition(".")[0] or "z")
