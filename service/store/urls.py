"""From a database URL to a store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from service.store.sqlite import SQLiteStore
from service.store.unusable import UnusableDatabaseError

if TYPE_CHECKING:
    from service.store import Store

MEMORY = "sqlite://"
KNOWN = "sqlite:// (in memory), sqlite:///path/to/users.db or postgresql://user@host:port/database"
POSTGRES = ("postgresql", "postgres")


async def open_store(url: str) -> Store:
    """The store at a URL; everything after `sqlite://` is a path, and no path is memory."""
    scheme, separator, path = url.partition("://")
    if separator and scheme in POSTGRES:
        from service.store.postgres import PostgresStore  # its driver is loaded where it is used

        return await PostgresStore.at(url)
    if scheme != "sqlite" or not separator:
        raise UnusableDatabaseError(url, f"is no URL that the service knows; use {KNOWN}")
    if path in ("", ":memory:"):
        return SQLiteStore.in_memory()
    return SQLiteStore.in_file(Path(path))
