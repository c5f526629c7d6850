"""Compare messages field by field, as dotted paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message

Paths = frozenset[str]

_TIME = "google.protobuf.Timestamp"
_UNITS = (1_000_000_000, 1_000_000, 1_000)
"""Nanoseconds of a second, a millisecond and a microsecond."""


def differences(left: Message, right: Message, skip: Paths = frozenset()) -> Iterator[str]:
    """The paths at which two messages of one type differ; *skip* names paths left out whole.

    Goes into singular messages that are set on both sides; lists and maps differ as a whole.
    """
    for field in left.DESCRIPTOR.fields:
        if field.name in skip:
            continue
        if not field.is_repeated and field.message_type and _both(left, right, field.name):
            below = frozenset(
                path[len(field.name) + 1 :] for path in skip if _below(field.name, path)
            )
            inner = differences(getattr(left, field.name), getattr(right, field.name), below)
            yield from (f"{field.name}.{path}" for path in inner)
        elif not same(left, right, field.name):
            yield field.name


def coarser_times(left: Message, right: Message, among: Paths) -> Iterator[str]:
    """Timestamps of *among* whose fraction of a second is cut on one of the two sides."""
    for field in left.DESCRIPTOR.fields:
        name = field.name
        timed = field.message_type and field.message_type.full_name == _TIME
        if not timed or field.is_repeated or name not in among or not _both(left, right, name):
            continue
        one, other = getattr(left, name), getattr(right, name)
        if one.seconds == other.seconds and _cut(one.nanos, other.nanos):
            yield name


def _cut(one: int, other: int) -> bool:
    """Whether one is the other, cut to whole seconds, milliseconds or microseconds."""
    return one != other and any(
        min(one, other) == max(one, other) // unit * unit for unit in _UNITS
    )


def same(left: Message, right: Message, name: str) -> bool:
    """Whether one field holds the same on both sides, presence included."""
    field = left.DESCRIPTOR.fields_by_name[name]
    if field.has_presence and left.HasField(name) != right.HasField(name):
        return False
    return bool(getattr(left, name) == getattr(right, name))


def is_set(message: Message, path: str) -> bool:
    """Whether the field at *path* holds anything but its default."""
    value: Any = message
    for name in path.split("."):
        field = value.DESCRIPTOR.fields_by_name[name]
        if field.is_repeated:
            return bool(len(getattr(value, name)))
        if field.has_presence and not value.HasField(name):
            return False
        value = getattr(value, name)
    return field.has_presence or bool(value)


def value_at(message: Message, path: str) -> Any:
    """What the field at *path* holds."""
    value: Any = message
    for name in path.split("."):
        value = getattr(value, name)
    return value


def copy_at(source: Message, target: Message, path: str) -> None:
    """Give *target* at *path* what *source* has there, absence included."""
    *parents, name = path.split(".")
    if not is_set(source, path):
        if all(is_set(target, ".".join(parents[: i + 1])) for i in range(len(parents))):
            _inner(target, parents).ClearField(name)
        return
    holder, giver = _inner(target, parents), _inner(source, parents)
    field = holder.DESCRIPTOR.fields_by_name[name]
    holder.ClearField(name)
    if field.is_repeated or field.message_type:
        bare = type(giver)()
        bare.CopyFrom(giver)
        for other, _ in giver.ListFields():
            if other.name != name:
                bare.ClearField(other.name)
        holder.MergeFrom(bare)
        if field.message_type and not field.is_repeated:
            getattr(holder, name).SetInParent()
    else:
        setattr(holder, name, getattr(giver, name))


def branches(message: Message, path: str) -> Iterator[str]:
    """The other branches of the oneof at *path*, which the one that is set clears."""
    *parents, name = path.split(".")
    field = _inner(message, parents).DESCRIPTOR.fields_by_name[name]
    if field.containing_oneof is not None:
        others = (one.name for one in field.containing_oneof.fields if one.name != name)
        yield from (".".join((*parents, other)) for other in others)


def inside(path: str, paths: Paths) -> bool:
    """Whether *path* is one of *paths*, or lies in one, or holds one."""
    return any(path == p or _below(p, path) or _below(path, p) for p in paths)


def _inner(message: Message, parents: list[str]) -> Any:
    value: Any = message
    for parent in parents:
        value = getattr(value, parent)
    return value


def _both(left: Message, right: Message, name: str) -> bool:
    return left.HasField(name) and right.HasField(name)


def _below(parent: str, path: str) -> bool:
    return path.startswith(f"{parent}.")
