"""A part of a request, and what is done to it whatever the server has told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.compare import Paths
from wireproof.testing import names
from wireproof.testing.api import Operation, Resource
from wireproof.testing.shapes import (
    IDENTIFYING,
    at,
    descriptor_of,
    is_plain,
    messages_in,
    types_in,
)

_PLENTY = 1000
"""How much there is of what others take from later."""


class Work(NamedTuple):
    """A part of a request that is being adapted."""

    whole: Message
    part: Message
    keep: Paths
    """What stays as it is, relative to the part."""
    keeps: Callable[[Message], bool]
    """Whether the whole still breaks what it broke before, and nothing else."""
    gently: bool = False
    """Whether texts keep their lengths."""
    fresh: bool = True
    """Whether names are made new."""
    mine: bool = True
    """Whether the request is meant to be valid, and takes the project's own values."""


def unjudged(_: Message) -> bool:
    """Takes every step: whoever asks for it judges the whole in the end."""
    return True


def stock(work: Work) -> None:
    """What is made holds something that other methods can take from it."""
    if not _may_hold(descriptor_of(work.part)):
        return
    for path, part in messages_in(work.part):
        for field in descriptor_of(part).fields:
            whole = is_plain(field) and field.type in IDENTIFYING and "[]" not in path
            below = f"{path}.{field.name}".lstrip(".")
            if not whole or below in work.keep or not _holds(field.name):
                continue
            before = getattr(part, field.name)
            if isinstance(before, int) and before in (0, 1):
                setattr(part, field.name, _PLENTY)
                if not work.keeps(work.whole):
                    setattr(part, field.name, before)


def clear_tokens(work: Work) -> None:
    """What only a server can issue is left out, and what makes another call of it."""
    if leaves_out(descriptor_of(work.part)):
        _clear(work, is_left_out)


def clear_expected(work: Work) -> None:
    """The version that a change expects to find is left out: a guess is as good as never right."""
    _clear(work, _is_expected)


def _clear(work: Work, doomed: Callable[[FieldDescriptor], bool]) -> None:
    for field, value in work.part.ListFields():
        if field.name in work.keep or not doomed(field):
            continue
        work.part.ClearField(field.name)
        if not work.keeps(work.whole):
            setattr(work.part, field.name, value)


def clear_server_set(resource: Resource, operation: Operation, work: Work) -> None:
    """What the server decides is left to it."""
    if operation.carrier is None:
        for name in resource.server_set.intersection(operation.by_name) - work.keep:
            work.part.ClearField(name)
        return
    carried = at(work.part, operation.carrier)
    for field, _ in carried.ListFields():  # clearing what is not set would make it present
        if field.name not in resource.server_set:
            continue
        if f"{operation.carrier}.{field.name}".lstrip(".") not in work.keep:
            carried.ClearField(field.name)


@lru_cache(maxsize=4096)
def _may_hold(kind: Descriptor) -> bool:
    """Whether there may be such a number in messages of that kind."""
    return any(_holds(field.name) for one in types_in(kind) for field in one.fields)


def _holds(name: str) -> bool:
    """Whether a number is what others take from later, by its name."""
    return names.is_stock(name) or names.opened(name) is not None


@lru_cache(maxsize=4096)
def leaves_out(kind: Descriptor) -> bool:
    """Whether messages of that kind may hold something to leave out."""
    return kind.is_extendable or any(map(is_left_out, kind.fields))


@lru_cache(maxsize=4096)
def is_left_out(field: FieldDescriptor) -> bool:
    """Whether a field holds what only a server issues, asks for a dry run, or is an expression."""
    if not is_plain(field):
        return False
    by_name = names.is_token(field.name) or names.is_mode(field.name)
    text = names.is_expression(field.name) or names.is_retry_key(field.name)
    return by_name or (field.type == field.TYPE_STRING and text)


@lru_cache(maxsize=4096)
def _is_expected(field: FieldDescriptor) -> bool:
    """Whether a field says which version of a thing a change expects to find."""
    return is_plain(field) and names.expected(field.name) is not None


def relative(path: str, keep: Paths) -> Iterator[str]:
    """The paths of *keep* that lie below *path*, as seen from there."""
    for kept in keep:
        if not path:
            yield kept
        elif kept.startswith(f"{path}."):
            yield kept[len(path) + 1 :]
