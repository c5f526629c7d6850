"""Trials of streams of bytes: what a reply tells of one piece, it tells of all of them together."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.conversations import Measured
from wireproof.checks.observations import Observation
from wireproof.exchange import Exchange, Method
from wireproof.testing import counting_names, generated
from wireproof.testing.session import Session
from wireproof.testing.shapes import descriptor_of, is_plain, messages_in

_PIECES = (b"\x00\xffpart", b"of the whole" * 11, b"and more", b"and more")
"""Of different lengths, one of them twice; what no text holds, too."""


class Measure(NamedTuple):
    """What a reply may tell of bytes."""

    name: str
    of: Callable[[bytes], Any]


def _digests(name: str) -> Iterator[Measure]:
    """A digest in hexadecimal digits, and as bytes."""
    yield Measure(name, lambda data: hashlib.new(name, data).hexdigest())
    yield Measure(name, lambda data: hashlib.new(name, data).digest())


_MEASURES = (
    Measure("size", len),
    Measure("crc32", zlib.crc32),
    Measure("adler32", zlib.adler32),
    *chain.from_iterable(map(_digests, ("md5", "sha1", "sha256", "sha512"))),
)


def measured(session: Session, method: Method) -> Iterator[Observation]:
    """Two pieces, each alone in a stream; then several: their size or digest is of the whole."""
    for field in method.takes.fields:
        if field.type != FieldDescriptor.TYPE_BYTES or not is_plain(field):
            continue
        session.prepare(method)
        for opening in _openings(session, method, field):
            alone = [(data, _sent(session, method, opening, field, data)) for data in _PIECES[:2]]
            measures = _measures([(data, _told(x)) for data, x in alone])
            if measures:
                x = _sent(session, method, opening, field, *_PIECES)
                yield from _compared((alone[0][1], x), measures)
                break


def _compared(
    exchanges: tuple[Exchange, ...], measures: list[tuple[str, Measure]]
) -> Iterator[Measured]:
    """What the last of the exchanges tells beside the measures of all the pieces."""
    told, whole = _told(exchanges[-1]), b"".join(_PIECES)
    for path, measure in measures:
        if path in told:
            right = told[path] == measure.of(whole)
            yield Measured(exchanges[-1].method, exchanges, path, measure.name, right)


def _told(x: Exchange) -> dict[str, Any]:
    """What a reply answered OK has in its plain fields, also of messages in it."""
    reply = next(x.replies(), None) if x.ok else None
    parts = messages_in(reply) if reply is not None else ()
    return {
        f"{path}.{field.name}".lstrip("."): getattr(part, field.name)
        for path, part in parts
        if "[]" not in path
        for field in descriptor_of(part).fields
        if is_plain(field) and not counting_names.is_of_one(field.name)
    }


def _measures(pairs: list[tuple[bytes, dict[str, Any]]]) -> list[tuple[str, Measure]]:
    """The fields that told, each time, the same measure of a piece."""
    return [
        (path, measure)
        for path in pairs[0][1]
        for measure in _MEASURES
        if all(told.get(path) == measure.of(data) for data, told in pairs)
    ]


def _openings(
    session: Session, method: Method, field: FieldDescriptor
) -> Iterator[tuple[Message, ...]]:
    """What may have to come before the first piece: the fullest message of each other branch."""
    yield ()
    oneof = field.containing_oneof
    if oneof is None:
        return
    base = session.base(method)
    every = [generated.Sample(base, "")]
    every += generated.valid_samples(session.schema, method.takes, base)
    every.sort(key=lambda sample: sample.message.ByteSize())
    fullest = {sample.message.WhichOneof(oneof.name): sample for sample in every}
    for branch, sample in fullest.items():
        if branch not in (None, field.name):
            yield (session.requests.adapted(sample.message, sample.keep),)


def _sent(
    session: Session,
    method: Method,
    opening: tuple[Message, ...],
    field: FieldDescriptor,
    *pieces: bytes,
) -> Exchange:
    base, keep = session.base(method), frozenset({field.name})
    items = []
    for data in pieces:
        item: Any = generated.copied(base)
        setattr(item, field.name, data)
        items.append(session.requests.adapted(item, keep))
    return session.call(method, *opening, *items)
