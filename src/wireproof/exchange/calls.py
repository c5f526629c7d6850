"""Calls of all four styles, as bytes: stubs would hide a second reply, a missing one, bad bytes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import Message

from wireproof.exchange.channel import Channel
from wireproof.exchange.exchange import Exchange, Method, Script, Step, StepKind


async def call(channel: Channel, method: Method, script: Script) -> Exchange:
    """Do what *script* says, half-close, read to the end (at most *script.most* messages).

    Never raises for what the server does and never outlasts *script.deadline*: a dead server is
    an exchange with UNAVAILABLE.
    """
    first, steps = _first(method, script)
    async with opened(channel, method, script, first) as live:
        for step in steps:
            await _DO[step.kind](live, step)
        if not live.cancelled:
            await live.half_close()
        return await live.finish()


def _first(method: Method, script: Script) -> tuple[bytes | None, tuple[Step, ...]]:
    """The one request that such a method takes, where the script sends just that, and the rest."""
    sent = [step for step in script.steps if step.kind is StepKind.SEND]
    if method.style.client_streams or len(sent) != 1 or script.steps[0] is not sent[0]:
        return None, script.steps
    return sent[0].payload, script.steps[1:]


@asynccontextmanager
async def opened(
    channel: Channel, method: Method, script: Script | None = None, first: bytes | None = None
) -> AsyncIterator[Live]:
    """A call in flight, for what a script cannot say; cancelled where the block is left early.

    See `Live` for *first*.
    """
    live = Live(channel, method, script or Script(()), first)
    try:
        yield live
    finally:
        live.abandon()


class Live:
    """A call in flight. A task of its own reads what arrives, so neither side ever blocks.

    *first* is the only request, sent at once with the half-close, as stubs of methods without
    client streaming do it; None leaves both to `send` and `half_close`.
    """

    def __init__(
        self, channel: Channel, method: Method, script: Script, first: bytes | None = None
    ) -> None:
        self.method = method
        self.script = script
        self.cancelled = False
        self._steps: list[Step] = []
        self._arrived: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._begun = time.perf_counter()
        self._closed = first is not None
        metadata = (*channel.target.metadata, *script.secret, *script.metadata)
        if first is None:
            streaming: Any = channel.raw.stream_stream(method.path)
            self._call: Any = streaming(timeout=script.deadline, metadata=metadata)
        else:
            self._record(StepKind.SEND, first)
            self._record(StepKind.HALF_CLOSE)
            single: Any = channel.raw.unary_stream(method.path)
            self._call = single(first, timeout=script.deadline, metadata=metadata)
        self._reader = asyncio.ensure_future(self._read())

    @property
    def done(self) -> bool:
        """Whether the status has arrived."""
        return bool(self._call.done())

    @property
    def received(self) -> tuple[bytes, ...]:
        """What has arrived so far."""
        return tuple(step.payload for step in self._steps if step.kind is StepKind.RECEIVE)

    async def send(self, message: Message | bytes) -> None:
        """Send one message; nothing where the server has already ended the call."""
        payload = message if isinstance(message, bytes) else message.SerializeToString()
        if self.done or self._closed:
            return
        self._record(StepKind.SEND, payload)
        try:
            await self._call.wait_for_connection()
            # Its own write() would put INTERNAL in place of a status that arrives meanwhile.
            await self._call._cython_call.send_serialized_message(payload)
        except (grpc.aio.AioRpcError, grpc.aio.InternalError, asyncio.InvalidStateError):
            return  # the status, read at the end, says why
        except asyncio.CancelledError:
            if not self._call.cancelled():
                raise

    async def receive(self, timeout: float | None = None) -> bytes | None:  # noqa: ASYNC109
        """The next message; None at the end of the stream or after *timeout* seconds."""
        try:
            payload = await asyncio.wait_for(self._arrived.get(), timeout)
        except TimeoutError:
            return None
        if payload is None:
            self._arrived.put_nowait(None)  # the end stays the end
        return payload

    async def started(self, timeout: float) -> bool:  # noqa: ASYNC109
        """Whether the server's headers have arrived, after at most *timeout* seconds."""
        try:
            await asyncio.wait_for(asyncio.shield(self._headers()), timeout)
        except TimeoutError:
            return False
        return True

    async def _headers(self) -> None:
        await self._call.initial_metadata()

    async def half_close(self) -> None:
        """Say that nothing more will be sent."""
        if self._closed:
            return
        self._closed = True
        self._record(StepKind.HALF_CLOSE)
        try:
            await self._call.done_writing()
        except (grpc.aio.AioRpcError, grpc.aio.InternalError, asyncio.InvalidStateError):
            return
        except asyncio.CancelledError:
            if not self._call.cancelled():
                raise

    def cancel(self) -> None:
        """Cancel the call, as a client that has lost interest."""
        if not self.done:
            self.cancelled = True
            self._record(StepKind.CANCEL)
            self._call.cancel()

    async def finish(self) -> Exchange:
        """The whole exchange, once the status is there (the deadline sees to it)."""
        await self._reader
        code = await self._call.code()
        self._record(StepKind.STATUS)
        return Exchange(
            method=self.method,
            script=self.script,
            steps=tuple(self._steps),
            code=code,
            message=await self._call.details() or "",
            initial_metadata=_pairs(await self._call.initial_metadata()),
            trailers=_pairs(await self._call.trailing_metadata()),
            duration=time.perf_counter() - self._begun,
        )

    def abandon(self) -> None:
        """Leave nothing behind: the call is cancelled and its reader ends."""
        if not self.done:
            self._call.cancel()
        self._reader.cancel()

    async def _read(self) -> None:
        try:
            while (payload := await self._call.read()) is not grpc.aio.EOF:
                self._record(StepKind.RECEIVE, payload)
                self._arrived.put_nowait(payload)
                if len(self._steps) >= self.script.most:
                    self.cancel()
                    break
        except (grpc.aio.AioRpcError, asyncio.CancelledError):
            return  # a status, or our own cancellation: both are read from the call
        finally:
            self._arrived.put_nowait(None)

    def _record(self, kind: StepKind, payload: bytes = b"") -> None:
        self._steps.append(Step(kind, payload, time.perf_counter() - self._begun))


async def _send(live: Live, step: Step) -> None:
    await live.send(step.payload)


async def _receive(live: Live, _: Step) -> None:
    await live.receive()


async def _half_close(live: Live, _: Step) -> None:
    await live.half_close()


async def _cancel(live: Live, _: Step) -> None:
    live.cancel()


async def _status(live: Live, _: Step) -> None:
    while await live.receive() is not None:
        pass


_DO = {
    StepKind.SEND: _send,
    StepKind.RECEIVE: _receive,
    StepKind.HALF_CLOSE: _half_close,
    StepKind.CANCEL: _cancel,
    StepKind.STATUS: _status,
}


def _pairs(metadata: Iterable[tuple[str, str | bytes]] | None) -> tuple[tuple[str, Any], ...]:
    return tuple((key, value) for key, value in metadata or ())
