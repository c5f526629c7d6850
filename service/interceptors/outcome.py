"""How a call ended, written down where the observers around this layer read it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import grpc

from service import errors
from service.current import CURRENT
from service.interceptors.handlers import Call, Context, Handler, wrapped
from service.interceptors.recovery import CODES

if TYPE_CHECKING:
    from service.current import Current, Method


class Outcome:
    """The status that the client gets, found once for metrics, traces and logs."""

    def wrap(self, handler: Handler, method: Method) -> Handler:  # noqa: ARG002
        return wrapped(handler, _noting)


def _noting(call: Call, handler: Handler) -> Call:  # noqa: ARG001
    async def noted(request: Any, context: Context) -> Any:
        current = CURRENT.get()
        assert current is not None, "Naming is an outer layer"
        try:
            reply = await call(request, context)
        except BaseException as error:
            _note(current, error, context)
            raise
        if context.code():  # a handler may set it without raising
            current.code = _name(context.code())
        return reply

    return noted


def _note(current: Current, error: BaseException, context: Context) -> None:
    if isinstance(error, errors.Refusal):
        current.code, current.reason = CODES[error.code].name, error.reason
    elif isinstance(error, grpc.aio.AbortError):
        current.code = _name(context.code())
    elif isinstance(error, asyncio.CancelledError | grpc.aio.InternalError | GeneratorExit):
        left = context.time_remaining()
        late = left is not None and left <= 0
        current.code = "DEADLINE_EXCEEDED" if late else "CANCELLED"
    else:
        current.code, current.reason = "INTERNAL", "INTERNAL_ERROR"


def _name(code: Any) -> str:
    return code.name if isinstance(code, grpc.StatusCode) else CODES[code].name
