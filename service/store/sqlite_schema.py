"""The tables in SQLite, and how a connection to them is set up."""

from __future__ import annotations

import secrets
import sqlite3

from service.store.unusable import UnusableDatabaseError

CHECKPOINT = 10_000  # pages of the log, 40 MB: folding it into the file costs two more syncs

# One text a version; what was released is never edited.
MIGRATIONS = (
    """
CREATE TABLE users (
  user_id TEXT PRIMARY KEY,
  email TEXT NOT NULL,
  display_name TEXT NOT NULL,
  status INTEGER NOT NULL,
  role INTEGER NOT NULL,
  metadata TEXT NOT NULL,
  profile TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX users_email ON users (lower(email)) WHERE status <> 4;
CREATE INDEX users_created_at ON users (created_at, user_id);
CREATE INDEX users_status ON users (status);
CREATE TABLE events (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  kind INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  user TEXT NOT NULL,
  at INTEGER NOT NULL,
  changed TEXT NOT NULL
) STRICT;
CREATE INDEX events_user_id ON events (user_id, position);
CREATE TABLE idempotency_keys (
  caller TEXT NOT NULL,
  key TEXT NOT NULL,
  digest BLOB NOT NULL,
  reply TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (caller, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at);
CREATE TABLE secret (value BLOB NOT NULL) STRICT;
""",
    # The status before a deletion: of those who are deleted already, as their last event has it.
    """
ALTER TABLE users ADD COLUMN former INTEGER;
UPDATE users SET former = coalesce((
  SELECT json_extract(events.user, '$.status') FROM events
  WHERE events.user_id = users.user_id AND events.kind <> 3 ORDER BY position DESC LIMIT 1
), 2) WHERE status = 4;
""",
)


def connect(path: str) -> sqlite3.Connection:
    """A connection to the tables, which are made where there are none."""
    try:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1.0)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
        _prepare(db, path)
    except sqlite3.Error as error:
        raise UnusableDatabaseError(path, f"cannot be used as a database: {error}") from error
    return db


def secret(db: sqlite3.Connection) -> bytes:
    """What seals tokens: as old as the tables, so that tokens of another database are foreign."""
    return bytes(db.execute("SELECT value FROM secret").fetchone()[0])


def _prepare(db: sqlite3.Connection, path: str) -> None:
    db.execute("BEGIN IMMEDIATE")
    found = db.execute("PRAGMA user_version").fetchone()[0]
    known = len(MIGRATIONS)
    if not 0 <= found <= known:
        raise UnusableDatabaseError(
            path, f"has tables of version {found}, this service knows {known}"
        )
    for statements in MIGRATIONS[found:]:
        for statement in statements.strip().removesuffix(";").split(";"):
            db.execute(statement)
    if found == 0:
        db.execute("INSERT INTO secret VALUES (?)", (secrets.token_bytes(32),))
    db.execute(f"PRAGMA user_version = {known}")
    db.execute("COMMIT")
