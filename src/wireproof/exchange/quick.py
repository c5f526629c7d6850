"""A unary call as a generated stub makes it: cheaper than the raw view of `calls`, and as blind.

A second reply is not seen. For calls in bulk, after the raw view has looked at the method.
"""

from __future__ import annotations

import time
from typing import Any

import grpc
import grpc.aio

from wireproof.exchange.channel import Channel
from wireproof.exchange.exchange import Exchange, Method, Script, Step, StepKind


async def quick(channel: Channel, method: Method, script: Script, note: dict[str, Any]) -> Exchange:
    """Send the script's one request to a unary *method*; *note* goes into the exchange.

    Never raises for what the server does and never outlasts *script.deadline*.
    """
    begun = time.perf_counter()
    metadata = (*channel.target.metadata, *script.secret, *script.metadata)
    call: Any = channel.unary(method.path)(
        script.steps[0].payload, timeout=script.deadline, metadata=metadata
    )
    code = await call.code()
    took = time.perf_counter() - begun
    return Exchange(
        method=method,
        script=script,
        steps=(script.steps[0], _CLOSED, *await _reply(call, code, took), _ended(took)),
        code=code,
        message=await call.details() or "",
        initial_metadata=_pairs(await call.initial_metadata()),
        trailers=_pairs(await call.trailing_metadata()),
        duration=took,
        note=note,
    )


_CLOSED = Step(StepKind.HALF_CLOSE)


def _ended(at: float) -> Step:
    return Step(StepKind.STATUS, at=at)


def _pairs(metadata: Any) -> tuple[tuple[str, str | bytes], ...]:
    return () if metadata is None else tuple(metadata)


async def _reply(call: Any, code: grpc.StatusCode, at: float) -> tuple[Step, ...]:
    reply = await call if code is grpc.StatusCode.OK else None
    return (Step(StepKind.RECEIVE, reply, at),) if isinstance(reply, bytes) else ()
