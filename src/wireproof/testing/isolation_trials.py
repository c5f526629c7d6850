"""Trials of two streams at once: each hears of its own requests, unless all hear of all."""

from __future__ import annotations

import time
from collections.abc import Iterator

from google.protobuf.message import Message

from wireproof.checks.observations import Interleaved, Observation
from wireproof.exchange import Method
from wireproof.exchange.calls import Live
from wireproof.testing.marks import marked, marks, proven
from wireproof.testing.session import Session

_SEVERAL = 5
"""How many times its patience a stream listens for each reply."""
_LONG, _LONGER = 3.0, 10.0
"""Seconds in which a machine under load delivers what is said; where a finding depends on it."""


def interleaved(session: Session, method: Method) -> Iterator[Observation]:
    """Two streams open at once, fed in turn."""
    mark = proven(session, method)
    if mark is None:
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


def _for_all(session: Session, method: Method, mark: str) -> bool:
    """Whether what is said on one stream is heard on another, at once or with its next reply.

    Then that is what the method is for. Nothing is ended meanwhile, so that nothing comes too late.
    """
    talk = _Talk(session, method, mark)
    lives = [session.open(method) for _ in range(2)]
    try:
        heard = [talk.says(live) for live in lives]
        if not all(heard):  # else both are listened to by now
            return False
        first, second = [talk.says(live) for live in lives]
        return talk.hears(lives[0], second) and talk.hears(lives[1], first)
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

    def hears(self, live: Live, said: str) -> bool:
        """Whether a stream hears what was *said* on another, if need be when it speaks again."""
        if self._heard(live, said):
            return True
        return bool(self.says(live)) and self._heard(live, said)

    def _heard(self, live: Live, said: str) -> bool:
        until = time.monotonic() + (_LONGER if self._session.patient else _LONG)
        while not self._among(live, said):
            left = until - time.monotonic()
            if left <= 0 or self._session.door.run(live.receive(left)) is None:
                return self._among(live, said)
        return True

    def _among(self, live: Live, said: str) -> bool:
        replies = [self._method.reply.FromString(one) for one in live.received]
        return said in marks(replies, self._mark)
