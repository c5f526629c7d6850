"""Comments of the protos, by the full name of what they stand at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from wireproof.schema.elements import File
from wireproof.schema.schema import Schema

_MARKS = re.compile(r"^\s*(buf:lint|@exclude|\(--)")  # notes to tools: no reader is meant


def comments(schema: Schema) -> Mapping[str, str]:
    """Full name → the comment above it, or the one after it on its line."""
    found: dict[str, str] = {}
    for packed in schema.packed:
        places = {tuple(place.path): place for place in packed.source_info.location}
        for name, path in _elements(File(packed, schema)):
            if (place := places.get(path)) is not None:
                text = place.leading_comments or place.trailing_comments
                if text.strip():
                    found[name] = _tidy(text)
    return found


def first_sentence(text: str) -> str:
    """What a list of operations shows."""
    paragraph = " ".join(text.split("\n\n")[0].split())
    ended = re.match(r"(.+?[^.])\.(\s|$)", paragraph)
    return ended.group(1) if ended else paragraph


def _tidy(text: str) -> str:
    lines = [line.removeprefix(" ").rstrip() for line in text.splitlines()]
    return "\n".join(line for line in lines if not _MARKS.match(line)).strip()


def _elements(file: File) -> Iterator[tuple[str, tuple[int, ...]]]:
    for message in file.all_messages():
        yield message.full_name, message.path
        yield from ((field.full_name, field.path) for field in message.fields)
    for enum in file.all_enums():
        yield enum.full_name, enum.path
        for value in enum.values:
            yield value.full_name, value.path
    for service in file.services:
        yield service.full_name, service.path
        for rpc in service.rpcs.values():
            yield rpc.full_name, rpc.path
