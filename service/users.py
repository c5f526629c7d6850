"""The domain: what may happen to users, whichever version of the schema asks for it."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING

from service import errors, pages
from service.model import Event, Kind, Once, Profile, Query, Status, User
from service.tokens import ForeignTokenError, Tokens

if TYPE_CHECKING:
    from service.store import Change, Store

KEY_LIFETIME = 24 * 3600 * 1_000_000  # an idempotency key, in microseconds
EVENTS_AT_ONCE = 100  # what a reader of events holds in memory at most
UPDATABLE = ("email", "display_name", "status", "role", "metadata", "profile")

Clock = Callable[[], int]


def microseconds() -> int:
    return time.time_ns() // 1000


class Users:
    """Users and what happens to them, over a store."""

    def __init__(self, store: Store, *, clock: Clock = microseconds) -> None:
        self.tokens = Tokens(store.secret)
        self._store = store
        self._clock = clock

    async def get(self, user_id: str) -> User:
        return _present(await self._store.user(user_id), user_id)

    async def page(self, query: Query) -> tuple[list[User], str, int]:
        """A page, the token of the next one, and how many users match in all pages."""
        users, total = await self._store.users(replace(query, limit=query.limit + 1))
        if len(users) <= query.limit:
            return users, "", total
        del users[query.limit :]
        return users, pages.next_token(self.tokens, query, users[-1]), total

    async def create(self, new: User, *, caller: str, key: str = "") -> User:
        """Create a user, or repeat the reply that this key got before."""
        now = self._clock()
        once = Once(caller, key, _digest(new), now + KEY_LIFETIME) if key else None
        user_id = new.user_id or str(uuid.uuid4())
        user = replace(new, user_id=user_id, created_at=now, updated_at=now)
        return await self._store.insert(Event(Kind.CREATED, user, now), once)

    async def update(self, user_id: str, edit: Callable[[User], User]) -> User:
        """Change a user by `edit`, which may refuse; what changes nothing leaves no trace."""
        now = self._clock()

        def decide(found: User | None) -> Change:
            old = _present(found, user_id)
            new = edit(old)
            if new.deleted:
                raise errors.status_not_settable()
            changed = tuple(_changed(old, new))
            if not changed:
                return old
            return Event(Kind.UPDATED, replace(new, updated_at=now), now, changed)

        return await self._store.change(user_id, decide)

    async def delete(self, user_id: str) -> None:
        now = self._clock()

        def decide(found: User | None) -> Change:
            gone = replace(_present(found, user_id), status=Status.DELETED, updated_at=now)
            return Event(Kind.DELETED, gone, now)

        await self._store.change(user_id, decide)

    async def start(self, resume_token: str, *, from_beginning: bool) -> int:
        """The position after which a reader of events wants to go on."""
        if from_beginning:
            return 0
        if not resume_token:
            return await self._store.last_position()
        try:
            return int(self.tokens.open("events", resume_token))
        except ForeignTokenError:
            raise errors.resume_token_invalid() from None

    def resume_token(self, position: int) -> str:
        return self.tokens.seal("events", position)

    async def events(self, after: int, user_ids: Sequence[str] = ()) -> AsyncIterator[Event]:
        """What happened after a position and what happens from now on, in order, without end."""
        while True:
            found, after = await self._store.events(after, EVENTS_AT_ONCE, user_ids)
            for event in found:
                yield event
            if not found:
                await self._store.wait_beyond(after)


def _present(user: User | None, user_id: str) -> User:
    if user is None or user.deleted:
        raise errors.user_not_found(user_id)
    return user


def _changed(old: User, new: User) -> list[str]:
    """The paths in which they differ; profiles that both have are compared field by field."""
    paths = [name for name in UPDATABLE if getattr(old, name) != getattr(new, name)]
    before, after = old.profile, new.profile
    if "profile" in paths and before is not None and after is not None:
        paths.remove("profile")
        paths += [
            f"profile.{part.name}"
            for part in fields(Profile)
            if getattr(before, part.name) != getattr(after, part.name)
        ]
    return paths


def _digest(new: User) -> bytes:
    """What distinguishes payloads; equal for equal users whatever bytes carried them."""
    return hashlib.sha256(json.dumps(asdict(new), sort_keys=True).encode()).digest()
