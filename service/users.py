"""The domain: what may happen to users, whichever version of the schema asks for it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING

from service import errors, pages
from service.model import Event, Kind, Once, Profile, Query, Status, User
from service.store.recent import Recent
from service.tokens import ForeignTokenError, Tokens

if TYPE_CHECKING:
    from service.store import Change, Store

KEY_LIFETIME = 24 * 3600 * 1_000_000  # an idempotency key, in microseconds
EVENTS_AT_ONCE = 100  # what a reader of events holds in memory at most
COMPANY = 0.1  # seconds that an event waits for others, where they are told in batches
UPDATABLE = ("email", "display_name", "status", "role", "metadata", "profile")

Clock = Callable[[], int]
Look = Callable[[User], None]  # at a user before it changes; may refuse


def microseconds() -> int:
    return time.time_ns() // 1000


def identifier(now: int) -> str:
    """A UUID that sorts by its time in microseconds (RFC 9562, version 7).

    What is made together then lies together: a commit of many users writes few pages of each index.
    """
    milliseconds, rest = divmod(now, 1000)
    lower = 0b10 << 62 | int.from_bytes(os.urandom(8)) >> 2
    digits = f"{milliseconds:012x}7{rest * 4096 // 1000:03x}{lower:016x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class Users:
    """Users and what happens to them, over a store."""

    def __init__(self, store: Store, *, clock: Clock = microseconds) -> None:
        self.tokens = Tokens(store.secret)
        self._store = store
        self._recent = Recent(store)
        self._clock = clock

    async def get(self, user_id: str) -> User:
        """A user who is not deleted."""
        return _present(await self._store.user(user_id), user_id)

    async def find(self, user_id: str) -> User:
        """A user, deleted or not."""
        return _known(await self._store.user(user_id), user_id)

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
        user = new.created(new.user_id or identifier(now), now)
        return await self._store.insert(Event(Kind.CREATED, user, now), once)

    async def update(
        self,
        user_id: str,
        edit: Callable[[User], User],
        *,
        deleted: Callable[[str], errors.Refusal] = errors.user_not_found,
    ) -> User:
        """Change a user by `edit`, which may refuse; what changes nothing leaves no trace.

        `deleted` is the answer where the user is deleted.
        """
        now = self._clock()

        def decide(found: User | None) -> Change:
            old = _present(found, user_id, deleted)
            new = edit(old)
            if new.deleted:
                raise errors.status_not_settable()
            changed = tuple(_changed(old, new))
            if not changed:
                return old
            return Event(Kind.UPDATED, replace(new, updated_at=now), now, changed)

        return await self._store.change(user_id, decide)

    async def delete(self, user_id: str, look: Look = lambda _: None) -> User:
        now = self._clock()

        def decide(found: User | None) -> Change:
            old = _present(found, user_id)
            look(old)
            gone = replace(old, status=Status.DELETED, former=old.status, updated_at=now)
            return Event(Kind.DELETED, gone, now)

        return await self._store.change(user_id, decide)

    async def undelete(self, user_id: str, look: Look = lambda _: None) -> User:
        """Bring a deleted user back, as it was."""
        now = self._clock()

        def decide(found: User | None) -> Change:
            old = _known(found, user_id)
            if not old.deleted:
                raise errors.user_not_deleted(user_id)
            look(old)
            status = old.former or Status.INACTIVE  # unknown where an older replica deleted
            back = replace(old, status=status, former=None, updated_at=now)
            return Event(Kind.UNDELETED, back, now)

        return await self._store.change(user_id, decide)

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
            found, after = await self._recent.events(after, EVENTS_AT_ONCE, user_ids)
            for event in found:
                yield event
            if not found:
                await self._store.wait_beyond(after)

    async def batches(
        self, after: int, user_ids: Sequence[str] = (), *, most: int = 0
    ) -> AsyncIterator[list[Event]]:
        """The same in batches, each as large as it gets within a moment; `most` events in all."""
        left = most
        while True:
            size = min(EVENTS_AT_ONCE, left) if most else EVENTS_AT_ONCE
            batch, after = await self._batch(after, user_ids, size)
            if batch:
                yield batch
            left -= len(batch)
            if most and left == 0:
                return

    async def _batch(
        self, after: int, user_ids: Sequence[str], size: int
    ) -> tuple[list[Event], int]:
        found, after = await self._recent.events(after, size, user_ids)
        if not found:
            await self._store.wait_beyond(after)
            return found, after
        loop = asyncio.get_running_loop()
        until = loop.time() + COMPANY
        while len(found) < size and loop.time() < until:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(until):
                    await self._store.wait_beyond(after + size - len(found) - 1)
            more, after = await self._recent.events(after, size - len(found), user_ids)
            found += more
        return found, after


def _known(user: User | None, user_id: str) -> User:
    if user is None:
        raise errors.user_not_found(user_id)
    return user


def _present(
    user: User | None,
    user_id: str,
    deleted: Callable[[str], errors.Refusal] = errors.user_not_found,
) -> User:
    user = _known(user, user_id)
    if user.deleted:
        raise deleted(user_id)
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
    said = asdict(new)
    del said["former"]  # no client says it, and digests outlive versions of the model
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).digest()
