"""A connection as HTTP/2 sees it, for what gRPC clients hide."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    DataReceived,
    Event,
    ResponseReceived,
    StreamEnded,
    TrailersReceived,
)
from h2.exceptions import ProtocolError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Wire:
    """One connection; events are taken in the order in which they come."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.h2 = H2Connection(H2Configuration(header_encoding="utf-8"))
        self.h2.initiate_connection()
        self._events: list[Event] = []
        self._muted = False
        self.flush()

    def flush(self) -> None:
        if not self._muted:
            self._writer.write(self.h2.data_to_send())

    def mute(self) -> None:
        """From now on answer nothing, as if the machine were gone."""
        self._muted = True

    async def next(self, *kinds: type) -> Any:
        """The next event of one of these kinds; None where the connection ends before."""
        while True:
            while self._events:
                event = self._events.pop(0)
                if isinstance(event, kinds):
                    return event
            try:
                self._events += self.h2.receive_data(await self._frame())
            except (asyncio.IncompleteReadError, ProtocolError, ConnectionError):
                return None
            self.flush()

    async def _frame(self) -> bytes:
        head = await asyncio.wait_for(self._reader.readexactly(9), timeout=60)
        return head + await self._reader.readexactly(int.from_bytes(head[:3], "big"))

    async def call(self, path: str, message: bytes, **headers: Any) -> dict[str, Any]:
        """A unary call: the headers and trailers, and the bytes of its reply under `body`."""
        self.send(path, message, **headers)
        found: dict[str, Any] = {"body": b""}
        while True:
            event = await self.next(ResponseReceived, TrailersReceived, DataReceived, StreamEnded)
            if isinstance(event, DataReceived):
                found["body"] += event.data
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                self.flush()
            elif isinstance(event, ResponseReceived | TrailersReceived):
                found |= {str(name): value for name, value in event.headers}
            else:
                return found

    def send(self, path: str, message: bytes, *, end: bool = True, **headers: Any) -> int:
        """Begin a call, and end its requests unless told otherwise; the stream's number."""
        stream = self.h2.get_next_available_stream_id()
        more = [(name.replace("_", "-"), value) for name, value in headers.items()]
        head = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "x")]
        grpc = [("content-type", "application/grpc"), ("te", "trailers")]
        self.h2.send_headers(stream, [*head, *grpc, *more])
        framed = b"\0" + len(message).to_bytes(4, "big") + message
        self.h2.send_data(stream, framed, end_stream=end)
        self.flush()
        return stream


@asynccontextmanager
async def wire(address: str) -> AsyncIterator[Wire]:
    """A connection to a server."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
