"""What versions of the schema share of the way between messages and the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from service import errors, masks
from service.model import ROLES, STATUSES, Profile, Role, SocialLink, Status, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.timestamp_pb2 import Timestamp

    from service.rules import Rules

RESUME_TOKEN = "x-resume-token"  # noqa: S105 (a header's name)


class Conversion(Protocol):
    """A version's own way between its User and the model's."""

    def to_user(self, message: Any, *, old: User | None = None) -> User:
        """The user that a client describes; what only the server sets comes from `old`."""

    def from_user(self, user: User) -> Any:
        """The message of a user."""


def edit(request: Any, rules: Rules, convert: Conversion) -> Callable[[User], User]:
    """What a request for an update makes of a user: merged by its mask, held to the rules."""
    try:
        paths = masks.resolve(request.user.DESCRIPTOR, request.update_mask.paths)
    except masks.ImpossiblePathError as error:
        raise errors.update_mask_invalid(str(error)) from None

    def edited(old: User) -> User:
        merged = convert.from_user(old)
        masks.update(merged, request.user, paths)
        rules.check(merged, within="user")
        return convert.to_user(merged, old=old)

    return edited


def said(message: Any) -> User:
    """What a User of any version says of a user; versions agree on these fields."""
    return User(
        user_id=message.user_id,
        email=message.email,
        display_name=message.display_name,
        status=STATUSES[message.status or Status.ACTIVE],
        role=ROLES[message.role or Role.USER],
        metadata=dict(message.metadata),
        profile=_profile(message.profile) if message.HasField("profile") else None,
    )


def fill(message: Any, user: User) -> None:
    """Say in a User of any version what a user has of more than one; nothing costs nothing."""
    if user.metadata:
        message.metadata.update(user.metadata)
    profile = user.profile
    if profile is None:
        return
    found = message.profile
    found.SetInParent()
    found.bio, found.avatar_url, found.location = profile.bio, profile.avatar_url, profile.location
    found.skills.extend(profile.skills)
    for name, link in profile.social_links.items():
        shown = found.social_links[name]
        shown.platform, shown.url, shown.verified = link.platform, link.url, link.verified


def set_time(field: Timestamp, microseconds: int) -> None:
    """Set a field to a time, in place: made apart and copied, it would cost thrice as much."""
    field.seconds, rest = divmod(microseconds, 1_000_000)
    field.nanos = rest * 1000


def _profile(message: Any) -> Profile:
    return Profile(
        bio=message.bio,
        avatar_url=message.avatar_url,
        location=message.location,
        skills=tuple(message.skills),
        social_links={
            name: SocialLink(link.platform, link.url, link.verified)
            for name, link in message.social_links.items()
        },
    )
