"""Logs: a JSON object a line, without secrets and without what is personal.

Metadata is never logged, so no credentials are. Of requests (at level debug) every field is left
out that its schema marks `debug_redact`, or as data of a class that no log shows.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

import orjson
import structlog
from google.protobuf import json_format
from google.protobuf.message import Message

from service.current import CURRENT
from wireproof.annotations.v1 import annotations_pb2

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from google.protobuf.descriptor import FieldDescriptor

    from service.current import Current, Method

REDACTED = "[redacted]"
LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
MOMENT = 0.05  # seconds that a line may wait for others
MANY = 500  # lines that do not wait
BAD = {"INTERNAL", "UNKNOWN", "DATA_LOSS"}
HIDDEN = {
    annotations_pb2.DATA_CLASS_PERSONAL,
    annotations_pb2.DATA_CLASS_SENSITIVE,
    annotations_pb2.DATA_CLASS_SECRET,
}

AS_LINE = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z

_add_time = structlog.processors.TimeStamper(fmt="iso", utc=True, key="time")


def to_stderr(level: str) -> None:
    """Bring what the standard library logs into the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.add_log_level,
                structlog.processors.format_exc_info,
                _add_call,
                _add_time,
                structlog.processors.JSONRenderer(),
            ]
        )
    )
    logging.basicConfig(handlers=[handler], level=max(LEVELS[level], logging.INFO), force=True)


class Logging:
    """One line a call, when it has ended.

    Lines are rendered and written many at a time, a moment later: alone, each would cost far more.
    Errors are told at once; what a killed process still held is lost.
    """

    def __init__(self, level: str, stream: TextIO | None = None) -> None:
        self.level = LEVELS[level]
        self._stream = stream or sys.stderr
        self._waiting: list[tuple[str, dict[str, Any]]] = []
        self._timer: asyncio.TimerHandle | None = None

    def of(self, method: Method) -> _OfMethod | None:
        """What tells of the calls of a method; nobody asks for those of probes and tools."""
        return None if method.public else _OfMethod(self, method)

    def tell(self, level: str, told: dict[str, Any]) -> None:
        self._waiting.append((level, told))
        if level == "error" or len(self._waiting) >= MANY:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(MOMENT, self.flush)

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._stream.writelines(_rendered(level, told) for level, told in self._waiting)
        self._waiting.clear()
        self._stream.flush()


class _OfMethod:
    def __init__(self, logging: Logging, method: Method) -> None:
        self._logging = logging
        self._path = method.path
        self._errors_alone = logging.level > LEVELS["info"]
        self._requests_too = logging.level <= LEVELS["debug"]

    def began(self) -> None:
        """Nothing is told of what has not ended."""

    def ended(self, current: Current, request: Any, seconds: float) -> None:
        bad = current.code in BAD
        if self._errors_alone and not bad:
            return
        told = {
            "time": time.time(),
            "method": self._path,
            "code": current.code,
            "ms": seconds * 1000,
            "request_id": current.request_id,
            "caller": current.caller.name if current.caller else "",
            "peer": current.peer(),  # now: afterwards gRPC has let go of the call
        }
        if current.reason:
            told["reason"] = current.reason
        if current.trace_id:
            told["trace_id"] = current.trace_id
        if self._requests_too and isinstance(request, Message):
            told["request"] = shown(request)
        self._logging.tell("error" if bad else "info", told)


def shown(message: Message) -> dict[str, Any]:
    """The message as a log may show it."""
    return {
        field.name: REDACTED if hidden(field) else _value(field, value)
        for field, value in message.ListFields()
    }


def hidden(field: FieldDescriptor) -> bool:
    """Whether no log may show what the field holds."""
    options = field.GetOptions()
    data_class = options.Extensions[annotations_pb2.field].data_class
    return bool(options.debug_redact) or data_class in HIDDEN


def _value(field: Any, value: Any) -> Any:
    if field.message_type is None:
        return list(value) if field.is_repeated else _scalar(value)
    if field.message_type.GetOptions().map_entry:
        inner = field.message_type.fields_by_name["value"]
        return {str(key): _value(inner, one) for key, one in value.items()}
    if field.is_repeated:
        return [shown(one) for one in value]
    if field.message_type.file.package == "google.protobuf":
        return json_format.MessageToDict(value) if not _opaque(value) else REDACTED
    return shown(value)


def _opaque(value: Message) -> bool:
    """Whether its content has no annotations to judge by."""
    return value.DESCRIPTOR.name in ("Any", "Struct", "Value")


def _scalar(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _add_call(_: Any, __: str, told: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    current = CURRENT.get()
    if current is not None:
        told["request_id"], told["method"] = current.request_id, current.method.path
    return told


def _rendered(level: str, told: dict[str, Any]) -> str:
    """A line: one step does what structlog's own would do in three, in a third of the time."""
    told["event"], told["level"] = "call", level
    told["time"] = datetime.fromtimestamp(told["time"], UTC)
    told["ms"] = round(told["ms"], 3)
    try:
        return orjson.dumps(told, default=str, option=AS_LINE).decode()
    except TypeError:  # a name in a token may hold half a character, which orjson does not take
        told["time"] = told["time"].isoformat().replace("+00:00", "Z")
        return json.dumps(told, default=str) + "\n"
