"""A connection to a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio

from wireproof.errors import UnreachableTarget
from wireproof.schema.target import (
    Metadata,
    Target,
    credentials,
    explained,
    options,
    target_of,
)

__all__ = ["Channel", "Metadata", "Target", "connected", "target_of"]


@dataclass(frozen=True, slots=True)
class Channel:
    """An open connection to a target."""

    target: Target
    raw: grpc.aio.Channel
    _unary: dict[str, Any] = field(default_factory=dict)

    def unary(self, path: str) -> Any:
        """What calls the unary method of that path with bytes; made once."""
        if path not in self._unary:
            self._unary[path] = self.raw.unary_unary(path)
        return self._unary[path]


@asynccontextmanager
async def connected(target: Target) -> AsyncIterator[Channel]:
    """A channel that is connected, closed at the end.

    Raises UnreachableTarget, with the transport's own reason, as soon as no connection can be had
    and at the latest after *target.connect_timeout*.
    """
    raw = _open(target)
    try:
        await _ready(raw, target)
        yield Channel(target, raw)
    finally:
        await raw.close()


def _open(target: Target) -> grpc.aio.Channel:
    if secure := credentials(target):
        return grpc.aio.secure_channel(target.address, secure, options=options(target))
    return grpc.aio.insecure_channel(target.address, options=options(target))


async def _ready(raw: grpc.aio.Channel, target: Target) -> None:
    try:
        async with asyncio.timeout(target.connect_timeout):
            state = raw.get_state(try_to_connect=True)
            while state not in (
                grpc.ChannelConnectivity.READY,
                grpc.ChannelConnectivity.TRANSIENT_FAILURE,
            ):
                await raw.wait_for_state_change(state)
                state = raw.get_state(try_to_connect=True)
    except TimeoutError:
        waited = f"{target.connect_timeout:g} s"
        reason = f"it accepts no HTTP/2 connection within {waited}; is it a gRPC server?"
        raise UnreachableTarget(target.address, reason) from None
    if state is grpc.ChannelConnectivity.TRANSIENT_FAILURE and (why := await _reason(raw, target)):
        raise UnreachableTarget(target.address, why)


_ANSWERED = (
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
)


async def _reason(raw: grpc.aio.Channel, target: Target) -> str:
    """Why the channel failed: a connectivity state has no words, the status of a call does.

    Empty where the next attempt succeeded, and the server answered.
    """
    try:
        probe: Any = raw.unary_unary("/")
        await probe(b"", timeout=target.connect_timeout)
    except grpc.aio.AioRpcError as error:
        if error.code() in _ANSWERED:
            return ""
        return explained(error.details() or "", tls=target.tls)
    return "the connection broke"
