"""The one synchronous door to asynchronous calls, for callers that are not async."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

from wireproof.errors import WireproofError
from wireproof.exchange.calls import Live, call
from wireproof.exchange.channel import Channel, Target, connected
from wireproof.exchange.exchange import Exchange, Method, Script

T = TypeVar("T")


class Door:
    """A connection driven from synchronous code, on an event loop of its own.

    Use as a context manager, in a thread where no event loop runs. Entering raises
    UnreachableTarget where there is no server.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_told)
        self._stack = AsyncExitStack()
        self._channel: Channel | None = None

    def __enter__(self) -> Self:
        try:
            self._channel = self.run(self._stack.enter_async_context(connected(self.target)))
        except BaseException:
            self._loop.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        try:
            self.run(self._stack.aclose())
            self.run(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()

    @property
    def channel(self) -> Channel:
        if self._channel is None:
            raise RuntimeError("a Door is used inside its with block")
        return self._channel

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What *work* returns."""
        return self._loop.run_until_complete(work)

    def reachable(self) -> bool:
        """Whether a new connection can be had."""

        async def reached() -> None:
            async with connected(self.target):
                return

        try:
            self.run(reached())
        except WireproofError:
            return False
        return True

    def call(self, method: Method, script: Script) -> Exchange:
        """One call, as `calls.call` does it."""
        return self.run(call(self.channel, method, script))

    def together(self, method: Method, scripts: Sequence[Script]) -> list[Exchange]:
        """Several calls in flight at once."""

        async def all_of_them() -> list[Exchange]:
            return await asyncio.gather(*(call(self.channel, method, one) for one in scripts))

        return self.run(all_of_them())

    def open(self, method: Method, script: Script, first: bytes | None = None) -> Live:
        """A call in flight (see `Live` for *first*); end it with `finish` or `abandon`."""

        async def start() -> Live:  # a Live starts its reader on the running loop
            return Live(self.channel, method, script, first)

        return self.run(start())


def _told(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What asyncio would print, but for grpc.aio's poller.

    All loops of a process share that poller: it complains where it wakes a loop that has nothing to
    read, or one that is closed already. Nothing is lost by it.
    """
    if "PollerCompletionQueue" not in str(context.get("message")):
        loop.default_exception_handler(context)
