"""The one of this replica who writes: what waits together is one transaction."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import asyncpg

from service import errors
from service.model import User
from service.store.postgres_batch import Batch, Touches
from service.store.postgres_errors import DRIVER_ERRORS, refusal
from service.store.postgres_schema import connect

Work = Callable[[Batch], Awaitable[User]]

AT_ONCE = 200  # pieces of work that share a transaction at most
UNCERTAIN = 20.0  # seconds to find out whether a transaction was committed
PATIENCE = 0.1  # seconds between two attempts
OUTCOME = "SELECT pg_xact_status($1::text::xid8)"
KNOWN_OUTCOMES: Mapping[str, Callable[[], Exception | None]] = {
    "committed": lambda: None,
    "aborted": errors.store_unavailable,
}


@dataclass(slots=True)
class _Job:
    work: Work
    touches: Touches
    future: asyncio.Future[User]
    result: User | None = None
    error: Exception | None = None

    def settle(self, failure: Exception | None = None) -> None:
        if self.future.done():  # the call was cancelled meanwhile
            return
        if (error := self.error or failure) is not None:
            self.future.set_exception(error)
        elif self.result is not None:
            self.future.set_result(self.result)


class _InDoubtError(Exception):
    """The connection broke while the transaction of this number was being committed."""

    def __init__(self, xid: str) -> None:
        self.xid = xid


class PostgresWriter:
    """Runs work that writes; what it raises undoes it, and nothing else.

    `committed` is called after every commit with the position of the newest event.
    """

    def __init__(self, url: str, committed: Callable[[int], None]) -> None:
        self._url = url
        self._committed = committed
        self._db: asyncpg.Connection | None = None
        self._jobs: list[_Job] = []
        self._arrived = asyncio.Event()
        self._closing = False
        self._serving = asyncio.create_task(self._serve())

    async def run(self, work: Work, touches: Touches) -> User:
        if self._closing:
            raise errors.store_unavailable()
        job = _Job(work, touches, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        self._arrived.set()
        return await job.future

    async def close(self) -> None:
        self._closing = True
        self._arrived.set()
        await self._serving
        await self._disconnect()

    async def _serve(self) -> None:
        while self._jobs or not self._closing:
            await self._arrived.wait()
            self._arrived.clear()
            while self._jobs:
                jobs, self._jobs = self._jobs[:AT_ONCE], self._jobs[AT_ONCE:]
                await self._commit(jobs)

    async def _commit(self, jobs: list[_Job]) -> None:
        """Commit these jobs and tell their callers; a connection that has died costs one retry."""
        failure: Exception | None = None
        try:
            await self._transact_afresh(jobs)
        except _InDoubtError as doubt:
            failure = await self._find_out(doubt.xid)
        except Exception as error:  # noqa: BLE001 (whoever waits has to hear of it)
            failure = refusal(error)
        for job in jobs:
            job.settle(failure)

    async def _transact_afresh(self, jobs: list[_Job]) -> None:
        fresh = self._db is None
        try:
            await self._transact(jobs)
        except DRIVER_ERRORS:
            if fresh or self._db is not None:  # what happened is not that an old connection died
                raise
            await self._transact(jobs)

    async def _transact(self, jobs: list[_Job]) -> None:
        db = self._db = self._db or await connect(self._url)
        xid, committing = "", False
        try:
            batch = await Batch.begin(db, [job.touches for job in jobs])
            xid = batch.xid
            for job in jobs:
                await _perform(job, batch)
            position = await batch.write()
            committing = True
            await db.execute("COMMIT")
        except BaseException as error:
            if not await self._rolled_back(db) and committing:
                raise _InDoubtError(xid) from error
            raise
        self._committed(position)

    async def _rolled_back(self, db: asyncpg.Connection) -> bool:
        """Undo what was begun; whether it is certain that nothing of it was committed."""
        try:
            await db.execute("ROLLBACK", timeout=1)
        except DRIVER_ERRORS:
            await self._disconnect()
            return False
        return True

    async def _find_out(self, xid: str) -> Exception | None:
        """What to tell the callers of a transaction that broke off while it was being committed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(UNCERTAIN):
                while True:
                    status = await self._status(xid)
                    if status in KNOWN_OUTCOMES:
                        return KNOWN_OUTCOMES[status]()
                    await asyncio.sleep(PATIENCE)
        return errors.store_outcome_unknown()

    async def _status(self, xid: str) -> str:
        try:
            self._db = self._db or await connect(self._url)
            return str(await self._db.fetchval(OUTCOME, xid))
        except DRIVER_ERRORS:
            await self._disconnect()
            return "not known"

    async def _disconnect(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with contextlib.suppress(*DRIVER_ERRORS):
                await db.close(timeout=1)


async def _perform(job: _Job, batch: Batch) -> None:
    """Do the work again from nothing: it may have been done in a transaction that was lost."""
    job.result = job.error = None
    try:
        job.result = await job.work(batch)
    except DRIVER_ERRORS:  # no work can be done now
        raise
    except Exception as error:  # noqa: BLE001 (one caller's refusal is not the others')
        job.error = error
