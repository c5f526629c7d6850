"""Whatever a call raises becomes a status that a client may see."""

from __future__ import annotations

import traceback
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2

from service import errors
from service.current import CURRENT, Method
from service.interceptors.handlers import Call, Context, Handler, wrapped

REQUEST_ID = "x-request-id"
DETAILS = "grpc-status-details-bin"
CODES = {code.value[0]: code for code in grpc.StatusCode}


class Recovery:
    """Refusals keep their words; an unforeseen error is INTERNAL with a fixed sentence.

    With `debug`, that error's traceback goes out too, for development.
    """

    def __init__(self, *, debug: bool = False) -> None:
        self._debug = debug

    def wrap(self, handler: Handler, method: Method) -> Handler:  # noqa: ARG002
        return wrapped(handler, self._recovering)

    def _recovering(self, call: Call, handler: Handler) -> Call:  # noqa: ARG002
        async def recovering(request: Any, context: Context) -> Any:
            try:
                return await call(request, context)
            except (grpc.aio.AbortError, grpc.aio.InternalError):  # answered, or client gone
                raise
            except Exception as error:  # noqa: BLE001 (nothing may pass)
                status = self._status(error)
                trailers = ((DETAILS, status.SerializeToString()), *named_trailers())
                await context.abort(CODES[status.code], status.message, trailers)

        return recovering

    def _status(self, error: Exception) -> status_pb2.Status:
        status = errors.status_of(error)
        if self._debug and not isinstance(error, errors.Refusal):
            entries = [errors.short(line) for line in traceback.format_exception(error)[-10:]]
            info = error_details_pb2.DebugInfo(stack_entries=entries, detail=repr(error)[:1000])
            status.details.add().Pack(info)
        return status


def named_trailers() -> tuple[tuple[str, str], ...]:
    """The trailers that every call has: its request's id."""
    current = CURRENT.get()
    return ((REQUEST_ID, current.request_id),) if current else ()
