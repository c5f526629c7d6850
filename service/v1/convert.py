"""Between the messages of api.user.v1 and the model."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from api.user.v1 import user_event_pb2, user_pb2
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from service.model import Event, Kind, Profile, Role, SocialLink, Status, User


def to_user(message: user_pb2.User, *, old: User | None = None) -> User:
    """The user that a client describes; what only the server sets comes from `old`."""
    user = User(
        user_id=message.user_id,
        email=message.email,
        display_name=message.display_name,
        status=Status(message.status or Status.ACTIVE),
        role=Role(message.role or Role.USER),
        metadata=dict(message.metadata),
        profile=_profile(message.profile) if message.HasField("profile") else None,
    )
    if old is None:
        return user
    return replace(user, user_id=old.user_id, created_at=old.created_at, updated_at=old.updated_at)


def from_user(user: User) -> user_pb2.User:
    message = user_pb2.User(
        user_id=user.user_id,
        email=user.email,
        display_name=user.display_name,
        status=cast("user_pb2.UserStatus", user.status),
        role=cast("user_pb2.UserRole", user.role),
        metadata=user.metadata,
        created_at=timestamp(user.created_at),
        updated_at=timestamp(user.updated_at),
    )
    if user.profile is not None:
        message.profile.CopyFrom(_from_profile(user.profile))
    return message


def from_event(event: Event, resume_token: str) -> user_event_pb2.UserEvent:
    message = user_event_pb2.UserEvent(timestamp=timestamp(event.at), resume_token=resume_token)
    if event.kind is Kind.CREATED:
        message.user_created.user.CopyFrom(from_user(event.user))
    elif event.kind is Kind.UPDATED:
        message.user_updated.user.CopyFrom(from_user(event.user))
        message.user_updated.updated_fields.CopyFrom(FieldMask(paths=event.changed))
    else:
        message.user_deleted.user_id = event.user.user_id
    return message


def timestamp(microseconds: int) -> Timestamp:
    seconds, rest = divmod(microseconds, 1_000_000)
    return Timestamp(seconds=seconds, nanos=rest * 1000)


def _profile(message: user_pb2.UserProfile) -> Profile:
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


def _from_profile(profile: Profile) -> user_pb2.UserProfile:
    return user_pb2.UserProfile(
        bio=profile.bio,
        avatar_url=profile.avatar_url,
        location=profile.location,
        skills=profile.skills,
        social_links={
            name: user_pb2.SocialLink(platform=link.platform, url=link.url, verified=link.verified)
            for name, link in profile.social_links.items()
        },
    )
