"""Field masks over any message, as AIP-134 and AIP-161 describe them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from google.protobuf.message import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Path = tuple[str, ...]

Descriptor: TypeAlias = Any  # the stubs know two classes of it
FieldDescriptor: TypeAlias = Any

WILDCARD = "*"
SEGMENT = re.compile(r"`([^`]+)`|([^.`]+)")


class ImpossiblePathError(ValueError):
    """A path that no message of the type has."""


def update(target: Message, source: Message, paths: Sequence[Path]) -> None:
    """Copy what the paths name, from `source` to `target`; nothing named means all that is set."""
    if paths == [(WILDCARD,)]:
        target.CopyFrom(source)
        return
    for path in paths or populated(source):
        _copy(source, target, path)


def resolve(descriptor: Descriptor, texts: Iterable[str]) -> list[Path]:
    """The paths that the texts name, each possible in a message of this type."""
    paths = [_split(text) for text in texts]
    for path in paths:
        if path == (WILDCARD,):
            if len(paths) > 1:
                raise ImpossiblePathError("`*` stands alone or not at all")
        else:
            _require(descriptor, path)
    return paths


def populated(message: Message) -> list[Path]:
    """The paths of every field that is set, entering messages but neither lists nor maps."""
    paths: list[Path] = []
    for field, value in message.ListFields():
        if field.message_type is None or field.is_repeated or _well_known(field.message_type):
            paths.append((field.name,))
        else:
            paths += [(field.name, *path) for path in populated(value)]
    return paths


def _split(text: str) -> Path:
    segments: list[str] = []
    at = 0
    while True:
        found = SEGMENT.match(text, at)
        if found is None or text[found.end() : found.end() + 1] not in ("", "."):
            raise ImpossiblePathError(f"{text!r} is no path")
        segments.append(found[1] or found[2])
        if found.end() == len(text):
            return tuple(segments)
        at = found.end() + 1


def _require(descriptor: Descriptor, path: Path) -> None:
    here: Descriptor | None = descriptor
    rest = path
    while rest:
        if here is None:
            raise ImpossiblePathError(
                f"{'.'.join(path)!r} goes on below a value that has no fields"
            )
        field = here.fields_by_name.get(rest[0])
        if field is None:
            raise ImpossiblePathError(f"{'.'.join(path)!r}: {here.name} has no field {rest[0]!r}")
        entry = _entry(field)
        if entry is not None:
            here, rest = entry.fields_by_name["value"].message_type, rest[2:]
        elif field.is_repeated and rest[1:]:
            raise ImpossiblePathError(f"{'.'.join(path)!r} goes into a list")
        else:
            here, rest = field.message_type, rest[1:]


def _copy(source: Message, target: Message, path: Path) -> None:
    field = target.DESCRIPTOR.fields_by_name[path[0]]
    rest = path[1:]
    if not rest:
        _replace(source, target, field)
    elif _entry(field) is not None:
        _copy_entry(getattr(source, field.name), getattr(target, field.name), rest)
    elif source.HasField(field.name) or target.HasField(field.name):
        _copy(getattr(source, field.name), getattr(target, field.name), rest)


def _copy_entry(source: Any, target: Any, path: Path) -> None:
    key, rest = path[0], path[1:]
    if rest:
        if key in source:
            _copy(source[key], target[key], rest)
        elif key in target:
            _copy(type(target[key])(), target[key], rest)
        return
    if key in target:
        del target[key]
    if key not in source:
        return
    value = source[key]
    if isinstance(value, Message):
        target[key].CopyFrom(value)
    else:
        target[key] = value


def _replace(source: Message, target: Message, field: FieldDescriptor) -> None:
    target.ClearField(field.name)
    value = getattr(source, field.name)
    if field.is_repeated:
        getattr(target, field.name).MergeFrom(value)
    elif field.message_type is None:
        setattr(target, field.name, value)
    elif source.HasField(field.name):
        getattr(target, field.name).CopyFrom(value)


def _entry(field: FieldDescriptor) -> Descriptor | None:
    kind = field.message_type
    return kind if kind is not None and kind.GetOptions().map_entry else None


def _well_known(descriptor: Descriptor) -> bool:
    return bool(descriptor.file.package == "google.protobuf")
