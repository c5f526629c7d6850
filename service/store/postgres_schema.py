"""The tables in PostgreSQL, how they come about, and how a connection is set up."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from service.store.postgres_errors import DRIVER_ERRORS
from service.store.unusable import UnusableDatabaseError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Who writes or migrates holds this lock to the end of the transaction. A lock of its own rather
# than one on a table: table locks that exclude each other exclude autovacuum as well.
LOCK = 0x77697265  # any number, the same in every replica
CHANNEL = "wireproof_user_events"

NO_ANSWER = 10.0  # seconds after which a query counts as unanswered
SETTINGS = {
    "application_name": "wireproof-users",
    "lock_timeout": "3000",
    "statement_timeout": "10000",
    # A replica that freezes while it writes must not hold up the others for ever.
    "idle_in_transaction_session_timeout": "10000",
    "jit": "off",  # compiling costs more than these queries
}

# One text a version; what was released is never edited.
MIGRATIONS = (
    """
    CREATE TABLE users (
      user_id text COLLATE "C" PRIMARY KEY,
      email text COLLATE "C" NOT NULL,
      display_name text COLLATE "C" NOT NULL,
      status smallint NOT NULL,
      role smallint NOT NULL,
      metadata text NOT NULL,
      profile text,
      created_at bigint NOT NULL,
      updated_at bigint NOT NULL,
      -- Judged at the end of a transaction, within which an address may pass from one to another.
      CONSTRAINT users_email EXCLUDE USING btree (lower(email) WITH =) WHERE (status <> 4)
        DEFERRABLE INITIALLY DEFERRED
    );
    CREATE INDEX users_created_at ON users (created_at, user_id);
    CREATE INDEX users_status ON users (status);
    CREATE TABLE events (
      position bigint PRIMARY KEY,
      kind smallint NOT NULL,
      user_id text COLLATE "C" NOT NULL,
      "user" text NOT NULL,
      at bigint NOT NULL,
      changed text NOT NULL
    );
    CREATE INDEX events_user_id ON events (user_id, position);
    CREATE TABLE idempotency_keys (
      caller text COLLATE "C" NOT NULL,
      key text COLLATE "C" NOT NULL,
      digest bytea NOT NULL,
      reply text NOT NULL,
      expires_at bigint NOT NULL,
      PRIMARY KEY (caller, key)
    );
    CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at);
    CREATE TABLE secret (value bytea NOT NULL);
    """,
    # The status before a deletion: of those who are deleted already, as their last event has it.
    """
    ALTER TABLE users ADD COLUMN former smallint;
    UPDATE users SET former = coalesce((
      SELECT (events."user"::json ->> 'status')::smallint FROM events
      WHERE events.user_id = users.user_id AND events.kind <> 3 ORDER BY position DESC LIMIT 1
    ), 2) WHERE status = 4;
    """,
)


async def connect(url: str) -> asyncpg.Connection:
    """A connection of its own, for who looks things up by their keys; errors are the driver's.

    A plan is made when a table is small and kept while it grows: without this it would go on
    reading the whole table until PostgreSQL has taken its statistics.
    """
    by_keys = {"server_settings": {**SETTINGS, "enable_seqscan": "off"}}
    return await asyncpg.connect(url, **(options() | by_keys))


def options() -> dict[str, Any]:
    """How every connection is made."""
    return {"server_settings": SETTINGS, "command_timeout": NO_ANSWER, "timeout": NO_ANSWER}


async def prepare(url: str, migrations: Sequence[str] = MIGRATIONS) -> bytes:
    """Bring the tables up to date; the secret that seals tokens, which is as old as they are."""
    try:
        db = await connect(url)
        try:
            if (encoding := await db.fetchval("SHOW server_encoding")) != "UTF8":
                raise UnusableDatabaseError(shown(url), f"is encoded in {encoding}; make it UTF8")
            async with db.transaction():
                await db.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
                await _migrate(db, url, migrations)
            return bytes(await db.fetchval("SELECT value FROM secret"))
        finally:
            await db.close(timeout=1)
    except (*DRIVER_ERRORS, ValueError) as error:
        reason = f"cannot be used as a database: {' '.join(str(error).split()) or type(error)}"
        raise UnusableDatabaseError(shown(url), reason) from error


def shown(url: str) -> str:
    """The URL as errors may show it: without a password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "postgresql://…"
    who, at, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{who.partition(':')[0]}{at}{place}", query=""))


async def _migrate(db: asyncpg.Connection, url: str, migrations: Sequence[str]) -> None:
    await db.execute(
        "CREATE TABLE IF NOT EXISTS migrations"
        " (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    found = await db.fetchval("SELECT coalesce(max(version), 0) FROM migrations")
    if found > len(migrations):
        raise UnusableDatabaseError(
            shown(url), f"has tables of version {found}, this service knows {len(migrations)}"
        )
    for version, statements in enumerate(migrations[found:], found + 1):
        await db.execute(statements)
        await db.execute("INSERT INTO migrations (version) VALUES ($1)", version)
    if found == 0:
        await db.execute("INSERT INTO secret VALUES ($1)", secrets.token_bytes(32))
