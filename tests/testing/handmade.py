"""A gRPC server made by hand, of frames: its faults are those that no library lets one have."""

from __future__ import annotations

import base64
import binascii
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.exceptions
from google.protobuf.message import DecodeError

from tests.testing.shapes import only, schema
from wireproof.exchange.http2 import framed
from wireproof.schema.schema import Schema

OK, INVALID, NOT_FOUND, EXHAUSTED, UNIMPLEMENTED, INTERNAL = 0, 3, 5, 8, 12, 13
_LARGEST = 4 * 1024 * 1024
_UNITS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}


class Refused(Exception):
    """A call that ends with that status, after those replies."""

    def __init__(self, code: int, *replies: bytes) -> None:
        self.code, self.replies = code, replies


class Bell:
    """Rings, and lets listen for as long as the listener likes; a fault is a subclass."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener

    def kind(self, name: str) -> Any:
        return schema("depot").message_class(f"depot.v1.{name}")

    def ring(self, request: Any) -> tuple[bytes, ...]:
        return (self.kind("Sound")(words=request.words).SerializeToString(),)

    def binary(self, value: str) -> None:
        """What is no base64 is nobody's business here."""
        with suppress(binascii.Error):
            base64.b64decode(value + "=" * (-len(value) % 4))

    def odd(self) -> None:
        """A call was sent in an encoding that nobody knows."""

    def timeout(self, value: str) -> float:
        """The seconds that a caller waits; none for ever."""
        return float(value[:-1]) * _UNITS[value[-1]]

    def message(self, headers: dict[str, str], data: bytes) -> bytes:
        """The one message that was sent. Raises Refused."""
        size = int.from_bytes(data[1:5], "big")
        if len(data) < 5 or len(data) != size + 5:
            raise Refused(UNIMPLEMENTED)
        if size > _LARGEST:
            raise Refused(EXHAUSTED)
        return self.inflated(headers.get("grpc-encoding"), data[5:]) if data[0] else data[5:]

    def inflated(self, encoding: str | None, data: bytes) -> bytes:
        if encoding not in (None, "gzip"):
            self.odd()
            raise Refused(UNIMPLEMENTED)
        try:
            return zlib.decompress(data, 31 if encoding else -1)
        except zlib.error:
            raise Refused(INTERNAL) from None

    def asked(self, headers: dict[str, str], data: bytes) -> Any:
        """The request. Raises Refused."""
        kinds = {"/depot.v1.Bell/Ring": "RingRequest", "/depot.v1.Bell/Listen": "ListenRequest"}
        if headers[":path"] not in kinds:
            raise Refused(UNIMPLEMENTED)
        for key, value in headers.items():
            if key.endswith("-bin"):
                self.binary(value)
        try:
            return self.kind(kinds[headers[":path"]]).FromString(self.message(headers, data))
        except DecodeError:
            raise Refused(INVALID) from None


class Conversation:
    """One connection: streams end where the bell, the caller or a deadline ends them."""

    def __init__(self, bell: Bell, connection: socket.socket) -> None:
        self.bell, self.connection = bell, connection
        self.state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self.headers: dict[int, dict[str, str]] = {}
        self.data: dict[int, bytes] = {}
        self.lock = threading.Lock()

    def run(self) -> None:
        self.state.initiate_connection()
        with self.connection, suppress(OSError, h2.exceptions.ProtocolError):
            self.connection.sendall(self.state.data_to_send())
            while data := self.connection.recv(65536):
                with self.lock:
                    for event in self.state.receive_data(data):
                        self.took(event)
                    self.connection.sendall(self.state.data_to_send())

    def took(self, event: h2.events.Event) -> None:
        stream: int = getattr(event, "stream_id", None) or 0
        if isinstance(event, h2.events.RequestReceived):
            pairs = event.headers or []
            self.headers[stream] = {_text(key): _text(value) for key, value in pairs}
            self.data[stream] = b""
        elif isinstance(event, h2.events.DataReceived):
            self.data[stream] += event.data or b""
            self.state.acknowledge_received_data(event.flow_controlled_length or 0, stream)
        elif isinstance(event, h2.events.StreamReset):
            self.headers.pop(stream, None)
        if isinstance(event, h2.events.StreamEnded):
            self.answer(stream, self.headers[stream], self.data.pop(stream))

    def answer(self, stream: int, headers: dict[str, str], data: bytes) -> None:
        if not headers.get("content-type", "").startswith("application/grpc"):
            self.state.send_headers(stream, [(":status", "415")], end_stream=True)
            return
        begun = [(":status", "200"), ("content-type", "application/grpc")]
        self.state.send_headers(stream, begun)
        try:
            request = self.bell.asked(headers, data)
            if headers[":path"].endswith("Ring"):
                self.ended(stream, Refused(OK, *self.bell.ring(request)))
            else:
                self.held(stream, headers.get("grpc-timeout", ""))
        except Refused as end:
            self.ended(stream, end)

    def held(self, stream: int, timeout: str) -> None:
        seconds = self.bell.timeout(timeout) if timeout else 0.0
        if seconds:
            timer = threading.Timer(seconds, self.late, (stream,))
            timer.daemon = True
            timer.start()

    def late(self, stream: int) -> None:
        with self.lock, suppress(OSError, h2.exceptions.ProtocolError):
            if stream in self.headers:
                self.ended(stream, Refused(4))
                self.connection.sendall(self.state.data_to_send())

    def ended(self, stream: int, end: Refused) -> None:
        self.headers.pop(stream, None)
        for reply in end.replies:
            self.state.send_data(stream, framed(reply))
        trailers = [("grpc-status", str(end.code)), ("grpc-message", "so the bell says")]
        self.state.send_headers(stream, trailers, end_stream=True)


def _text(raw: Any) -> str:
    return raw.decode("latin-1") if isinstance(raw, bytes) else str(raw)


@contextmanager
def open_bell(kind: type[Bell] = Bell) -> Iterator[tuple[str, Schema]]:
    """The address of a bell, and its schema."""
    listener = socket.create_server(("127.0.0.1", 0))
    bell, port = kind(listener), listener.getsockname()[1]

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                talk = Conversation(bell, connection)
                threading.Thread(target=talk.run, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"127.0.0.1:{port}", only("Bell", "depot")
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
