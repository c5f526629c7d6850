"""Many changes as one transaction: read together, decided one after the other, written together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service import errors
from service.store import codec
from service.store.postgres_rows import (
    COLUMNS,
    event_values,
    folded,
    original,
    stored,
    to_user,
    user_values,
)
from service.store.postgres_schema import CHANNEL, LOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import asyncpg

    from service.model import Event, Once, User

BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({LOCK})"
WHERE_WE_ARE = "SELECT coalesce(max(position), 0), pg_current_xact_id()::text FROM events"
TOUCHED = (
    f"SELECT {COLUMNS} FROM users WHERE user_id = ANY($1)"  # noqa: S608 (names of columns)
    " OR (lower(email) = ANY($2) AND status <> 4)"
)
KEYS = (
    "SELECT caller, key, digest, reply, expires_at FROM idempotency_keys"
    " WHERE (caller, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))"
)
# Users, events and the news of them in one statement: each has a way there and back of its own.
WRITE = (
    f"WITH changed AS (INSERT INTO users ({COLUMNS}) SELECT * FROM unnest($1::text[], $2::text[],"  # noqa: S608
    " $3::text[], $4::smallint[], $5::smallint[], $6::text[], $7::text[], $8::bigint[],"
    " $9::bigint[], $10::smallint[])"
    " ON CONFLICT (user_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS.split(", ")[1:])
    + "), told AS (INSERT INTO events SELECT * FROM unnest($11::bigint[], $12::smallint[],"
    " $13::text[], $14::text[], $15::bigint[], $16::text[]))"
    " SELECT pg_notify($17, $18)"
)
FORGET_KEYS = "DELETE FROM idempotency_keys WHERE expires_at <= $1"
WRITE_KEYS = (
    "INSERT INTO idempotency_keys"
    " SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::bigint[])"
)


@dataclass(frozen=True, slots=True)
class Touches:
    """What a piece of work is going to look at, so that it can be read together with others'."""

    user_id: str
    email: str = ""
    once: Once | None = None
    now: int = 0


@dataclass(slots=True)
class Batch:
    """Users as they are to this transaction, which nobody else's changes can overlap."""

    db: asyncpg.Connection
    position: int = 0  # of the newest event
    xid: str = ""  # the transaction's own number
    _users: dict[str, User | None] = field(default_factory=dict)
    _owners: dict[str, str | None] = field(default_factory=dict)  # by folded email
    _keys: dict[tuple[str, str], tuple[bytes, User]] = field(default_factory=dict)
    _events: list[Event] = field(default_factory=list)
    _new_keys: list[tuple[Once, User]] = field(default_factory=list)
    _now: int = 0

    @classmethod
    async def begin(cls, db: asyncpg.Connection, touches: Sequence[Touches]) -> Batch:
        """Begin a transaction, alone among all replicas, and read what will be looked at."""
        await db.execute(BEGIN)
        position, xid = await db.fetchrow(WHERE_WE_ARE)
        batch = cls(db, position, xid)
        await batch._read({t.user_id for t in touches}, {folded(t.email) for t in touches} - {""})
        if wanted := [(t.once, t.now) for t in touches if t.once is not None]:
            await batch._read_keys(wanted)
        return batch

    async def find(self, user_id: str) -> User | None:
        if user_id not in self._users:
            await self._read({user_id}, set())
        return self._users[user_id]

    async def require_free_email(self, user: User) -> None:
        email = folded(user.email)
        if email not in self._owners:
            await self._read(set(), {email})
        if self._owners[email] not in (None, user.user_id):
            raise errors.email_taken(user.email)

    def remembered(self, once: Once) -> User | None:
        """The reply that this key got, if it did with this payload."""
        found = self._keys.get((once.caller, once.key))
        if found is None:
            return None
        if found[0] != once.digest:
            raise errors.key_reused()
        return found[1]

    def remember(self, once: Once, user: User) -> None:
        self._keys[once.caller, once.key] = (once.digest, user)
        self._new_keys.append((once, user))

    def put(self, event: Event) -> None:
        """Take over the user of an event, and the event."""
        user = event.user
        old = self._users.get(user.user_id)
        if old is not None and not old.deleted:
            self._owners[folded(old.email)] = None
        if not user.deleted:
            self._owners[folded(user.email)] = user.user_id
        self._users[user.user_id] = user
        self._events.append(event)

    async def write(self) -> int:
        """Write what has changed, but do not commit it; the position of the newest event."""
        if self._now:
            await self.db.execute(FORGET_KEYS, self._now)
        if self._events:
            changed = {event.user.user_id: event.user for event in self._events}
            users = _columns(map(user_values, changed.values()))
            first = self.position + 1
            events = _columns(event_values(e, first + n) for n, e in enumerate(self._events))
            self.position += len(self._events)
            await self.db.execute(WRITE, *users, *events, CHANNEL, str(self.position))
        if self._new_keys:
            rows = (_key_values(once, user) for once, user in self._new_keys)
            await self.db.execute(WRITE_KEYS, *_columns(rows))
        return self.position

    async def _read(self, user_ids: set[str], emails: set[str]) -> None:
        """Look users up by id and by address; what was read or changed before stands."""
        user_ids, emails = user_ids - self._users.keys(), emails - self._owners.keys()
        rows = await self.db.fetch(TOUCHED, [*map(stored, user_ids)], [*map(stored, emails)])
        for user in map(to_user, rows):
            if user.user_id not in self._users:
                self._users[user.user_id] = user
                if not user.deleted:
                    self._owners.setdefault(folded(user.email), user.user_id)
        self._users |= dict.fromkeys(user_ids - self._users.keys())
        self._owners |= dict.fromkeys(emails - self._owners.keys())

    async def _read_keys(self, wanted: Sequence[tuple[Once, int]]) -> None:
        self._now = max(now for _, now in wanted)
        callers = [stored(once.caller) for once, _ in wanted]
        keys = [stored(once.key) for once, _ in wanted]
        for row in await self.db.fetch(KEYS, callers, keys):
            if row["expires_at"] > self._now:
                found = (row["digest"], codec.load_user(row["reply"]))
                self._keys[original(row["caller"]), original(row["key"])] = found


def _key_values(once: Once, user: User) -> tuple[str, str, bytes, str, int]:
    reply = codec.dump_user(user)
    return (stored(once.caller), stored(once.key), once.digest, reply, once.expires_at)


def _columns(rows: Iterable[tuple[object, ...]]) -> Iterable[list[object]]:
    """Rows as columns: what unnest takes."""
    return map(list, zip(*rows, strict=True))
