"""Calls that come together are served together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from service.gathering import gathered
from service.interceptors.handlers import Call, Context, Handler, wrapped

if TYPE_CHECKING:
    from service.current import Method

MOST = 32  # calls
TURNS = 6  # of the event loop that bring no call: then none is on the way


class Company:
    """A call with one request and one reply waits for those that come with it, some microseconds.

    Served one after the other, they find the processor's caches full of what they need; between
    calls that are served alone, gRPC and the system empty them, and all that is done for a call
    costs several times as much. Together they also ask the database, and send their replies.
    """

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []
        self._gathering: asyncio.Task[None] | None = None

    def wrap(self, handler: Handler, method: Method) -> Handler:
        if method.public or method.requests_stream or method.replies_stream:
            return handler
        return wrapped(handler, self._together)

    def _together(self, call: Call, handler: Handler) -> Call:  # noqa: ARG002
        async def together(request: Any, context: Context) -> Any:
            await self._joined()
            return await call(request, context)

        return together

    def _joined(self) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()  # its own: another's end is not its end
        self._waiting.append(future)
        if self._gathering is None:
            self._gathering = loop.create_task(self._gather())
        return future

    async def _gather(self) -> None:
        await gathered(lambda: len(self._waiting), most=MOST, turns=TURNS)
        together, self._waiting, self._gathering = self._waiting, [], None
        for future in together:
            if not future.done():  # its client has gone meanwhile
                future.set_result(None)
