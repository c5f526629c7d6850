"""Calls that would never end by themselves, when the server stops."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar, cast

from service import errors
from service.interceptors.handlers import Call, Context, Handler, wrapped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from service.current import Method
    from service.interceptors.timeline import Timeline

T = TypeVar("T")


class Gate:
    """A point that calls wait at, and that can be shut, for one of them or for all.

    Whoever waits there is then refused.
    """

    def __init__(self, refusal: Callable[[], errors.Refusal]) -> None:
        self._refusal = refusal
        self._shut = False
        self._waiting: set[asyncio.Task[Any]] = set()
        self._refused: set[asyncio.Task[Any]] = set()

    @property
    def crowded(self) -> bool:
        """Whether anybody waits here."""
        return bool(self._waiting)

    def shut(self) -> None:
        self._shut = True
        for task in self._waiting:
            self.refuse(task)

    def refuse(self, task: asyncio.Task[Any]) -> None:
        """Shut the gate for one that is passing, at once or as soon as it can be disturbed."""
        self._refused.add(task)
        if task in self._waiting:
            task.cancel()

    async def passing(self, awaitable: Awaitable[T], *, within: Timeline | None = None) -> T:
        """Wait for something, unless the gate is shut meanwhile; the timeline may shut it."""
        task = current_task()
        self._waiting.add(task)
        if within is not None:
            within.began(task)
        try:
            if self._shut:
                self.refuse(task)
            return await awaitable
        except asyncio.CancelledError:
            if task not in self._refused:
                raise
            task.uncancel()
            raise self._refusal() from None
        finally:
            if within is not None:
                within.ended(task)
            self._waiting.discard(task)
            self._refused.discard(task)

    async def undisturbed(self, awaitable: Awaitable[T]) -> T:
        """Wait for something even if the gate is shut meanwhile, and be refused after it."""
        task = current_task()
        self._waiting.discard(task)
        try:
            return await awaitable
        finally:
            self._waiting.add(task)
            if self._shut or task in self._refused:
                self.refuse(task)


def current_task() -> asyncio.Task[Any]:
    """The task that serves the call."""
    task = asyncio.current_task()
    assert task is not None, "calls are served in tasks"
    return task


class Writing:
    """A context whose writes are undisturbed: no status can follow a message that is half sent."""

    def __init__(self, context: Context, gate: Gate) -> None:
        self._context = context
        self._gate = gate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    async def write(self, message: Any) -> None:
        await self._gate.undisturbed(self._context.write(message))


class Draining:
    """Ends streams with UNAVAILABLE: those without an end at once, uploads when time is up.

    A stream of requests is ended only between two of them, so what was begun gets its reply; a
    reader that does not read is cut off when the grace is over.
    """

    def __init__(self) -> None:
        self.endless = Gate(errors.server_stopping)
        self.uploads = Gate(errors.server_stopping)

    def wrap(self, handler: Handler, method: Method) -> Handler:
        if not (method.requests_stream or method.replies_stream):
            return handler
        return wrapped(handler, self._draining)

    def _draining(self, call: Call, handler: Handler) -> Call:
        gate = self.endless if handler.response_streaming else self.uploads

        async def each(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
            while True:
                try:
                    request = await gate.passing(anext(requests))
                except StopAsyncIteration:
                    return
                yield request

        async def reading(requests: AsyncIterator[Any], context: Context) -> Any:
            return await call(each(aiter(requests)), context)

        async def writing(request: Any, context: Context) -> Any:
            undisturbed = cast("Context", Writing(context, gate))
            return await gate.passing(call(request, undisturbed))

        return reading if handler.request_streaming else writing
