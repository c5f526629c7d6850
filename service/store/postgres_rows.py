"""Between rows of PostgreSQL and the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.model import ROLES, STATUSES, Event, Kind, User
from service.store import codec

if TYPE_CHECKING:
    from collections.abc import Mapping

Values = tuple[Any, ...]

COLUMNS = (
    "user_id, email, display_name, status, role, metadata, profile, created_at, updated_at, former"
)


def stored(text: str) -> str:
    r"""A text without U+0000, which PostgreSQL keeps in no text; the order of texts stays.

    U+0001 is the escape: U+0000 becomes two of it, U+0001 becomes U+0001 U+0002.
    """
    return text.replace("\1", "\1\2").replace("\0", "\1\1")


def original(text: str) -> str:
    """The text that `stored` was given."""
    return text.replace("\1\1", "\0").replace("\1\2", "\1")


def folded(email: str) -> str:
    """What is unique of an address: letters of ASCII lose their case, as in the table's index."""
    return email.encode().lower().decode()


def user_values(user: User) -> Values:
    """A user in the order of COLUMNS."""
    who = (user.user_id, user.email, user.display_name)
    metadata, profile = codec.dump(dict(user.metadata)), codec.dump_profile(user.profile)
    numbers = (int(user.status), int(user.role))
    times = (user.created_at, user.updated_at)
    return (*map(stored, who), *numbers, metadata, profile, *times, user.former)


def to_user(row: Mapping[str, Any]) -> User:
    return User(
        original(row["user_id"]),
        original(row["email"]),
        original(row["display_name"]),
        STATUSES[row["status"]],
        ROLES[row["role"]],
        codec.load(row["metadata"]),
        codec.load_profile(row["profile"]),
        row["created_at"],
        row["updated_at"],
        row["former"] and STATUSES[row["former"]],
    )


def event_values(event: Event, position: int) -> Values:
    """An event in the order of its table's columns."""
    user, changed = codec.dump_user(event.user), stored(",".join(event.changed))
    return (position, int(event.kind), stored(event.user.user_id), user, event.at, changed)


def to_event(row: Mapping[str, Any]) -> Event:
    changed = original(row["changed"])
    paths = tuple(changed.split(",")) if changed else ()
    return Event(Kind(row["kind"]), codec.load_user(row["user"]), row["at"], paths, row["position"])
