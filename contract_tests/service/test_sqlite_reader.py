"""Reads that share a transaction of SQLite: they see one state, and never one that is too old."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from service.model import Event, Kind, User
from service.store.sqlite import SQLiteStore
from service.store.sqlite_reader import SharedReads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT = "SELECT count(*) FROM n WHERE n > ?"


@contextmanager
def numbers(path: Path) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection, list[str]]]:
    """One who writes and one who reads the same table, and what the reader tells SQLite."""
    told: list[str] = []
    writing, reading = (sqlite3.connect(path / "n.db", isolation_level=None) for _ in range(2))
    writing.execute("PRAGMA journal_mode = WAL")
    writing.execute("CREATE TABLE n (n INTEGER PRIMARY KEY) STRICT")
    reading.set_trace_callback(told.append)
    try:
        yield writing, reading, told
    finally:
        reading.close()
        writing.close()


def count(reads: SharedReads) -> Any:
    return reads.execute(COUNT, (0,)).fetchone()[0]


async def test_what_is_read_together_is_read_in_one_transaction(tmp_path: Path) -> None:
    """
    One BEGIN and one COMMIT for all that a turn of the event loop asks for.
    """
    with numbers(tmp_path) as (writing, reading, told):
        reads = SharedReads(reading)
        seen = [count(reads)]
        writing.execute("INSERT INTO n VALUES (1)")
        seen.append(count(reads))
        await asyncio.sleep(0)
        seen.append(count(reads))
        reads.end()
    assert seen == [0, 0, 1]
    assert [one for one in told if not one.startswith("SELECT")] == ["BEGIN", "COMMIT"] * 2


async def test_whoever_hears_of_a_commit_reads_what_it_wrote(tmp_path: Path) -> None:
    """
    However many others read all the time.
    """
    store = SQLiteStore.in_file(tmp_path / "users.db")
    done = asyncio.Event()

    async def read_on() -> None:
        while not done.is_set():
            await store.user("nobody")
            await asyncio.sleep(0)

    async def write(name: str) -> User | None:
        user = User(name, f"{name}@example.org", "Ada")
        await store.insert(Event(Kind.CREATED, user, 1), None)
        return await store.user(name)

    readers = [asyncio.create_task(read_on()) for _ in range(5)]
    names = [f"u{n}" for n in range(100)]
    found = await asyncio.gather(*map(write, names))
    done.set()
    await asyncio.gather(*readers)
    await store.close()
    assert [user.user_id if user else None for user in found] == names


async def test_a_store_may_be_closed_while_a_transaction_is_open(tmp_path: Path) -> None:
    """
    What the event loop was to do about it is not done any more.
    """
    store = SQLiteStore.in_file(tmp_path / "users.db")
    assert await store.user("nobody") is None
    failures: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    await store.close()
    await asyncio.sleep(0)
    assert failures == []
