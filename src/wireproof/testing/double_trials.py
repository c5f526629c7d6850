"""Trials of streams without marks: where each request is answered once, none is answered twice."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.message import Message

from wireproof.checks.observations import Answered, Observation
from wireproof.exchange import Exchange, Method
from wireproof.testing.generated import valid_samples
from wireproof.testing.session import Session

_VARIED = 8
"""Kinds of requests that are tried."""


def doubled(session: Session, method: Method) -> Iterator[Observation]:
    """One request of each kind alone, or after a usual one: the same reply twice is one too many.

    That some requests have several replies is left open: they differ.
    """
    usual = session.base(method)
    alone = session.call(method, usual)
    replies: dict[str, tuple[Exchange, tuple[bytes, ...]]] = {}
    for kind, request in _kinds(session, method, usual):
        x = session.call(method, request)
        if x.ok or x.note["held"]:
            replies[kind] = x, tuple(x.received)
        elif alone.ok or alone.note["held"]:
            x = session.call(method, usual, request)
            replies[kind] = x, tuple(x.received[len(alone.received) :])
    once = [kind for kind, (_, told) in replies.items() if len(told) == 1]
    twice = [kind for kind, (_, told) in replies.items() if len(told) == 2 and len(set(told)) == 1]
    for kind in twice if once else ():
        x = replies[kind][0]
        yield Answered(method, (replies[once[0]][0], x), (kind,), (kind, kind))


def _kinds(session: Session, method: Method, usual: Message) -> Iterator[tuple[str, Message]]:
    """A request of each branch of its oneofs, and the usual one."""
    yield "usual", usual
    branches = [
        f.name for oneof in method.takes.oneofs for f in oneof.fields if len(oneof.fields) > 1
    ]
    for sample in valid_samples(session.schema, method.takes, usual):
        if sample.path in branches[:_VARIED] and not sample.unset:
            branches.remove(sample.path)
            yield sample.path, session.requests.adapted(sample.message, sample.keep)
