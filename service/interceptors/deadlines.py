"""No call lasts longer than the server allows, whatever its client asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from service import errors
from service.interceptors.draining import Gate, Writing
from service.interceptors.handlers import Call, Context, Handler, wrapped
from service.interceptors.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Awaitable

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
        self._gate = Gate(errors.out_of_time)
        self._most = most
        self._without = Timeline(default, self._gate.refuse)
        self._beyond = Timeline(most, self._gate.refuse)

    def __call__(self, call: Call, handler: Handler) -> Call:
        gate = self._gate

        def limited(request: Any, context: Context) -> Awaitable[Any]:
            left = context.time_remaining()
            if left is not None and left <= self._most:
                return call(request, context)
            if handler.response_streaming:
                context = cast("Context", Writing(context, gate))
            timeline = self._without if left is None else self._beyond
            return gate.passing(call(request, context), within=timeline)

        return limited
