"""Plain HTTP/2 calls, and the server's library, recognised by what it answers to one of them."""

from __future__ import annotations

from wireproof.checks.stacks import Oddity, Stack, known_of, recognised
from wireproof.exchange import Method
from wireproof.exchange.http2 import Headers, HttpReply, framed, post
from wireproof.testing.session import Session

SOON = 1.0
"""Seconds for what some libraries never answer."""


def posted(
    session: Session,
    path: str,
    body: bytes,
    headers: Headers,
    timeout: float,
    *,
    more: bool = False,
) -> HttpReply:
    """A call as plain HTTP/2, on a connection of its own; with *more*, its client does not end."""
    session.spend()
    proof = tuple((key, value) for key, value in session.who if isinstance(value, str))
    every = (*proof, *headers)
    return post(session.door.target, path, body, every, timeout=timeout, more=more)


def usual_of(session: Session, method: Method, payload: bytes) -> HttpReply:
    """What the request is answered in its usual form, asked once; a stream may stay open."""
    kept = session.kept.setdefault(f"usual {method.full_name}", [])
    if not kept:
        limit = SOON if method.style.server_streams else session.options.deadline
        kept.append(posted(session, method.path, framed(payload), (), limit))
    found: HttpReply = kept[0]
    return found


def known_of_broken(session: Session, method: Method, name: str) -> tuple[str, ...]:
    """What the server's library is known to answer to bytes that are no message, in that way."""
    stack = stack_of(session, method)
    streamed = known_of(stack, Oddity.BROKEN_STREAMED) if method.style.client_streams else ()
    return (*known_of(stack, name), *streamed)


def stack_of(session: Session, method: Method) -> Stack | None:
    """The server's library, by what it says of a service that nobody has; asked once."""
    kept = session.kept.setdefault("stack", [])
    if not kept:
        limit = session.options.deadline  # every library answers
        reply = posted(session, "/wireproof.nobody.Has/This", framed(b""), (), limit)
        usual = usual_of(session, method, session.base(method).SerializeToString())
        kept.append(recognised(reply.message, dict(usual.headers)))
    found: Stack | None = kept[0]
    return found
