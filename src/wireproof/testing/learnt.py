"""What a server has turned out to accept in fields of which its schema says too little."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.compare import Paths
from wireproof.testing.generated import copied
from wireproof.testing.shapes import descriptor_of, is_map, is_mask, messages_in

Maker = Callable[[], Any]
"""Makes a value for a field: what it holds, the seconds of a time; None leaves it unset."""


class Learnt:
    """Makers of values, by the full names of fields, and what has to be called before a method."""

    def __init__(self) -> None:
        self.makers: dict[str, Maker] = {}
        self.before: dict[str, str] = {}
        """Method → the one whose reply it needs anew each time, both by their full names."""
        self.alike: dict[tuple[str, int], Maker] = {}
        """By the name and type of a field: what one of that name took, in whichever message."""

    def __bool__(self) -> bool:
        return bool(self.makers)

    def learn(self, makers: Mapping[str, Maker], before: Mapping[str, str]) -> None:
        """Use them from now on."""
        self.makers |= makers
        self.before |= before

    @contextmanager
    def supposing(self, makers: Mapping[str, Maker], before: Mapping[str, str]) -> Iterator[None]:
        """As if they had been learnt too."""
        known = dict(self.makers), dict(self.before)
        self.learn(makers, before)
        try:
            yield
        finally:
            self.makers, self.before = known

    def fill(self, part: Message, keep: Paths, keeps: Callable[[], bool]) -> None:
        """Give a *part* of a request what the server takes.

        What lies at a path in *keep* stays, and everything where it would not *keep* the rules.
        """
        before = None
        for field in descriptor_of(part).fields:
            maker = self.makers.get(field.full_name)
            if maker is not None and not _kept(field, keep):
                before = copied(part) if before is None else before
                _put(part, field, maker())
                if field.message_type and not field.is_repeated and part.HasField(field.name):
                    for _, inner in messages_in(getattr(part, field.name)):
                        self.fill(inner, frozenset(), keeps)
        if before is not None and not keeps():
            part.CopyFrom(before)


def _kept(field: FieldDescriptor, keep: Paths) -> bool:
    """Whether the field, or another branch of its oneof, or something below, has to stay."""
    branches = field.containing_oneof.fields if field.containing_oneof else [field]
    names = {one.name for one in branches}
    return any(path.partition(".")[0] in names for path in keep)


def _put(part: Message, field: FieldDescriptor, value: Any) -> None:
    target: Any = part
    if value is None:
        target.ClearField(field.name)
    elif is_map(field):
        return
    elif field.is_repeated:
        target.ClearField(field.name)
        getattr(target, field.name).append(value)
    elif isinstance(value, Message):
        if is_mask(field) or not target.HasField(field.name):
            getattr(target, field.name).CopyFrom(value)
    elif field.message_type:
        target.ClearField(field.name)
        getattr(target, field.name).seconds = value
    else:
        setattr(target, field.name, value)
