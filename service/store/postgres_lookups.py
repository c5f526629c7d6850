"""Reads of single users, which share queries when many are asked for at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from service.store.postgres_errors import twice
from service.store.postgres_rows import COLUMNS, stored, to_user

if TYPE_CHECKING:
    from service.model import User

AT_ONCE = 200  # users a query
USERS = f"SELECT {COLUMNS} FROM users WHERE user_id = ANY($1)"  # noqa: S608 (names of columns)

_Asked = tuple[str, "asyncio.Future[User | None]"]


class Lookups:
    """Asks for one user at once, and for those who ask meanwhile together in the next query.

    A query never starts before it is asked for, so everybody sees what was committed by then.
    """

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._waiting: list[_Asked] = []
        self._asking: asyncio.Task[None] | None = None

    async def user(self, user_id: str) -> User | None:
        """The user with this id; raises the driver's errors."""
        future: asyncio.Future[User | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((user_id, future))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await future

    async def _ask(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            try:
                found = await self._users({user_id for user_id, _ in asked})
            except Exception as error:  # noqa: BLE001 (whoever waits has to hear of it)
                _settle(asked, error)
            else:
                _settle(asked, found)
        self._asking = None

    async def _users(self, user_ids: set[str]) -> dict[str, User]:
        wanted = [*map(stored, user_ids)]
        rows = await twice(lambda: self._pool.fetch(USERS, wanted))
        return {user.user_id: user for user in map(to_user, rows)}


def _settle(asked: list[_Asked], outcome: dict[str, User] | Exception) -> None:
    for user_id, future in asked:
        if future.done():  # the call was cancelled meanwhile
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome.get(user_id))
