"""Between the messages of api.user.v2 and the model."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from api.user.v2 import user_event_pb2, user_pb2
from google.protobuf.field_mask_pb2 import FieldMask

from service.messages import fill, said, set_time
from service.model import Event, Kind, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

VERSION = "v2"
LARGEST_REPLY = 1_000_000  # bytes of events, unless a single one has more


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
        status=cast("user_pb2.UserStatus", user.former if user.deleted else user.status),
        role=cast("user_pb2.UserRole", user.role),
    )
    set_time(message.create_time, user.created_at)
    set_time(message.update_time, user.updated_at)
    if user.deleted:  # nothing changes whoever is deleted
        set_time(message.delete_time, user.updated_at)
    fill(message, user)
    message.etag = _etag(message)
    return message


def from_event(event: Event) -> bytes:
    """An event as it stands in a reply, written once for all who read it.

    Replies are put together of such bytes: messages would be measured, copied and written for each
    reader, which was most of what a batch cost.
    """
    found: bytes | None = event.told.get(VERSION)
    if found is None:
        alone = user_event_pb2.StreamUserEventsResponse(events=[_from_event(event)])
        found = event.told[VERSION] = alone.SerializeToString()
    return found


def _from_event(event: Event) -> user_event_pb2.UserEvent:
    message = user_event_pb2.UserEvent()
    set_time(message.event_time, event.at)
    user = from_user(event.user)
    if event.kind is Kind.CREATED:
        message.user_created.user.CopyFrom(user)
    elif event.kind is Kind.UPDATED:
        message.user_updated.user.CopyFrom(user)
        message.user_updated.updated_fields.CopyFrom(FieldMask(paths=event.changed))
    elif event.kind is Kind.DELETED:
        message.user_deleted.user.CopyFrom(user)
    else:
        message.user_undeleted.user.CopyFrom(user)
    return message


def from_batch(
    events: Iterable[Event],
) -> Iterator[tuple[user_event_pb2.StreamUserEventsResponse, int]]:
    """Replies with these events, each of bounded size, and the position after each."""
    told: list[bytes] = []
    size = position = 0
    for event in events:
        one = from_event(event)
        if told and size + len(one) > LARGEST_REPLY:
            yield _joined(told), position
            told, size = [], 0
        told.append(one)
        size += len(one)
        position = event.position
    yield _joined(told), position


def _joined(told: Iterable[bytes]) -> user_event_pb2.StreamUserEventsResponse:
    """Encoded messages, one after the other, are the message with all that they have."""
    return user_event_pb2.StreamUserEventsResponse.FromString(b"".join(told))


def _etag(message: user_pb2.User) -> str:
    """What names this state: a digest of all that is said of the user, update_time included.

    Replicas of other releases may reckon otherwise; then a client reads again and goes on.
    """
    digest = hashlib.blake2b(message.SerializeToString(deterministic=True), digest_size=12)
    return f'"{base64.urlsafe_b64encode(digest.digest()).decode()}"'
