"""What is new in the table of events, as PostgreSQL notifies every replica of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

from service.store.postgres_errors import DRIVER_ERRORS
from service.store.postgres_schema import CHANNEL, connect

if TYPE_CHECKING:
    import asyncpg

LAST_POSITION = "SELECT coalesce(max(position), 0) FROM events"
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0  # seconds between attempts to listen again
HEARTBEAT = 15.0  # seconds after which a silent connection is asked whether it still stands

log = logging.getLogger("service")


class News:
    """Knows the position of the newest event that this replica has heard of."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._newest = 0
        self.deaf = True  # while nobody listens
        self._changed = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen from now on; raises the driver's errors when that fails at the first attempt."""
        db = await self._listen()
        self._listening = asyncio.create_task(self._keep_listening(db))

    async def beyond(self, position: int) -> None:
        """Return once there is an event after this position."""
        while self._newest <= position:
            await self._changed.wait()

    def heard(self, position: int) -> None:
        if position > self._newest:
            self._newest = position
            self._changed.set()
            self._changed = asyncio.Event()

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening

    async def _listen(self) -> asyncpg.Connection:
        """A connection that listens; what was committed before it did is looked up."""
        db = await connect(self._url)
        try:
            await db.add_listener(CHANNEL, self._notified)
            self.heard(await db.fetchval(LAST_POSITION))
            self.deaf = False
        except BaseException:
            db.terminate()
            raise
        return db

    def _notified(self, _db: Any, _process: int, _channel: str, payload: str) -> None:
        if payload.isascii() and payload.isdigit():  # anybody may notify
            self.heard(int(payload))

    async def _keep_listening(self, db: asyncpg.Connection) -> None:
        while True:
            try:
                await _ended(db)
            finally:
                self.deaf = True
                db.terminate()
            log.warning("the connection that listens for events broke; readers wait meanwhile")
            db = await self._listen_again()

    async def _listen_again(self) -> asyncpg.Connection:
        pause = FIRST_PAUSE
        while True:
            try:
                return await self._listen()
            except DRIVER_ERRORS:
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)


async def _ended(db: asyncpg.Connection) -> None:
    """Return once the connection has broken, said so or not."""
    terminated = asyncio.Event()
    db.add_termination_listener(lambda _: terminated.set())
    while not db.is_closed():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT):
                await terminated.wait()
                return
        try:
            await db.execute("SELECT 1")
        except DRIVER_ERRORS:
            return
