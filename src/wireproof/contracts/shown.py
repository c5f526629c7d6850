"""An exchange as plain data: messages as ProtoJSON, without times or values of metadata."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError, Message

from wireproof.contracts.protojson import written
from wireproof.exchange.exchange import Exchange, Step, StepKind

_FIRST, _LAST = 20, 5


def shown(exchange: Exchange) -> dict[str, Any]:
    """What happened: of metadata the keys only (tokens stand in it), of many steps not all."""
    some = (*exchange.steps[:_FIRST], *exchange.steps[_FIRST:][-_LAST:])
    steps = [_step(step, exchange) for step in some]
    if (hidden := len(exchange.steps) - len(steps)) > 0:
        steps.insert(_FIRST, {"hidden": f"{hidden} more steps"})
    return {
        "method": exchange.method.full_name,
        "metadata": sorted({key for key, _ in exchange.script.metadata}),
        "steps": steps,
    }


def _step(step: Step, exchange: Exchange) -> dict[str, Any]:
    if step.kind is StepKind.SEND:
        return {str(step.kind): _message(step.payload, exchange.method.request)}
    if step.kind is StepKind.RECEIVE:
        return {str(step.kind): _message(step.payload, exchange.method.reply)}
    if step.kind is StepKind.STATUS:
        return {str(step.kind): exchange.code.name, "message": exchange.message}
    return {str(step.kind): {}}


def _message(payload: bytes, kind: type[Message]) -> dict[str, Any]:
    try:
        return written(kind.FromString(payload))
    except DecodeError:
        return {"undecodable": payload.hex()}
