"""What the words of a refusal tell: which fields it means, what it would take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.exchange import Exchange
from wireproof.testing import names
from wireproof.testing.shapes import IDENTIFYING, messages_in


def said(x: Exchange) -> tuple[str, ...]:
    """The words of a refusal: numbers and what the request holds itself are left out."""
    sent = {word for request in x.requests() for word in re.findall(r"\w+", str(request))}
    return tuple(word for word in re.findall(r"[A-Za-z_.]+", x.message) if word not in sent)


def offered(x: Exchange) -> tuple[str, ...]:
    """What a refusal offers as examples, without what it only repeats of the request."""
    sent = {str(value) for request in x.requests() for value in _texts(request)}
    return tuple(text for text in _quoted(x.message) if text not in sent)


def _texts(request: Message) -> Iterator[object]:
    for _, part in messages_in(request):
        for field, value in part.ListFields():
            if field.type == FieldDescriptor.TYPE_STRING:
                yield from value if field.is_repeated else (value,)


def _quoted(message: str) -> Iterator[str]:
    """What a message quotes, lists, or draws: `a/{b}`, "x", one of: x, y."""
    for drawn in _DRAWN.findall(message):
        yield re.sub(r"\{[^}]*\}|<[^>]*>|:\w+", "{}", drawn)
    for quoted in _QUOTED.findall(message):
        yield quoted[1:-1].replace("{", "").replace("}", "")
    for listed in _LISTED.findall(message):
        yield from re.findall(r"[\w.-]+", listed)


_DRAWN = re.compile(r"[\w.-]+/(?:\{[^}]+\}|<[^>]+>|:\w+)(?:/[\w.{}<>:-]+)*")
_QUOTED = re.compile(r"'[^']{1,40}'|\"[^\"]{1,40}\"|`[^`]{1,40}`")
_LISTED = re.compile(
    r"\b(?:one of|either|allowed|expected|valid)\b\W+([^.;]{1,200})", re.IGNORECASE
)
_PATH = re.compile(r"[A-Za-z_]\w*(?:\[\d*\])?(?:\.[A-Za-z_]\w*(?:\[\d*\])?)+")


def repeated(x: Exchange) -> frozenset[str]:
    """Full names of the fields whose values a refusal repeats: `no account XX42`."""
    told = set(_VALUES.findall(x.message))
    return frozenset(
        field.full_name
        for request in x.requests()
        for _, part in messages_in(request)
        for field, value in part.ListFields()
        if field.type in IDENTIFYING and not field.is_repeated and _telling(str(value)) & told
    )


def _telling(value: str) -> set[str]:
    """The words of a value, unless they are so short that a message has them by chance."""
    return {word for word in _VALUES.findall(value) if len(word) > _CHANCE}


_VALUES = re.compile(r"[\w-]+")
_CHANCE = 2


def blamed(
    fields: Iterable[FieldDescriptor],
    violated: tuple[str, ...],
    message: str,
    repeated: frozenset[str],
) -> list[FieldDescriptor]:
    """The fields that a refusal means: by a path, all words of their names, or their values.

    *violated* are the paths of its details, *repeated* what `repeated` tells.
    """
    paths = (*violated, *_PATH.findall(message))
    named = [_spaced(path.rpartition(".")[2]) for path in paths]
    told = f" {_spaced(message)} "
    scored = []
    for field in fields:
        own, group = _spaced(field.name), field.containing_oneof
        if own in named:
            scored.append((0, named.index(own), field))
        elif f" {own} " in told:
            scored.append((1, told.index(f" {own} ") - 20 * own.count(" "), field))
        elif group is not None and f" {_spaced(group.name)} " in told:
            scored.append((2, 0, field))
        elif field.full_name in repeated:
            scored.append((3, 0, field))
    return [field for *_, field in sorted(scored, key=lambda one: one[:2])]


def _spaced(name: str) -> str:
    """`shipTo`, `ship_to` and `ShipTo` are one name."""
    return " ".join(names.words(name))
