"""No call lasts longer than the server allows, whatever its client asked for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from service import errors
from service.interceptors.draining import Gate, Writing
from service.interceptors.handlers import Call, Context, Handler, wrapped

if TYPE_CHECKING:
    from service.current import Method
    from service.settings import Settings


class Deadlines:
    """Ends calls with DEADLINE_EXCEEDED: a default where a client set none, and a cap where it did.

    A deadline within the cap is gRPC's own business. Streams of replies are ended between two.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def wrap(self, handler: Handler, method: Method) -> Handler:
        settings = self._settings
        most = settings.stream_most if method.replies_stream else settings.deadline_most
        default = settings.stream_most if method.replies_stream else settings.deadline
        if method.public or not (most or default):
            return handler
        return wrapped(handler, _Limited(default or most, most or float("inf")))


class _Limited:
    def __init__(self, default: float, most: float) -> None:
        self._default = default
        self._most = most

    def __call__(self, call: Call, handler: Handler) -> Call:  # noqa: ARG002
        async def limited(request: Any, context: Context) -> Any:
            left = context.time_remaining()
            if left is not None and left <= self._most:
                return await call(request, context)
            seconds = self._default if left is None else self._most
            gate = Gate(errors.out_of_time)
            timer = asyncio.get_running_loop().call_later(seconds, gate.shut)
            try:
                return await gate.passing(call(request, cast("Context", Writing(context, gate))))
            finally:
                timer.cancel()

        return limited
