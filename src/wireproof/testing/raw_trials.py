"""Trials below the messages, as plain HTTP/2: counts, encodings, metadata, sizes, deadlines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from wireproof.checks.facts import Code, Kind
from wireproof.checks.observations import Observation
from wireproof.checks.stacks import SILENCE, Oddity, known_of
from wireproof.checks.wire import AfterCancels, Odd, PastDeadline, SizeLimit
from wireproof.exchange import Exchange, Method, Script, Step, StepKind, Style
from wireproof.exchange.http2 import Headers, HttpReply, framed
from wireproof.schema.encoding import varint
from wireproof.testing import declared
from wireproof.testing.inband import codes_in
from wireproof.testing.options import Phase
from wireproof.testing.session import Session
from wireproof.testing.stack import SOON, posted, stack_of, usual_of
from wireproof.testing.trial import Trial

_DEADLINE = 0.3
_LATE = 2.5
"""Seconds after which a call past its deadline counts as never ending."""
_LARGE = 4 * 1024 * 1024 + 1
"""Bytes: just above the limit that most libraries set where nobody sets another."""
_SOMETHING = b"\xfa\xff\xff\xff\x0f\x03abc"
"""A message of one field that no schema declares."""
_STREAMS = 24
"""More than the worker threads that a server usually has."""


@dataclass(frozen=True, slots=True)
class Trick:
    """Something odd that is done to a call."""

    oddity: Oddity
    headers: Headers = ()
    copies: int = 1
    """How many request messages are sent."""
    compressed: bool = False
    styles: tuple[Style, ...] = tuple(Style)

    def body(self, payload: bytes) -> bytes:
        """What is sent instead of the one framed message; of nothing, nothing is decompressed."""
        shown = payload or (_SOMETHING if self.compressed else b"")
        return framed(shown, compressed=self.compressed) * self.copies


_ONE = (Style.UNARY, Style.SERVER_STREAMING)
TRICKS: tuple[Trick, ...] = (
    Trick(Oddity.NO_MESSAGE, copies=0, styles=_ONE),
    Trick(Oddity.TWO_MESSAGES, copies=2, styles=_ONE),
    Trick(Oddity.UNKNOWN_ENCODING, (("grpc-encoding", "wireproof"),), compressed=True),
    Trick(Oddity.BROKEN_ENCODING, (("grpc-encoding", "gzip"),), compressed=True),
    Trick(Oddity.UNNAMED_ENCODING, compressed=True),
    Trick(Oddity.CONTENT_TYPE, (("content-type", "text/plain"),)),
    Trick(Oddity.UNPADDED, (("x-wireproof-bin", "AP+A/w"),)),
    Trick(Oddity.BAD_BINARY, (("x-wireproof-bin", "!"),)),
)


def raw(session: Session, methods: tuple[Method, ...]) -> Iterator[Trial]:
    """The library is asked once a style, the application once a method."""
    styles: set[Style] = set()
    for method in sorted(methods, key=lambda m: not _reads(session, m)):
        first = method.style not in styles
        styles.add(method.style)
        for trick in TRICKS if first else ():
            if method.style in trick.styles:
                run = partial(_odd, method=method, trick=trick)
                yield Trial(Phase.WIRE, method, run, str(trick.oddity))
        yield Trial(Phase.WIRE, method, partial(_sizes, method=method), "size limit")
        if method.style is Style.SERVER_STREAMING or (first and method.style.client_streams):
            yield Trial(Phase.WIRE, method, partial(_late, method=method), "deadline")
        if method.style is Style.SERVER_STREAMING and (other := _quick(session, methods)):
            run = partial(_cancelled, method=method, other=other)
            yield Trial(Phase.WIRE, method, run, "cancelled streams")


def _odd(session: Session, method: Method, trick: Trick) -> Iterator[Observation]:
    """The same request in its usual form, then odd, then in its usual form again."""
    usual = usual_of(session, method, session.base(method).SerializeToString())
    if usual.words == SILENCE:
        return  # a stream that stays open looks the same, whatever it made of the oddity
    body = trick.body(session.base(method).SerializeToString())
    stack = stack_of(session, method)
    reply = posted(session, method.path, body, trick.headers, SOON)
    if reply.words == SILENCE and SILENCE not in known_of(stack, trick.oddity):
        reply = posted(session, method.path, body, trick.headers, SOON * 4)  # it may be busy
    again = framed(session.base(method).SerializeToString())
    after = posted(session, method.path, again, (), SOON)
    # A server that says goodbye after its answer is alive; one that gives none and closes is not.
    alive = after.http_status is not None or not after.closed
    x = _exchange(method, body, reply)
    yield Odd(method, (x,), trick.oddity, reply.words, stack, usual.words, alive)


def _exchange(method: Method, body: bytes, reply: HttpReply) -> Exchange:
    """The call as reports show it."""
    return Exchange(
        method=method,
        script=Script(()),
        steps=(Step(StepKind.SEND, body[5:]), Step(StepKind.STATUS)),
        code=reply.code or Code.UNKNOWN,
        message=reply.message or reply.words,
        note={"kind": Kind.STRANGE, "held": reply.words == SILENCE},
    )


_NUMBER = re.compile(r"\d+")


def _sizes(session: Session, method: Method) -> Iterator[Observation]:
    """A message above the limit, on a stream a later one; one of just the size that is named."""
    large = _padded(session, method, _LARGE)
    x = session.call(method, large, kind=Kind.STRANGE)
    if x.code is not Code.RESOURCE_EXHAUSTED:
        return
    limit, at, later = _limit(x), None, None
    fits = _padded(session, method, limit) if limit is not None else b""
    if limit is not None and len(fits) == limit:
        at = session.call(method, fits, kind=Kind.STRANGE)
    if method.style.client_streams:
        later = session.call(method, session.base(method), large, kind=Kind.STRANGE)
        if any(codes_in(reply) for reply in later.replies()):
            later = None  # refused in band
    yield SizeLimit(method, tuple(y for y in (x, at, later) if y is not None), limit, at, later)


def _limit(x: Exchange) -> int | None:
    """The limit that a refusal names beside the size that was sent: the smaller number."""
    numbers = [int(text) for text in _NUMBER.findall(x.message)]
    sizes = [number for number in numbers if number >= 1024]
    if x.code is not Code.RESOURCE_EXHAUSTED or len(sizes) < 2 or max(sizes) < _LARGE:
        return None
    return min(sizes)


def _padded(session: Session, method: Method, size: int) -> bytes:
    """A valid request made as long by a field that nobody knows."""
    base = session.base(method).SerializeToString()
    tag = b"\xfa\xff\xff\xff\x0f"
    for width in range(1, 6):
        room = size - len(base) - len(tag) - width
        length = varint(max(room, 0))
        if len(length) == width:
            return base + tag + length + bytes(max(room, 0))
    return base


def _late(session: Session, method: Method) -> Iterator[Observation]:
    """A call that stays open, with a deadline that no client enforces.

    Where requests stream, it stays open for the client's sake, who says that there is more to come.
    """
    if SILENCE in known_of(stack_of(session, method), Oddity.DEADLINE):
        return
    body, more = framed(session.base(method).SerializeToString()), method.style.client_streams
    open_ = posted(session, method.path, body, (), SOON, more=more)
    if open_.ended or open_.reset is not None or open_.closed:
        return
    headers = (("grpc-timeout", f"{int(_DEADLINE * 1000)}m"),)
    reply = posted(session, method.path, body, headers, session.within(_LATE), more=more)
    ended = reply.ended or reply.reset is not None or reply.closed
    yield PastDeadline(method, (_exchange(method, body, reply),), _DEADLINE, ended)


def _cancelled(session: Session, method: Method, other: Method) -> Iterator[Observation]:
    """Open more streams than a server has workers, cancel them all, and make a plain call."""
    lives = [session.open(method, session.base(method)) for _ in range(_STREAMS)]
    for live in lives:  # what is cancelled before a worker has it shows nothing
        if not session.door.run(live.started(SOON)):
            break
    closed = [session.close(live) for live in lives]
    if not any(x.note["held"] for x in closed):
        return
    x = session.call(other, session.base(other), kind=Kind.STRANGE)
    yield AfterCancels(method, (x,), _STREAMS)


def _quick(session: Session, methods: tuple[Method, ...]) -> Method | None:
    """A method to make a plain call of: one that only reads, where there is one."""
    unary = [m for m in methods if m.style is Style.UNARY]
    reads = (m for m in unary if _reads(session, m))
    return next(reads, unary[0] if unary else None)


def _reads(session: Session, method: Method) -> bool:
    return declared.without_side_effects(session.schema, method.descriptor)
