"""Calls as plain data: for reports, and for replaying them."""

from __future__ import annotations

import base64
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message

from wireproof.checks.facts import details
from wireproof.exchange import Exchange, Step, StepKind

_SHOWN = 20
"""Steps of a long exchange that a report shows."""


def described(exchanges: tuple[Exchange, ...]) -> dict[str, Any]:
    """The last call, and those that led to it."""
    if not exchanges:
        return {}
    *before, last = exchanges
    document = one(last)
    if before:
        document["after"] = [one(x) for x in before[-5:]]
    return document


def one(x: Exchange) -> dict[str, Any]:
    """One call: what was sent and received, as ProtoJSON where it decodes."""
    document: dict[str, Any] = {
        "method": x.method.full_name,
        "style": str(x.method.style),
        "steps": [_step(x, s) for s in x.steps[:_SHOWN] if s.kind is not StepKind.STATUS],
        "status": {"code": x.code.name, "message": x.message},
    }
    if x.script.metadata:
        document["metadata"] = [[k, _metadata(v)] for k, v in x.script.metadata]
    if (status := details(x)) is not None:
        document["status"]["details"] = [_detail(detail) for detail in status.details]
    if len(x.steps) > _SHOWN:
        document["more_steps"] = len(x.steps) - _SHOWN
    if x.note.get("rule"):
        document["breaks"] = {"path": x.note.get("path", ""), "rule": x.note["rule"]}
    return document


def _step(x: Exchange, step: Step) -> dict[str, Any]:
    if step.kind is StepKind.SEND:
        return {"send": _payload(x.method.request, step.payload), **_bytes(step)}
    if step.kind is StepKind.RECEIVE:
        return {"receive": _payload(x.method.reply, step.payload), **_bytes(step)}
    return {str(step.kind): {}}


def _bytes(step: Step) -> dict[str, str]:
    return {"bytes": base64.b64encode(step.payload).decode()}


def _payload(kind: type[Message], payload: bytes) -> Any:
    try:
        message = kind.FromString(payload)
        pool: Any = kind.DESCRIPTOR.file.pool
        return json_format.MessageToDict(message, descriptor_pool=pool)
    except (DecodeError, ValueError, TypeError):
        return None


def _detail(detail: Any) -> dict[str, Any]:
    name = detail.type_url.rsplit("/", 1)[-1]
    try:
        unpacked: dict[str, Any] = json_format.MessageToDict(detail)
    except (TypeError, DecodeError, ValueError):  # a type that nobody here knows
        return {"@type": detail.type_url, "value": base64.b64encode(detail.value).decode()}
    return {**unpacked, "@type": name}


def _metadata(value: str | bytes) -> str:
    return value if isinstance(value, str) else base64.b64encode(value).decode()
