"""How each call ended and how long it took, told to those who count and to those who write."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Protocol

import grpc

from service import errors
from service.current import CURRENT
from service.interceptors.handlers import Call, Context, Handler, wrapped
from service.interceptors.recovery import CODES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.current import Current, Method


class Observer(Protocol):
    """Whoever wants to know of the calls of one method."""

    def began(self) -> None:
        """A call has come."""

    def ended(self, current: Current, request: Any, seconds: float) -> None:
        """It has its status; of a stream of requests, `request` is the iterator."""


class Observers(Protocol):
    """Whoever wants to know of calls."""

    def of(self, method: Method) -> Observer | None:
        """What observes this method; None where nobody does."""


class Observing:
    """Measures and judges a call once, for all observers; what they learn is what the client gets.

    One layer for all: each of its own would cost every call as much as what it does.
    """

    def __init__(self, *observers: Observers) -> None:
        self._observers = observers

    def wrap(self, handler: Handler, method: Method) -> Handler:
        found = (each.of(method) for each in self._observers)
        observers = [each for each in found if each is not None]
        return wrapped(handler, lambda call, _: _observed(call, observers))


def _observed(call: Call, observers: Sequence[Observer]) -> Call:
    async def observed(request: Any, context: Context) -> Any:
        current = CURRENT.get()
        assert current is not None, "Naming is an outer layer"
        for observer in observers:
            observer.began()
        try:
            reply = await call(request, context)
        except BaseException as error:
            _note(current, error, context)
            raise
        else:
            if (code := context.code()) is not None:  # a handler may set it without raising
                current.code = _name(code)
            return reply
        finally:
            seconds = time.perf_counter() - current.began
            for observer in observers:
                observer.ended(current, request, seconds)

    return observed


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
