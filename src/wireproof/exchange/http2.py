"""A gRPC call as plain HTTP/2: headers, flags and bytes that no gRPC library would send."""

from __future__ import annotations

import select
import socket
import ssl
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings

from wireproof.schema.target import Target

Headers = tuple[tuple[str, str], ...]

_CODES = {code.value[0]: code for code in grpc.StatusCode}
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What came back on one stream."""

    headers: Headers = ()
    data: bytes = b""
    trailers: Headers = ()
    reset: int | None = None
    """The error code of an RST_STREAM."""
    ended: bool = False
    """Whether the server ended the stream."""
    closed: bool = False
    """Whether the server closed the connection."""

    @property
    def http_status(self) -> int | None:
        """The status of HTTP; None where no headers came."""
        text = dict(self.headers).get(":status", "")
        return int(text) if text.isdigit() else None

    @property
    def code(self) -> grpc.StatusCode | None:
        """The status of gRPC; None where none came."""
        text = dict((*self.headers, *self.trailers)).get("grpc-status", "")
        return _CODES.get(int(text)) if text.isdigit() else None

    @property
    def words(self) -> str:
        """What the server answered, in a word: a status of gRPC or of HTTP, a reset, silence."""
        if self.code is not None:
            return self.code.name
        if self.http_status is not None and self.http_status != 200:
            return f"HTTP {self.http_status}"
        if self.reset is not None:
            name = h2.errors.ErrorCodes(self.reset).name if self.reset < 14 else str(self.reset)
            return f"RST_STREAM {name}"
        return "a closed connection" if self.closed else "no status"

    @property
    def message(self) -> str:
        """grpc-message, as it came."""
        return dict((*self.headers, *self.trailers)).get("grpc-message", "")


@dataclass
class Answer:
    """What has come back so far."""

    headers: Headers = ()
    data: bytearray = field(default_factory=bytearray)
    trailers: Headers = ()
    reset: int | None = None
    ended: bool = False
    closed: bool = False

    def value(self) -> HttpReply:
        return HttpReply(
            self.headers, bytes(self.data), self.trailers, self.reset, self.ended, self.closed
        )


def framed(payload: bytes, *, compressed: bool = False) -> bytes:
    """A length-prefixed message."""
    return bytes([compressed]) + len(payload).to_bytes(4, "big") + payload


def post(
    target: Target,
    path: str,
    body: bytes,
    headers: Iterable[tuple[str, str]] = (),
    *,
    timeout: float = 5.0,
    more: bool = False,
) -> HttpReply:
    """One request on a connection of its own; *headers* replace those that gRPC would send.

    With *more*, the client looks as if it had not sent everything yet. A header with an empty value
    is left out. Whatever the server does is a reply, a refused
    connection included.
    """
    try:
        connection = connect(target, timeout)
    except OSError:
        return HttpReply(closed=True)
    with connection:
        stream = Stream(connection, timeout, more=more)
        return stream.request(headers_of(target, path, headers), body)


def headers_of(
    target: Target, path: str, changed: Iterable[tuple[str, str]]
) -> list[tuple[str, str]]:
    """The headers that gRPC would send, changed; one with an empty value is left out."""
    usual = {
        ":method": "POST",
        ":scheme": "https" if target.tls else "http",
        ":authority": target.authority or target.address,
        ":path": path,
        "te": "trailers",
        "content-type": "application/grpc",
    }
    extra = []
    for key, value in changed:
        if key in usual:
            usual[key] = value
        else:
            extra.append((key, value))
    plain = [(key, value) for key, value in target.metadata if isinstance(value, str)]
    return [(key, value) for key, value in (*usual.items(), *plain, *extra) if value]


def connect(target: Target, timeout: float) -> socket.socket:
    """A socket, TLS where the target wants it. Raises OSError."""
    if target.address.startswith("unix:"):
        local = socket.socket(socket.AF_UNIX)
        local.settimeout(timeout)
        local.connect(target.address.removeprefix("unix:"))
        return local
    port = int(target.address.rsplit(":", 1)[1])
    plain = socket.create_connection((target.host, port), timeout)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _secured(plain, target) if target.tls else plain


def _secured(plain: socket.socket, target: Target) -> socket.socket:
    cadata = target.ca.decode() if target.ca else None
    context = ssl.create_default_context(cadata=cadata)
    context.set_alpn_protocols(["h2"])
    if target.certificate and target.key:
        with tempfile.TemporaryDirectory() as folder:  # ssl loads certificates from files only
            pem = Path(folder, "client.pem")
            pem.touch(mode=0o600)
            pem.write_bytes(target.certificate + b"\n" + target.key)
            context.load_cert_chain(pem)
    return context.wrap_socket(plain, server_hostname=target.authority or target.host)


class Stream:
    """One request and its reply."""

    def __init__(
        self,
        connection: socket.socket,
        timeout: float,
        window: int | None = None,
        *,
        more: bool = False,
    ) -> None:
        self._socket = connection
        self._until = time.monotonic() + timeout
        config = h2.config.H2Configuration(
            header_encoding="utf-8",
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
        self._h2 = h2.connection.H2Connection(config)
        self._window = window
        self._more = more
        self.answer = Answer()

    def request(self, headers: list[tuple[str, str]], body: bytes) -> HttpReply:
        self.begin(headers, body)
        with suppress(OSError, h2.exceptions.ProtocolError):
            while not self._over and self._read():
                pass
        return self.answer.value()

    def begin(self, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send everything, and the end of it unless there is to be more."""
        with suppress(OSError, h2.exceptions.ProtocolError):
            self._h2.initiate_connection()
            if self._window is not None:
                code = h2.settings.SettingCodes.INITIAL_WINDOW_SIZE
                self._h2.update_settings({code: self._window})
            self._h2.send_headers(1, headers)
            self._flush()
            self._send(body)

    def until(self, seconds: float, enough: Callable[[Answer], bool]) -> None:
        """Read for *seconds* at most."""
        self._until = time.monotonic() + seconds
        with suppress(OSError, h2.exceptions.ProtocolError):
            while not self._over and not enough(self.answer) and self._read():
                pass

    @property
    def _over(self) -> bool:
        answer = self.answer
        return answer.ended or answer.closed or answer.reset is not None

    def _send(self, body: bytes) -> None:
        """All of it, as far as the windows let it and the server still listens."""
        while body and not self._over:
            size = min(
                self._h2.local_flow_control_window(1), self._h2.max_outbound_frame_size, len(body)
            )
            if size:
                self._h2.send_data(1, body[:size])
                body = body[size:]
                self._flush()
            elif not self._read():
                return
            while self._waiting(0) and self._read():  # a closed connection is always readable
                pass
        if not self._over and not self._more:
            self._h2.end_stream(1)
            self._flush()

    def _flush(self) -> None:
        self._socket.sendall(self._h2.data_to_send())

    def _waiting(self, seconds: float) -> bool:
        pending = isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()
        return bool(pending or select.select([self._socket], [], [], seconds)[0])

    def _read(self) -> bool:
        """Take in what arrives; False once nothing more may come in time."""
        left = self._until - time.monotonic()
        if left <= 0 or not self._waiting(left):
            return False
        data = self._socket.recv(_CHUNK)
        if not data:
            self.answer.closed = True
            return False
        for event in self._h2.receive_data(data):
            self._take(event)
        self._flush()
        return True

    def _take(self, event: object) -> None:
        answer = self.answer
        if isinstance(event, h2.events.ResponseReceived):
            answer.headers = _pairs(event.headers)
        elif isinstance(event, h2.events.TrailersReceived):
            answer.trailers = _pairs(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            answer.data += event.data
            self._h2.acknowledge_received_data(event.flow_controlled_length, 1)
        elif isinstance(event, h2.events.StreamReset):
            answer.reset = int(event.error_code)
        elif isinstance(event, h2.events.StreamEnded):
            answer.ended = True
        elif isinstance(event, h2.events.ConnectionTerminated):
            answer.closed = True


def _pairs(headers: Iterable[tuple[object, object]] | None) -> Headers:
    return tuple((_text(key), _text(value)) for key, value in headers or ())


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
