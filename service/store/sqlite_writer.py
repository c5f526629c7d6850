"""The one who writes: transactions one at a time, many to a commit."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from service import errors

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

AT_ONCE = 200  # pieces of work that share a commit at most
BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class Writer(Protocol):
    """Runs work that writes; what it raises undoes it, and nothing else."""

    async def run(self, work: Work[T]) -> T:
        """The result, once it is committed."""

    async def close(self) -> None:
        """Return when all that was handed in is done."""


class InlineWriter:
    """Writes where it is called: right for memory, where a commit costs nothing."""

    def __init__(self, db: sqlite3.Connection, committed: Callable[[], None]) -> None:
        self._db = db
        self._committed = committed

    async def run(self, work: Work[T]) -> T:
        with translated(), _undone_on_error(self._db, "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"):
            result = work(self._db)
        self._committed()
        return result

    async def close(self) -> None:
        """Nothing is ever left over."""


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None

    def settle(self) -> None:
        if self.future.done():  # the call was cancelled meanwhile
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class ThreadWriter:
    """Writes in a thread of its own; work that waits together is committed together.

    `committed` is called in the event loop after every commit, whoever still waits for it.
    """

    def __init__(self, db: sqlite3.Connection, committed: Callable[[], None]) -> None:
        self._db = db
        self._committed = committed
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def run(self, work: Work[T]) -> T:
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future())
        self._jobs.put(job)
        result: T = await job.future
        return result

    async def close(self) -> None:
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        self._db.close()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            jobs = [job]
            while len(jobs) < AT_ONCE and not self._jobs.empty():
                following = self._jobs.get()
                if following is None:
                    self._jobs.put(None)
                    break
                jobs.append(following)
            self._commit(jobs)

    def _commit(self, jobs: list[_Job]) -> None:
        try:
            with (
                translated(),
                _undone_on_error(self._db, "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"),
            ):
                for job in jobs:
                    self._perform(job)
        except Exception as error:  # noqa: BLE001 (whoever waits has to hear of it)
            for job in jobs:
                job.error = job.error or error
        with contextlib.suppress(RuntimeError):  # the loop is gone, and with it the callers
            jobs[0].loop.call_soon_threadsafe(self._settle, jobs)

    def _settle(self, jobs: list[_Job]) -> None:
        self._committed()
        for job in jobs:
            job.settle()

    def _perform(self, job: _Job) -> None:
        try:
            with _undone_on_error(self._db, "SAVEPOINT job", "RELEASE job", "ROLLBACK TO job"):
                job.result = job.work(self._db)
        except sqlite3.OperationalError:  # no work can be done now
            raise
        except Exception as error:  # noqa: BLE001 (one caller's refusal is not the others')
            job.error = error


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """SQLite's complaints about its surroundings as refusals that clients may see."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise errors.store_full() from error
        if code in BUSY:
            raise errors.store_unavailable() from error
        raise


@contextlib.contextmanager
def _undone_on_error(db: sqlite3.Connection, begin: str, end: str, undo: str) -> Iterator[None]:
    db.execute(begin)
    try:
        yield
        db.execute(end)
    except BaseException:
        if db.in_transaction:  # a full disk has rolled back already
            db.execute(undo)
        raise
