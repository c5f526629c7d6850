"""PostgreSQL's complaints about its surroundings as refusals that clients may see."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, TypeVar

import asyncpg

from service import errors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

T = TypeVar("T")

FULL = "53100"
# Classes and codes of https://www.postgresql.org/docs/current/errcodes-appendix.html: connections,
# what administrators and limits end, resources, conflicts between transactions, failing disks, a
# standby that takes no writes, a lock not to be had in time.
UNAVAILABLE = ("08", "57", "53", "40", "58", "25006", "25P03", "55P03")

# The last is what asyncpg says of a connection that broke in the middle of something.
DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    asyncpg.InternalClientError,
)


# What says that a connection is of no use any more: somebody else's may be.
BROKEN = (
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    ConnectionError,
)

log = logging.getLogger("service")


async def twice(read: Callable[[], Awaitable[T]]) -> T:
    """What a read yields, on another connection where the first turns out to be broken."""
    try:
        return await read()
    except BROKEN:
        return await read()


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Refuse in the service's own words where the database is full or does not answer."""
    try:
        yield
    except DRIVER_ERRORS as error:
        raise refusal(error) from error


def refusal(error: Exception) -> Exception:
    """The refusal that an error of the driver stands for, or the error itself."""
    if not isinstance(error, asyncpg.PostgresError):
        return _unavailable(error) if isinstance(error, DRIVER_ERRORS) else error
    state = str(error.sqlstate)
    if state == FULL:
        return errors.store_full()
    return _unavailable(error) if state.startswith(UNAVAILABLE) else error


def _unavailable(error: Exception) -> Exception:
    log.warning("the database does not answer: %s: %s", type(error).__name__, error)
    return errors.store_unavailable()
