"""What of a message that was sent is not in the one that came back."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from google.protobuf.message import Message

from wireproof.checks.compare import Paths, differences, is_set, value_at

TELLING_WRAPPERS = frozenset(
    f"google.protobuf.{kind}Value"
    for kind in ("Bool", "Double", "Float", "Int32", "Int64", "UInt32", "UInt64")
)
"""Messages whose absence is another value than the default inside."""


def lost(sent: Message, told: Message, skip: Paths = frozenset()) -> Iterator[tuple[str, str, str]]:
    """Path, what was sent, what came back: values, entries and items that are gone.

    A value in another spelling is kept: servers trim, fold case and drop repetitions.
    """
    for path in differences(sent, told, skip):
        if not _meaningful(sent, path):
            continue
        if not is_set(told, path):
            yield path, "the value sent", "nothing"
        elif fewer(value_at(sent, path), value_at(told, path)):
            yield path, "all that was sent", "a part of it"


def _meaningful(message: Message, path: str) -> bool:
    """Whether something stands at *path* that a server has no reason to leave out."""
    if not is_set(message, path):
        return False
    value: Any = value_at(message, path)
    if isinstance(value, str):
        return bool(value.strip(" \t\r\n\0"))
    if isinstance(value, Message):
        return not is_empty(value)
    if isinstance(value, bytes) or not hasattr(value, "__len__"):
        return True
    return bool(_folded(value))


def is_empty(value: Message) -> bool:
    """Whether a message has nothing in it; a wrapper of zero says that it is zero."""
    return not value.ByteSize() and value.DESCRIPTOR.full_name not in TELLING_WRAPPERS


def fewer(sent: Any, told: Any) -> bool:
    """Whether a map or a list lost some of its keys or items, repetitions and blanks left out."""
    if isinstance(sent, Message) or not hasattr(sent, "__len__") or isinstance(sent, str | bytes):
        return False
    if hasattr(sent, "keys"):
        return len(_folded(sent.keys())) > len(_folded(told.keys()))
    return len(_folded(sent)) > len(_folded(told))


def _folded(items: Any) -> set[Any]:
    """Items that no spelling makes equal, blank ones left out."""
    folded = (
        _bare(item)
        if isinstance(item, str)
        else item.SerializeToString(deterministic=True)
        if isinstance(item, Message)
        else item
        for item in items
    )
    return {item for item in folded if item not in ("", b"")}


def alike(one: Any, other: Any) -> bool:
    """Whether two values differ in nothing but blanks, case, order and repetitions."""
    if isinstance(one, str) and isinstance(other, str):
        return _bare(one) == _bare(other)
    if isinstance(one, Message | bytes) or not hasattr(one, "__len__"):
        return bool(one == other)
    if hasattr(one, "keys"):
        return dict(one.items()) == dict(other.items())
    return _folded(one) == _folded(other)


def _bare(text: str) -> str:
    return " ".join(text.replace("\0", " ").split()).casefold()


def swapped(sent: Message, told: Message, skip: Paths = frozenset()) -> Iterator[tuple[str, str]]:
    """Pairs of texts that came back each in the other's place."""
    texts = [
        path
        for path in differences(sent, told, skip)
        if isinstance(value_at(sent, path), str) and value_at(sent, path)
    ]
    for one, other in combinations(texts, 2):
        before, after = (
            (value_at(sent, one), value_at(sent, other)),
            (
                value_at(told, one),
                value_at(told, other),
            ),
        )
        if before[0] != before[1] and before == after[::-1]:
            yield one, other
