"""The one who writes to SQLite: much at once, nothing twice, nothing lost, and never in the way."""

from __future__ import annotations

import asyncio
import resource
import signal
import sqlite3
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from contract_tests.service.support import Refused, refused, serving
from service import errors
from service.store import sqlite_schema, sqlite_writer
from service.store.sqlite import SQLiteStore
from service.store.sqlite_writer import GroupWriter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

FULL = Refused("RESOURCE_EXHAUSTED", "STORE_FULL")
UNAVAILABLE = Refused("UNAVAILABLE", "STORE_UNAVAILABLE")
BIG = {f"k{n}": "x" * 4000 for n in range(20)}


class Spied(sqlite3.Connection):
    """A connection that remembers what it was told."""

    told: list[str]

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """As ever."""
        self.__dict__.setdefault("told", []).append(sql)
        return super().execute(sql, *values)


@asynccontextmanager
async def writing(path: Path) -> AsyncIterator[tuple[GroupWriter, Spied]]:
    """A writer to a table of numbers."""
    db = sqlite3.connect(
        path / "n.db", isolation_level=None, check_same_thread=False, timeout=0, factory=Spied
    )
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE n (n INTEGER PRIMARY KEY) STRICT")
    db.told.clear()
    writer = GroupWriter(db, lambda: None)
    try:
        yield writer, db
    finally:
        await writer.close()


def put(number: int, then: Exception | None = None) -> Any:
    """Work that writes a number, and fails after it."""

    def work(db: sqlite3.Connection) -> int:
        db.execute("INSERT INTO n VALUES (?)", (number,))
        if then is not None:
            raise then
        return number

    return work


def numbers(path: Path) -> list[int]:
    """What somebody else reads."""
    db = sqlite3.connect(path / "n.db")
    try:
        return [n for (n,) in db.execute("SELECT n FROM n ORDER BY n")]
    finally:
        db.close()


async def test_what_waits_together_is_committed_together(tmp_path: Path) -> None:
    """
    One commit for fifty, and each hears its own result after it.
    """
    async with writing(tmp_path) as (writer, db):
        assert await asyncio.gather(*(writer.run(put(n)) for n in range(50))) == [*range(50)]
        assert db.told.count("COMMIT") == 1
        assert numbers(tmp_path) == [*range(50)]


async def test_what_fails_undoes_itself_alone(tmp_path: Path) -> None:
    """
    Even after it has written; the others of the same commit stand.
    """
    async with writing(tmp_path) as (writer, db):
        found = await asyncio.gather(
            writer.run(put(1)),
            writer.run(put(2, then=errors.email_taken("a@b"))),
            writer.run(put(3, then=ValueError("a mistake of ours"))),
            writer.run(put(4)),
            return_exceptions=True,
        )
        assert [type(one) for one in found] == [int, errors.Refusal, ValueError, int]
        assert db.told.count("COMMIT") == 1
        assert numbers(tmp_path) == [1, 4]


async def test_a_commit_holds_at_most_so_much(tmp_path: Path, monkeypatch: Any) -> None:
    """
    So that the event loop is never kept for long.
    """
    monkeypatch.setattr(sqlite_writer, "AT_ONCE", 10)
    async with writing(tmp_path) as (writer, db):
        await asyncio.gather(*(writer.run(put(n)) for n in range(25)))
        assert db.told.count("COMMIT") == 3


async def test_whoever_left_leaves_no_hole(tmp_path: Path) -> None:
    """
    A call that is cancelled may have taken effect, and nobody else notices.
    """
    async with writing(tmp_path) as (writer, _):
        tasks = [asyncio.create_task(writer.run(put(n))) for n in range(3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert [found[0], found[2]] == [0, 2]
        assert isinstance(found[1], asyncio.CancelledError)
        assert await writer.run(put(9)) == 9


async def test_waiting_for_another_process_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    """
    While one waits for the lock, reads are answered; released in time, the write succeeds.
    """
    path = str(tmp_path / "users.db")
    async with serving(f"sqlite://{path}") as client:
        await client.create(user_id="u-1")
        other = sqlite_schema.connect(path)
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(client.create("bob", user_id="u-2"))
        for _ in range(20):
            assert (await client.get("u-1")).user_id == "u-1"
        assert not waiting.done()
        other.execute("COMMIT")
        assert (await waiting).user_id == "u-2"
        other.close()


async def test_every_commit_waits_for_the_disk(tmp_path: Path) -> None:
    """
    WAL with synchronous=FULL: what is acknowledged outlives a loss of power, not only a crash.
    """
    store = SQLiteStore.in_file(tmp_path / "users.db")
    writer: Any = store._writer
    pragmas = {
        name: writer._db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous")
    }
    await store.close()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}  # 2 is FULL


async def test_a_full_disk_is_said_so_and_passes(tmp_path: Path) -> None:
    """
    The write that found no room changed nothing; reads go on; with room, writes do too.
    """
    store = SQLiteStore.in_file(tmp_path / "users.db")
    writer: Any = store._writer
    async with serving(store) as client:
        ada = await client.create("ada", user_id="u-1")
        (pages,) = writer._db.execute("PRAGMA page_count").fetchone()
        writer._db.execute(f"PRAGMA max_page_count = {pages + 2}")
        assert await refused(client.create("bob", user_id="u-2", metadata=BIG)) == FULL
        assert await client.get("u-1") == ada
        assert (await refused(client.get("u-2"))).code == "NOT_FOUND"
        writer._db.execute("PRAGMA max_page_count = 100000")
        assert (await client.create("bob", user_id="u-2", metadata=BIG)).user_id == "u-2"
        assert len(await client.events(2)) == 2


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file of this process may grow beyond that."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


async def test_a_disk_that_cannot_be_written_is_unavailable_until_it_can(tmp_path: Path) -> None:
    """
    Whatever the system's reason: what was begun is undone, nothing is half there.
    """
    async with serving(f"sqlite://{tmp_path}/users.db") as client:
        ada = await client.create("ada", user_id="u-1")
        wal = (tmp_path / "users.db-wal").stat().st_size
        with files_of_at_most(wal + 8_192):
            assert await refused(client.create("bob", user_id="u-2", metadata=BIG)) == UNAVAILABLE
            assert await client.get("u-1") == ada
        assert (await refused(client.get("u-2"))).code == "NOT_FOUND"
        assert (await client.create("bob", user_id="u-2", metadata=BIG)).user_id == "u-2"
        assert len(await client.events(2)) == 2
