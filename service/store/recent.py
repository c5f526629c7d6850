"""The newest events, read once for all who follow them."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from service.store import codec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.model import Event
    from service.store import Store

MOST = 1_000  # events
LARGEST = 8_000_000  # characters of their users, all in all


class Recent:
    """Events without a gap, up to the newest that somebody has read.

    Whoever is among the newest is answered from here, and shares what versions of the schema made
    of each event; the rest is read from the store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._events: list[Event] = []
        self._sizes: list[int] = []
        self._after = 0  # the position after which nothing is missing

    async def events(
        self, after: int, limit: int, user_ids: Sequence[str]
    ) -> tuple[list[Event], int]:
        """As the store's own."""
        if user_ids:
            return await self._store.events(after, limit, user_ids)
        if known := self._known(after, limit):
            return known, known[-1].position
        found, until = await self._store.events(after, limit, ())
        self._take(after, found)
        return found, until

    def _known(self, after: int, limit: int) -> list[Event]:
        if after < self._after:
            return []
        at = bisect_right(self._events, after, key=lambda event: event.position)
        return self._events[at : at + limit]

    def _take(self, after: int, found: list[Event]) -> None:
        """Add what follows the last; whoever reads further ahead begins anew."""
        last = self._events[-1].position if self._events else -1
        if not found or after < last:
            return
        if after > last:
            self._events, self._sizes, self._after = [], [], after
        self._events += found
        self._sizes += (len(codec.dump_user(event.user)) for event in found)
        self._forget()

    def _forget(self) -> None:
        size, gone = sum(self._sizes), 0
        while len(self._events) - gone > MOST or size > LARGEST:
            size -= self._sizes[gone]
            self._after = self._events[gone].position
            gone += 1
        del self._events[:gone], self._sizes[:gone]
