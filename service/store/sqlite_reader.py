"""Reads that happen together see one state of the database, and are begun and ended once."""

from __future__ import annotations

import asyncio
import sqlite3


class SharedReads:
    """A connection that reads, in one transaction all that one turn of the event loop asks for.

    Each read of its own would take the locks of its own, by calls to the system, which cost more
    than finding a row. Nobody sees a state that is too old: the transaction ends before whatever
    the loop is told afterwards, so before anybody hears of a later commit.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._cursor = db.cursor()
        self._ending: asyncio.Handle | None = None

    def execute(self, sql: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        """The rows of an answer, to be fetched before the next question."""
        if self._ending is None:
            self._db.execute("BEGIN")
            self._ending = asyncio.get_running_loop().call_soon(self.end)
        return self._cursor.execute(sql, values)

    def end(self) -> None:
        """End the transaction, if there is one."""
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
            if self._db.in_transaction:  # what failed may have ended it
                self._db.execute("COMMIT")
