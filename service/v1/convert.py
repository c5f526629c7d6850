"""Between the messages of api.user.v1 and the model."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from api.user.v1 import user_event_pb2, user_pb2
from google.protobuf.field_mask_pb2 import FieldMask

from service.messages import fill, said, set_time
from service.model import Event, Kind, User

VERSION = "v1"


def to_user(message: user_pb2.User, *, old: User | None = None) -> User:
    """The user that a client describes; what only the server sets comes from `old`."""
    user = said(message)
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
    )
    set_time(message.created_at, user.created_at)
    set_time(message.updated_at, user.updated_at)
    fill(message, user)
    return message


def from_event(event: Event, resume_token: str) -> user_event_pb2.UserEvent:
    """The message of an event; all but the token is made once for all who read it."""
    message = user_event_pb2.UserEvent(resume_token=resume_token)
    if VERSION not in event.told:
        event.told[VERSION] = _from_event(event)
    message.MergeFrom(event.told[VERSION])
    return message


def _from_event(event: Event) -> user_event_pb2.UserEvent:
    message = user_event_pb2.UserEvent()
    set_time(message.timestamp, event.at)
    if event.kind is Kind.UPDATED:
        message.user_updated.user.CopyFrom(from_user(event.user))
        message.user_updated.updated_fields.CopyFrom(FieldMask(paths=event.changed))
    elif event.kind is Kind.DELETED:
        message.user_deleted.user_id = event.user.user_id
    else:  # to readers of this version, whoever comes back came to be
        message.user_created.user.CopyFrom(from_user(event.user))
    return message
