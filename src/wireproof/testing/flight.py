"""Calls in flight together: made in their order, answered in any.

What is to be done here, making requests and judging answers, costs about as much as a server's own
work. So it is done while the server works: requests are made ahead, and after every few pieces of
work what has arrived is taken and the next requests are sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

from google.protobuf.message import Message

from wireproof.checks.facts import Code, Kind
from wireproof.errors import UnreachableTarget
from wireproof.exchange import Exchange, Method, Script, Style
from wireproof.exchange.calls import Live, call
from wireproof.exchange.channel import Channel
from wireproof.exchange.quick import quick

T = TypeVar("T")

_EVENTS = 200
"""Messages to read of a stream without end."""


class Plan(NamedTuple):
    """A call to be made with one message, and where it came from."""

    method: Method
    message: Message
    note: Mapping[str, Any]
    origin: Any = None


async def listened(live: Live, patience: float) -> tuple[Exchange, bool]:
    """Send what the script says, then read to the end or to *patience* seconds of silence.

    Also whether the stream was held open, and ended by us.
    """
    for step in live.script.steps:
        await live.send(step.payload)
    await live.half_close()
    for _ in range(_EVENTS):
        if await live.receive(patience) is None:
            break
    await asyncio.sleep(0)  # the status may be read already, and not told yet
    live.cancel()
    return await live.finish(), live.cancelled


class Flight(Generic[T]):
    """Some calls, as many in flight together as the options say."""

    def __init__(
        self,
        channel: Channel,
        workers: int,
        taken: Callable[[Exchange], T],
        patience: Callable[[Method], float],
    ) -> None:
        self.error: UnreachableTarget | None = None
        """Why the rest was not made: the server hangs."""
        self.lost: Exchange | None = None
        """The first call that found no server."""
        self.unmade = 0
        """How many of the calls asked for were not made for one of these reasons."""
        self._channel = channel
        self._workers = workers
        self._taken = taken
        self._patience = patience
        self._ready: asyncio.Queue[tuple[int, tuple[Plan, Script]] | None] = asyncio.Queue()
        self._answered: asyncio.Queue[tuple[int, Plan, Exchange]] = asyncio.Queue()
        self._made: dict[int, tuple[Plan, Exchange, T]] = {}

    @property
    def landed(self) -> Iterator[tuple[Plan, Exchange, T]]:
        """What was answered and what was seen in it, in the order in which it was asked."""
        return (self._made[at] for at in sorted(self._made))

    async def made(self, plans: Iterator[tuple[Plan, Script]]) -> None:
        """Make all of them."""
        workers = (self._worker() for _ in range(self._workers))
        crew = [asyncio.create_task(one) for one in (self._desk(plans), *workers)]
        try:
            await asyncio.gather(*crew)
        finally:
            for one in crew:
                one.cancel()

    async def _desk(self, plans: Iterator[tuple[Plan, Script]]) -> None:
        """Make requests ahead and judge answers, some of each in a row."""
        left = enumerate(plans)
        row = max(1, self._workers // 2)  # code that was run just before runs twice as fast
        more, due = True, 0
        while more or due:
            room = more and self._ready.qsize() <= 3 * row
            ahead = list(islice(left, row)) if room else []
            for asked in ahead:
                self._ready.put_nowait(asked)
            more = len(ahead) == row if room else more
            due += len(ahead)
            answered = min(row, self._answered.qsize()) or (not ahead and due > 0)
            for _ in range(answered):
                self._judge(*await self._answered.get())
            due -= answered
            if self.error or self.lost:
                more = False
                due -= self._left_out()
            await asyncio.sleep(0)  # what has arrived is taken, what is ready is sent
        for _ in range(self._workers):
            self._ready.put_nowait(None)

    def _judge(self, at: int, plan: Plan, x: Exchange) -> None:
        try:
            self._made[at] = plan, x, self._taken(x)
        except UnreachableTarget as error:
            self.error = self.error or error
        if x.code is Code.UNAVAILABLE:
            self.lost = self.lost or x

    def _left_out(self) -> int:
        """How many requests that were ready are not sent any more."""
        count = self._ready.qsize()
        for _ in range(count):
            self._ready.get_nowait()
        self.unmade += count
        return count

    async def _worker(self) -> None:
        while (asked := await self._ready.get()) is not None:
            at, (plan, script) = asked
            self._answered.put_nowait((at, plan, await self._call(plan, script)))

    async def _call(self, plan: Plan, script: Script) -> Exchange:
        method = plan.method
        note = {"kind": Kind.VALID, "held": False, **plan.note}
        if method.style is Style.UNARY:
            return await quick(self._channel, method, script, note)
        if not method.style.server_streams:
            return replace(await call(self._channel, method, script), note=note)
        first = None if method.style.client_streams else script.steps[0].payload
        live = Live(self._channel, method, script, first)
        x, held = await listened(live, self._patience(method))
        return replace(x, note={**note, "held": held})
