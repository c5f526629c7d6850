"""A call over plain HTTP/2 that stays open and is read only when asked for."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from wireproof.exchange.http2 import Stream, connect, headers_of
from wireproof.schema.target import Target


@contextmanager
def held(
    target: Target, path: str, body: bytes, headers: Iterable[tuple[str, str]] = (), *, window: int
) -> Iterator[Held]:
    """A call that stays open, of which the server may send *window* bytes ahead of the reader.

    Raises OSError where there is no connection.
    """
    with connect(target, 5.0) as connection:
        yield Held(connection, headers_of(target, path, headers), body, window)


class Held:
    """A call that is read only when asked for."""

    def __init__(
        self, connection: socket.socket, headers: list[tuple[str, str]], body: bytes, window: int
    ) -> None:
        self._stream = Stream(connection, 5.0, window)
        self._stream.begin(headers, body)

    def started(self, seconds: float) -> bool:
        """Whether the server's headers arrive in time."""
        self._stream.until(seconds, lambda answer: bool(answer.headers))
        return bool(self._stream.answer.headers)

    @property
    def over(self) -> bool:
        """Whether the server has ended the call, or broken it off."""
        answer = self._stream.answer
        return answer.ended or answer.closed or answer.reset is not None

    def messages(self, seconds: float, enough: Callable[[list[bytes]], bool]) -> list[bytes]:
        """What has arrived after *seconds* of reading, or as soon as it is *enough*."""
        self._stream.until(seconds, lambda answer: enough(unframed(bytes(answer.data))))
        return unframed(bytes(self._stream.answer.data))


def unframed(data: bytes) -> list[bytes]:
    """The whole messages at the beginning of *data*."""
    found, at = [], 0
    while at + 5 <= len(data):
        end = at + 5 + int.from_bytes(data[at + 1 : at + 5], "big")
        if end > len(data):
            break
        found.append(data[at + 5 : end])
        at = end
    return found
