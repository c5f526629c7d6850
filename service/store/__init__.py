"""Where users are kept: the protocol that every store follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from service.model import Event, Once, Query, User

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PAGE = 1_000_000  # characters of users in a page of events

Change = User | Event  # the user as it was: nothing to do; an event: the user after it


class Store(Protocol):
    """Users, events and idempotency keys; a change and its event are committed together.

    Methods refuse with the store's own reasons of `service.errors` where the database fails.
    """

    secret: bytes  # made with the store and kept in it: what seals tokens

    @property
    def deaf(self) -> bool:
        """Whether changes that others make are not heard of at the moment."""

    async def user(self, user_id: str) -> User | None:
        """The user with this id, deleted or not."""

    async def users(self, query: Query) -> tuple[list[User], int]:
        """A page, and how many users match in all pages; deleted ones only where asked for."""

    async def insert(self, created: Event, once: Once | None) -> User:
        """Add a user, or return the reply that `once` remembers."""

    async def change(self, user_id: str, decide: Callable[[User | None], Change]) -> User:
        """Apply what `decide` makes of the user, which nobody else changes meanwhile."""

    async def events(
        self, after: int, limit: int, user_ids: Sequence[str]
    ) -> tuple[list[Event], int]:
        """At most `limit` events after a position, and the position up to which that is all.

        Large ones come in fewer: a page ends with the event that fills `PAGE`, so that a reader who
        does not read holds no more than that.
        """

    async def last_position(self) -> int:
        """The position of the newest event, 0 where there is none."""

    async def wait_beyond(self, position: int) -> None:
        """Return once there is an event after this position."""

    async def close(self) -> None:
        """Finish what was begun, and let go of the database."""
