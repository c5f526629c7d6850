"""Unary calls with a body of its own each, which h2load cannot send, as cheaply as Python can."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator, Sequence

from hpack import Encoder
from hpack.struct import NeverIndexedHeaderTuple

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
ROOM = 2**30


def blast(
    address: str, path: str, bodies: Sequence[bytes], headers: dict[str, str], at_once: int = 16
) -> float:
    """The seconds that it takes to have all bodies answered, whatever with."""
    host, _, port = address.rpartition(":")
    waiting = _requests(path, bodies, headers)
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(_greeting())
        began = time.perf_counter()
        connection.sendall(b"".join(next(waiting, b"") for _ in range(at_once)))
        _answer_all(connection, waiting, len(bodies))
        return time.perf_counter() - began


def _answer_all(connection: socket.socket, waiting: Iterator[bytes], expected: int) -> None:
    buffer = b""
    done = 0
    while done < expected:
        data = connection.recv(262_144)
        if not data:
            raise ConnectionError("the server hung up")
        buffer += data
        at, out = 0, []
        while len(buffer) - at >= 9:
            size = int.from_bytes(buffer[at : at + 3], "big")
            if len(buffer) - at < 9 + size:
                break
            kind, flags = buffer[at + 3], buffer[at + 4]
            if (kind in (DATA, HEADERS) and flags & END_STREAM) or kind == RST_STREAM:
                done += 1
                out.append(next(waiting, b""))
            elif kind in (SETTINGS, PING) and not flags & ACK:
                out.append(_frame(kind, ACK, 0, buffer[at + 9 : at + 9 + size] * (kind == PING)))
            elif kind == GOAWAY:
                raise ConnectionError("the server said goodbye")
            at += 9 + size
        buffer = buffer[at:]
        if out:
            connection.sendall(b"".join(out))


def _requests(path: str, bodies: Sequence[bytes], headers: dict[str, str]) -> Iterator[bytes]:
    head = {":method": "POST", ":scheme": "http", ":path": path, ":authority": "bench"}
    head |= {"content-type": "application/grpc", "te": "trailers", **headers}
    # Never indexed, so that the same bytes serve every request.
    block = Encoder().encode([NeverIndexedHeaderTuple(*pair) for pair in head.items()])
    for number, body in enumerate(bodies):
        stream = 2 * number + 1
        framed = b"\0" + struct.pack(">I", len(body)) + body
        begin = _frame(HEADERS, END_HEADERS, stream, block)
        yield begin + _frame(DATA, END_STREAM, stream, framed)


def _greeting() -> bytes:
    settings = struct.pack(">HI", 4, ROOM)  # INITIAL_WINDOW_SIZE: replies are never held up
    window = _frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", ROOM))
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(SETTINGS, 0, 0, settings) + window


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload
