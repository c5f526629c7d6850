"""The one who writes: transactions one at a time, many to a commit."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from service import errors
from service.gathering import gathered

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

AT_ONCE = 100  # pieces of work that share a commit at most
BEGIN = "BEGIN IMMEDIATE"
TURNS = 5  # of the event loop that bring nothing: then nobody is on the way
PATIENCE = 1_000  # milliseconds to wait for another process that writes
log = logging.getLogger("service")

BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
UNAVAILABLE = {*BUSY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


class Writer(Protocol):
    """Runs work that writes; what it raises undoes it, and nothing else.

    Work may be done twice, of which the first is undone.
    """

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
        with translated, _undone_on_error(self._db, "ROLLBACK"):
            self._db.execute(BEGIN)
            result = work(self._db)
            self._db.execute("COMMIT")
        self._committed()
        return result

    async def close(self) -> None:
        """Nothing is ever left over."""


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None

    def settle(self, failure: Exception | None) -> None:
        if self.future.done():  # the call was cancelled meanwhile
            return
        if (error := self.error or failure) is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(self.result)


class GroupWriter:
    """Does work in the event loop, one piece after the other, and commits in a thread.

    A statement takes microseconds, and a thread would wait for the interpreter longer than that,
    before and after each. A commit waits for the disk, and needs the interpreter for nothing. What
    is handed in meanwhile shares the next one. `committed` is called after every commit.
    """

    def __init__(self, db: sqlite3.Connection, committed: Callable[[], None]) -> None:
        self._db = db
        self._committed = committed
        self._jobs: list[_Job] = []
        self._serving: asyncio.Task[None] | None = None
        self._disk = ThreadPoolExecutor(1, "sqlite-commit")

    async def run(self, work: Work[T]) -> T:
        job = _Job(work, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        result: T = await job.future
        return result

    async def close(self) -> None:
        if self._serving is not None:
            await self._serving
        self._disk.shutdown()
        self._db.close()

    async def _serve(self) -> None:
        while self._jobs:
            await gathered(lambda: len(self._jobs), most=AT_ONCE, turns=TURNS)
            jobs, self._jobs = self._jobs[:AT_ONCE], self._jobs[AT_ONCE:]
            failure = await self._commit(jobs)
            self._committed()
            for job in jobs:
                job.settle(failure)
            await asyncio.sleep(0)  # their replies come before the work of others
        self._serving = None

    async def _commit(self, jobs: list[_Job]) -> Exception | None:
        """Do all that in one transaction; what is wrong with it as a whole."""
        in_thread = partial(asyncio.get_running_loop().run_in_executor, self._disk)
        try:
            with translated, _undone_on_error(self._db, "ROLLBACK"):
                await self._begin(in_thread)
                if not self._all_done(jobs):
                    self._db.execute("ROLLBACK")
                    await self._begin(in_thread)
                    self._do_apart(jobs)
                await in_thread(self._db.execute, "COMMIT")
        except Exception as error:  # noqa: BLE001 (whoever waits has to hear of it)
            return error
        return None

    async def _begin(self, in_thread: Callable[..., Awaitable[Any]]) -> None:
        """At once; or where another process writes, as soon as it has ended, waiting elsewhere."""
        try:
            self._db.execute(BEGIN)
        except sqlite3.OperationalError as error:
            if _code(error) not in BUSY:
                raise
            await in_thread(self._begin_patiently)

    def _begin_patiently(self) -> None:
        self._db.execute(f"PRAGMA busy_timeout = {PATIENCE}")
        try:
            self._db.execute(BEGIN)
        finally:
            self._db.execute("PRAGMA busy_timeout = 0")

    def _all_done(self, jobs: Sequence[_Job]) -> bool:
        """Do all; False as soon as a piece fails that had written something, which is to be undone.

        Work refuses before it writes, so that hardly ever happens, and no savepoint is needed: its
        two statements would cost each piece half as much again.
        """
        for job in jobs:
            before = self._db.total_changes
            self._try(job)
            if job.error is not None and self._db.total_changes > before:
                return False
        return True

    def _do_apart(self, jobs: Sequence[_Job]) -> None:
        """Do all, each undone by itself where it fails."""
        for job in jobs:
            self._db.execute("SAVEPOINT job")
            self._try(job)
            if job.error is not None:
                self._db.execute("ROLLBACK TO job")
            self._db.execute("RELEASE job")

    def _try(self, job: _Job) -> None:
        job.error = None
        try:
            job.result = job.work(self._db)
        except sqlite3.OperationalError:  # no work can be done now
            raise
        except Exception as error:  # noqa: BLE001 (one caller's refusal is not the others')
            job.error = error


class _Translated:
    """SQLite's complaints about its surroundings as refusals that clients may see."""

    def __enter__(self) -> None:
        """A class, as a generator would cost a read a tenth of its time."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if not isinstance(error, sqlite3.OperationalError):
            return
        code = _code(error)
        if code == sqlite3.SQLITE_FULL:
            raise errors.store_full() from error
        if code in UNAVAILABLE:
            log.warning("the database does not answer: %s", error)
            raise errors.store_unavailable() from error


translated = _Translated()


@contextlib.contextmanager
def _undone_on_error(db: sqlite3.Connection, undo: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if db.in_transaction:  # a full disk has rolled back already
            db.execute(undo)
        raise


def _code(error: sqlite3.Error) -> int:
    """The primary result code."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
