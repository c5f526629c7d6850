"""Users in SQLite: reads inline, writes one at a time, on hand-written SQL."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from service import errors
from service.model import ROLES, STATUSES, Event, Kind, Once, Query, User
from service.store import PAGE, Change, codec, sqlite_schema
from service.store.sqlite_reader import SharedReads
from service.store.sqlite_writer import GroupWriter, InlineWriter, Writer, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

COLUMNS = (
    "user_id, email, display_name, status, role, metadata, profile, created_at, updated_at, former"
)

NOTHING = "{}"  # what most have, and what costs most of them more to read than the rest
FIND = f"SELECT {COLUMNS} FROM users WHERE user_id = ?"  # noqa: S608 (names of columns)
INSERT = f"INSERT INTO users ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)"  # noqa: S608 (names of columns)


class SQLiteStore:
    """A store in one file (WAL) or in memory, for one process.

    A read takes microseconds and happens in the event loop itself; writes queue for one writer.
    """

    def __init__(
        self,
        reading: sqlite3.Connection,
        writer: Callable[[Callable[[], None]], Writer],
        shared: SharedReads | None = None,
    ) -> None:
        self._reading = reading
        self._shared = shared
        self._one = shared or reading
        self._writer = writer(self._tell_readers)
        self._news = asyncio.Event()
        self.deaf = False  # all that changes users is this process
        self.secret = sqlite_schema.secret(reading)

    @classmethod
    def in_memory(cls) -> Self:
        connection = sqlite_schema.connect(":memory:")
        return cls(connection, partial(InlineWriter, connection))

    @classmethod
    def in_file(cls, path: Path) -> Self:
        writing = sqlite_schema.connect(str(path))
        writing.execute("PRAGMA busy_timeout = 0")  # nothing waits in the event loop
        reading = sqlite_schema.connect(str(path))
        return cls(reading, partial(GroupWriter, writing), SharedReads(reading))

    async def user(self, user_id: str) -> User | None:
        with translated:
            return _find(self._one, user_id)

    async def users(self, query: Query) -> tuple[list[User], int]:
        matching, values = _matching(query)
        following, after = _following(query)
        order = ", ".join(f"{name} {'DESC' if down else 'ASC'}" for name, down in query.order)
        page = f"SELECT {COLUMNS} FROM users WHERE {matching}{following} ORDER BY {order} LIMIT ?"  # noqa: S608 (names are the schema's own)
        count = f"SELECT count(*) FROM users WHERE {matching}"  # noqa: S608
        with translated:
            rows = self._reading.execute(page, (*values, *after, query.limit)).fetchall()
            total = self._reading.execute(count, values).fetchone()[0]
        return [_user(row) for row in rows], total

    async def insert(self, created: Event, once: Once | None) -> User:
        def work(db: sqlite3.Connection) -> User:
            if once is not None and (reply := _remembered(db, once, created.at)):
                return reply
            user = created.user
            try:
                db.execute(INSERT, _row(user))
            except sqlite3.IntegrityError:  # it has changed nothing; now find out why
                if _find(db, user.user_id) is not None:
                    raise errors.user_id_taken(user.user_id) from None
                _require_free_email(db, user)
                raise
            _append(db, created)
            if once is not None:
                _remember(db, once, user)
            return user

        return await self._writer.run(work)

    async def change(self, user_id: str, decide: Callable[[User | None], Change]) -> User:
        def work(db: sqlite3.Connection) -> User:
            decided = decide(_find(db, user_id))
            if isinstance(decided, User):
                return decided
            user = decided.user
            if not user.deleted:
                _require_free_email(db, user)
            row = _row(user)
            names = ", ".join(f"{name.strip()} = ?" for name in COLUMNS.split(","))
            db.execute(f"UPDATE users SET {names} WHERE user_id = ?", (*row, user_id))  # noqa: S608
            _append(db, decided)
            return user

        return await self._writer.run(work)

    async def events(
        self, after: int, limit: int, user_ids: Sequence[str]
    ) -> tuple[list[Event], int]:
        marks = ",".join("?" * len(user_ids))
        only = f" AND user_id IN ({marks})" if user_ids else ""
        page = (
            "SELECT kind, user, at, changed, position FROM events"  # noqa: S608 (only marks)
            f" WHERE position > ? AND position <= ?{only} ORDER BY position LIMIT ?"
        )
        with translated:
            last = _last_position(self._reading)
            with closing(self._reading.execute(page, (after, last, *user_ids, limit))) as rows:
                found, all_of_them = _page(rows)
        complete = all_of_them and len(found) < limit
        return found, max(after, last) if complete else found[-1].position

    async def last_position(self) -> int:
        with translated:
            return _last_position(self._reading)

    async def wait_beyond(self, position: int) -> None:
        while await self.last_position() <= position:
            await self._news.wait()

    async def close(self) -> None:
        await self._writer.close()
        if self._shared is not None:
            self._shared.end()
        self._reading.close()

    def _tell_readers(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


def _matching(query: Query) -> tuple[str, tuple[Any, ...]]:
    conditions: list[str] = []
    values: list[int] = []
    if query.status is not None:
        conditions.append("coalesce(former, status) = ?" if query.show_deleted else "status = ?")
        values.append(int(query.status))
    elif not query.show_deleted:
        conditions.append("status <> 4")
    if query.role is not None:
        conditions.append("role = ?")
        values.append(int(query.role))
    return " AND ".join(conditions) or "true", tuple(values)


def _following(query: Query) -> tuple[str, tuple[Any, ...]]:
    """What sorts after the last user: greater in a field, and equal in those before it."""
    if query.after is None:
        return "", ()
    choices: list[str] = []
    values: list[Any] = []
    for depth, (name, descending) in enumerate(query.order):
        equal = [f"{earlier} = ?" for earlier, _ in query.order[:depth]]
        choices.append(" AND ".join([*equal, f"{name} {'<' if descending else '>'} ?"]))
        values += query.after[: depth + 1]
    return f" AND ({' OR '.join(choices)})", tuple(values)


def _find(db: sqlite3.Connection | SharedReads, user_id: str) -> User | None:
    row = db.execute(FIND, (user_id,)).fetchone()
    return None if row is None else _user(row)


def _require_free_email(db: sqlite3.Connection, user: User) -> None:
    taken = "SELECT 1 FROM users WHERE lower(email) = lower(?) AND status <> 4 AND user_id <> ?"
    if db.execute(taken, (user.email, user.user_id)).fetchone():
        raise errors.email_taken(user.email)


def _remembered(db: sqlite3.Connection, once: Once, now: int) -> User | None:
    db.execute("DELETE FROM idempotency_keys WHERE expires_at <= ?", (now,))
    found = "SELECT digest, reply FROM idempotency_keys WHERE caller = ? AND key = ?"
    row = db.execute(found, (once.caller, once.key)).fetchone()
    if row is None:
        return None
    if row[0] != once.digest:
        raise errors.key_reused()
    return codec.load_user(row[1])


def _remember(db: sqlite3.Connection, once: Once, user: User) -> None:
    values = (once.caller, once.key, once.digest, codec.dump_user(user), once.expires_at)
    db.execute("INSERT INTO idempotency_keys VALUES (?,?,?,?,?)", values)


def _append(db: sqlite3.Connection, event: Event) -> None:
    user = event.user
    values = (event.kind, user.user_id, codec.dump_user(user), event.at, ",".join(event.changed))
    db.execute("INSERT INTO events (kind, user_id, user, at, changed) VALUES (?,?,?,?,?)", values)


def _last_position(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()[0])


def _page(rows: Iterator[tuple[Any, ...]]) -> tuple[list[Event], bool]:
    """Events of as many rows as fit into a page, and whether those were all."""
    found: list[Event] = []
    size = 0
    for row in rows:
        if size >= PAGE:
            return found, False
        found.append(_event(row))
        size += len(row[1])
    return found, True


def _event(row: tuple[Any, ...]) -> Event:
    kind, user, at, changed, position = row
    paths = tuple(changed.split(",")) if changed else ()
    return Event(Kind(kind), codec.load_user(user), at, paths, position)


def _row(user: User) -> tuple[Any, ...]:
    metadata, profile = codec.dump(dict(user.metadata)), codec.dump_profile(user.profile)
    who = (user.user_id, user.email, user.display_name, int(user.status), int(user.role))
    return (*who, metadata, profile, user.created_at, user.updated_at, user.former)


def _user(row: tuple[Any, ...]) -> User:
    user_id, email, name, status, role, metadata, profile, created_at, updated_at, former = row
    return User(
        user_id,
        email,
        name,
        STATUSES[status],
        ROLES[role],
        codec.load(metadata) if metadata != NOTHING else {},
        codec.load_profile(profile),
        created_at,
        updated_at,
        former and STATUSES[former],
    )
