"""A thing with a value that another one, the donor, has."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from wireproof.checks.compare import copy_at, is_set, value_at
from wireproof.testing.generated import copied


def another(path: str, thing: Message, donors: list[Message]) -> Message | None:
    """A donor whose value at *path* is set and not the one of *thing*."""
    for donor in donors:
        if is_set(donor, path) and value_at(donor, path) != value_at(thing, path):
            return donor
    return None


def with_value(thing: Message, path: str, donor: Message) -> Message:
    """A copy of *thing* with the value that *donor* has at *path*."""
    copy = copied(thing)
    copy_at(donor, copy, path)
    return copy


def setattr_any(target: Message, name: str, value: Any, source: Message) -> None:
    """Give *target* the field *name* of *source*, whatever its type."""
    field = target.DESCRIPTOR.fields_by_name[name]
    if field.is_repeated or field.message_type:
        copy_at(source, target, name) if type(source) is type(target) else _merge(
            target, name, value
        )
    else:
        setattr(target, name, value)


def _merge(target: Message, name: str, value: Any) -> None:
    if hasattr(value, "keys"):  # maps of two messages have entries of two types
        _fill(getattr(target, name), value)
    else:
        getattr(target, name).MergeFrom(value)


def _fill(target: Any, entries: Any) -> None:
    for key, value in entries.items():
        if isinstance(value, Message):
            target[key].MergeFrom(value)
        else:
            target[key] = value
