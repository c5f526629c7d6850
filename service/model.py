"""What the service is about, in no version's generated classes: every version converts to this."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Status(IntEnum):
    """State of an account; the numbers are stored and equal those of the protos."""

    ACTIVE = 1
    INACTIVE = 2
    SUSPENDED = 3
    DELETED = 4


class Role(IntEnum):
    """What a user may do; the numbers are stored and equal those of the protos."""

    USER = 1
    MODERATOR = 2
    ADMIN = 3


# By number: calling the classes costs ten times as much, for every user that is read or written.
STATUSES = {int(status): status for status in Status}
ROLES = {int(role): role for role in Role}


@dataclass(frozen=True, slots=True)
class SocialLink:
    platform: str = ""
    url: str = ""
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    bio: str = ""
    avatar_url: str = ""
    location: str = ""
    skills: tuple[str, ...] = ()
    social_links: Mapping[str, SocialLink] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class User:
    """A user as stored; times are microseconds since 1970."""

    user_id: str
    email: str
    display_name: str
    status: Status = Status.ACTIVE
    role: Role = Role.USER
    metadata: Mapping[str, str] = field(default_factory=dict)
    profile: Profile | None = None
    created_at: int = 0
    updated_at: int = 0
    former: Status | None = (
        None  # of a deleted user: its status before, which undeleting gives back
    )

    @property
    def deleted(self) -> bool:
        return self.status is Status.DELETED

    def created(self, user_id: str, now: int) -> User:
        """The same as it comes to be; `dataclasses.replace` would take thrice as long."""
        said = (self.email, self.display_name, self.status, self.role, self.metadata, self.profile)
        return User(user_id, *said, created_at=now, updated_at=now)


class Kind(IntEnum):
    """Kind of an event; the numbers are stored."""

    CREATED = 1
    UPDATED = 2
    DELETED = 3
    UNDELETED = 4


@dataclass(frozen=True, slots=True)
class Event:
    """A change of a user: the user after it, and the paths that changed.

    `told` holds what each version of the schema makes of it, made once for all who read it.
    """

    kind: Kind
    user: User
    at: int
    changed: tuple[str, ...] = ()
    position: int = 0  # given by the store
    told: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    The rules of access bind everyone, save in development, where nobody is who they say.
    """

    name: str
    role: Role = Role.USER
    bound: bool = True

    @property
    def admin(self) -> bool:
        return self.role is Role.ADMIN


@dataclass(frozen=True, slots=True)
class Once:
    """An idempotency key: whose, which, for what payload, until when."""

    caller: str
    key: str
    digest: bytes
    expires_at: int


Order = tuple[tuple[str, bool], ...]  # (field, descending), always ending in user_id


@dataclass(frozen=True, slots=True)
class Query:
    """A page to read: what follows `after`, the last user's values of the fields in `order`."""

    order: Order
    limit: int
    status: Status | None = None
    role: Role | None = None
    show_deleted: bool = False
    after: tuple[str | int, ...] | None = None
