"""Trials of two streams at once: each hears of its own requests, unless all hear of all."""

from __future__ import annotations

import time
from collections.abc import Iterator

from google.protobuf.message import Message

from wireproof.checks.observations import Interleaved, Observation
from wireproof.exchange import Method
from wireproof.exchange.calls import Live
from wireproof.testing.marks import candidates, marked, marks, proven
from wireproof.testing.session import Session

_SEVERAL = 5
"""How many times its patience a stream listens for each reply."""
_LONG = 3.0
"""Seconds in which a machine under load delivers what is said."""


def interleaved(session: Session, method: Method) -> Iterator[Observation]:
    """Two streams open at once, fed in turn."""
    mark = proven(session, method)
    if mark is None:
        yield from _crossed(session, method)
        return
    asked: list[list[Message]] = [marked(session, method, mark, 2) for _ in range(2)]
    wait = session.options.patience * _SEVERAL
    lives = [session.open(method) for _ in asked]
    for index in range(2):
        for live, requests in zip(lives, asked, strict=True):
            session.door.run(live.send(requests[index]))
            session.door.run(live.receive(wait))
    for live in lives:
        session.door.run(live.half_close())
        while session.door.run(live.receive(wait)) is not None:
            pass
    closed = [session.close(live) for live in lives]
    own = [marks(requests, mark) for requests in asked]
    said = {one for each in own for one in each}
    heard = [tuple(m for m in marks(list(x.replies()), mark) if m in said) for x in closed]
    leaks = any(set(theirs) - set(mine) for mine, theirs in zip(own, heard, strict=True))
    if leaks and not _for_all(session, method, mark):
        for mine, theirs in zip(own, heard, strict=True):
            yield Interleaved(method, tuple(closed), mine, theirs)


def _crossed(session: Session, method: Method) -> Iterator[Observation]:
    """Three streams in turn, of one request each: none hears of its own, each of the one before.

    Who is told all that was said so far hears of the first as well.
    """
    for mark in candidates(method):
        asked, answered, calls = [], [], []
        for _ in range(3):
            alone = marked(session, method, mark, 1)
            calls.append(session.call(method, *alone))
            asked.append(marks(alone, mark))
            answered.append(marks(list(calls[-1].replies()), mark))
        if all(asked) and answered[1:] == asked[:-1]:
            yield Interleaved(method, tuple(calls[1:]), asked[-1], answered[-1])


def _for_all(session: Session, method: Method, mark: str) -> bool:
    """Whether all that is said on one stream is heard on another, at once or with its next reply.

    Then that is what the method is for. Nothing is ended meanwhile, so that nothing comes too late.
    """
    talk = _Talk(session, method, mark)
    lives = [session.open(method) for _ in range(2)]
    try:
        if not all(map(talk.says, lives)):
            return False  # else both are listened to by now
        return talk.carries(*lives) and talk.carries(*reversed(lives))
    finally:
        for live in lives:
            session.close(live)


class _Talk:
    """What is said and heard on streams of one method, by its marks."""

    def __init__(self, session: Session, method: Method, mark: str) -> None:
        self._session = session
        self._method = method
        self._mark = mark

    def says(self, live: Live) -> str:
        """A new mark, sent and heard on the same stream; empty where it is not heard."""
        request = marked(self._session, self._method, self._mark, 1)
        (said,) = marks(request, self._mark)
        self._session.door.run(live.send(request[0]))
        return said if self._heard(live, said) else ""

    def carries(self, speaker: Live, listener: Live) -> bool:
        """Whether a stream hears of everything that is said on another."""
        said = [self.says(speaker) for _ in range(2)]
        return all(said) and all(self.hears(listener, one) for one in said)

    def hears(self, live: Live, said: str) -> bool:
        """Whether a stream hears what was *said* on another, if need be when it speaks again."""
        if self._heard(live, said):
            return True
        return bool(self.says(live)) and self._heard(live, said)

    def _heard(self, live: Live, said: str) -> bool:
        until = time.monotonic() + self._session.within(_LONG)
        while not self._among(live, said):
            left = until - time.monotonic()
            if left <= 0 or self._session.door.run(live.receive(left)) is None:
                return self._among(live, said)
        return True

    def _among(self, live: Live, said: str) -> bool:
        replies = [self._method.reply.FromString(one) for one in live.received]
        return said in marks(replies, self._mark)
