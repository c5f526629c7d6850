"""Users in PostgreSQL, shared by any number of replicas, on hand-written SQL."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

import asyncpg

from service import errors
from service.model import Event, Once, Query, User
from service.store import PAGE, Change, postgres_schema
from service.store.postgres_batch import Batch, Touches
from service.store.postgres_errors import DRIVER_ERRORS, translated, twice
from service.store.postgres_lookups import Lookups
from service.store.postgres_news import LAST_POSITION, News
from service.store.postgres_rows import COLUMNS, stored, to_event, to_user
from service.store.postgres_writer import PostgresWriter
from service.store.unusable import UnusableDatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# That the database does not answer is said by whoever asks it, without a traceback.
logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)

MOST_CONNECTIONS = 8  # that read, in one replica
TIME_TO_CLOSE = 5.0  # seconds

# A page ends with the event that fills it; the database looks, so that no more is sent.
PAGE_OF = (
    'SELECT kind, "user", at, changed, position FROM'  # noqa: S608 (a number of ours)
    ' (SELECT *, sum(length("user")) OVER (ORDER BY position) - length("user") AS before'
    " FROM (SELECT * FROM events WHERE position > $1 {} ORDER BY position LIMIT $2) AS next)"
    " AS page"
    f" WHERE before < {PAGE} ORDER BY position"
)
NEXT_EVENTS = PAGE_OF.format("")
EVENTS_OF = PAGE_OF.format("AND position <= $3 AND user_id = ANY($4)")


class PostgresStore:
    """A store in a PostgreSQL database.

    Statements are prepared, once a connection and text. Writes of all replicas form one sequence,
    which is the order of events: whoever has read up to a position has missed nothing before it.
    """

    def __init__(self, url: str, pool: Any, news: News, secret: bytes) -> None:
        self.secret = secret
        self._pool = pool
        self._news = news
        self._lookups = Lookups(pool)
        self._writer = PostgresWriter(url, news.heard)

    @classmethod
    async def at(cls, url: str) -> PostgresStore:
        secret = await postgres_schema.prepare(url)
        news = News(url)
        try:
            await news.start()
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=MOST_CONNECTIONS,
                reset=_nothing_to_reset,
                **postgres_schema.options(),
            )
        except DRIVER_ERRORS as error:
            await news.close()
            shown = postgres_schema.shown(url)
            raise UnusableDatabaseError(shown, f"broke off: {error}") from error
        return cls(url, pool, news, secret)

    @property
    def deaf(self) -> bool:
        return self._news.deaf

    async def user(self, user_id: str) -> User | None:
        with translated():
            return await self._lookups.user(user_id)

    async def users(self, query: Query) -> tuple[list[User], int]:
        values: list[Any] = []
        matching = _matching(query, values)
        matched = len(values)
        following = _following(query, values)
        order = ", ".join(f"{name} {'DESC' if down else 'ASC'}" for name, down in query.order)
        page = (
            f"SELECT {COLUMNS} FROM users WHERE {matching}{following}"  # noqa: S608 (own names)
            f" ORDER BY {order} LIMIT {_mark(values, query.limit)}"
        )
        count = f"SELECT count(*) FROM users WHERE {matching}"  # noqa: S608
        with translated():
            rows = await twice(lambda: self._pool.fetch(page, *values))
            total = await twice(lambda: self._pool.fetchval(count, *values[:matched]))
        return [to_user(row) for row in rows], total

    async def insert(self, created: Event, once: Once | None) -> User:
        user = created.user

        async def work(batch: Batch) -> User:
            if once is not None and (reply := batch.remembered(once)):
                return reply
            if await batch.find(user.user_id) is not None:
                raise errors.user_id_taken(user.user_id)
            await batch.require_free_email(user)
            batch.put(created)
            if once is not None:
                batch.remember(once, user)
            return user

        return await self._writer.run(work, Touches(user.user_id, user.email, once, created.at))

    async def change(self, user_id: str, decide: Callable[[User | None], Change]) -> User:
        async def work(batch: Batch) -> User:
            decided = decide(await batch.find(user_id))
            if isinstance(decided, User):
                return decided
            if not decided.user.deleted:
                await batch.require_free_email(decided.user)
            batch.put(decided)
            return decided.user

        return await self._writer.run(work, Touches(user_id))

    async def events(
        self, after: int, limit: int, user_ids: Sequence[str]
    ) -> tuple[list[Event], int]:
        last = after
        asked: tuple[Any, ...] = (NEXT_EVENTS, after, limit)
        if user_ids:
            last = max(after, await self.last_position())
            asked = (EVENTS_OF, after, limit, last, [*map(stored, user_ids)])
        with translated():
            rows = await twice(lambda: self._pool.fetch(*asked))
        found = [to_event(row) for row in rows]
        if user_ids and len(found) < limit and not _filled(rows):
            return found, last
        return found, found[-1].position if found else last

    async def last_position(self) -> int:
        with translated():
            return int(await twice(lambda: self._pool.fetchval(LAST_POSITION)))

    async def wait_beyond(self, position: int) -> None:
        await self._news.beyond(position)

    async def close(self) -> None:
        await self._writer.close()
        await self._news.close()
        try:
            await asyncio.wait_for(self._pool.close(), TIME_TO_CLOSE)
        except DRIVER_ERRORS:
            with contextlib.suppress(*DRIVER_ERRORS):
                self._pool.terminate()


async def _nothing_to_reset(_: Any) -> None:
    """Save the query that resets a connection: readers never set anything in their session."""


def _filled(rows: Sequence[Any]) -> bool:
    """Whether a page ended because it was full."""
    return sum(len(row["user"]) for row in rows) >= PAGE


def _matching(query: Query, values: list[Any]) -> str:
    """What a user must be to be listed; its values are added."""
    conditions = []
    if query.status is not None:
        asked = "coalesce(former, status)" if query.show_deleted else "status"
        conditions.append(f"{asked} = {_mark(values, int(query.status))}")
    elif not query.show_deleted:
        conditions.append("status <> 4")
    if query.role is not None:
        conditions.append(f"role = {_mark(values, int(query.role))}")
    return " AND ".join(conditions) or "true"


def _following(query: Query, values: list[Any]) -> str:
    """What sorts after the last user: greater in a field, and equal in those before it."""
    if query.after is None:
        return ""
    marks = [_mark(values, value) for value in query.after]
    choices: list[str] = []
    for depth, (name, descending) in enumerate(query.order):
        equal = [f"{query.order[n][0]} = {marks[n]}" for n in range(depth)]
        beyond = f"{name} {'<' if descending else '>'} {marks[depth]}"
        choices.append(" AND ".join([*equal, beyond]))
    return f" AND ({' OR '.join(choices)})"


def _mark(values: list[Any], value: str | int) -> str:
    values.append(stored(value) if isinstance(value, str) else value)
    return f"${len(values)}"
