"""api.user.v2 in the words of api.user.v1: what means the same in both is tested once, on each.

The adapter translates messages where gRPC (de)serialises them, so calls stay gRPC's own. What v1
cannot say, and what v2 says otherwise, has tests of its own.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from api.user.v1 import user_bulk_pb2, user_event_pb2, user_pb2, user_requests_pb2
from api.user.v2 import user_bulk_pb2 as bulk2
from api.user.v2 import user_event_pb2 as event2
from api.user.v2 import user_requests_pb2 as requests2
from google.protobuf.empty_pb2 import Empty

if TYPE_CHECKING:
    from collections.abc import Callable

    import grpc
    from google.protobuf.message import Message

SERVICE = "/api.user.v2.UserService/"
RENAMED = {"created_at": "create_time", "updated_at": "update_time"}


def users_of(channel: grpc.aio.Channel) -> Any:
    """A stub with the messages of v1 whose calls go to v2; events come in lists, as batches."""
    made = {
        name: getattr(channel, style)(
            SERVICE + name,
            request_serializer=asking(request),
            response_deserializer=_reading(response, told),
        )
        for name, style, request, response, told in METHODS
    }
    return SimpleNamespace(**made)


def asking(kind: type[Message]) -> Callable[[Any], bytes]:
    """Numbers of fields are the same in requests of both; fields that texts name are not."""

    def ask(request: Any) -> bytes:
        message: Any = kind.FromString(request.SerializeToString())
        _rename(message)
        update = getattr(message, "update_user", None)
        if update is not None and message.HasField("update_user"):
            _rename(update)
        return bytes(message.SerializeToString())

    return ask


def user(message: Any) -> user_pb2.User:
    """A user of v2 as v1 tells it."""
    found = user_pb2.User.FromString(message.SerializeToString())
    found.DiscardUnknownFields()
    if message.HasField("delete_time"):
        found.status = user_pb2.USER_STATUS_DELETED
    return found


def event(message: event2.UserEvent) -> user_event_pb2.UserEvent:
    """An event of v2 as v1 tells it, but for its token."""
    found = user_event_pb2.UserEvent(timestamp=message.event_time)
    kind = str(message.WhichOneof("event"))
    told = getattr(message, kind)
    if kind == "user_deleted":
        found.user_deleted.user_id = told.user.user_id
    elif kind == "user_updated":
        found.user_updated.user.CopyFrom(user(told.user))
        found.user_updated.updated_fields.CopyFrom(told.updated_fields)
    else:
        found.user_created.user.CopyFrom(user(told.user))
    return found


def _batch(message: event2.StreamUserEventsResponse) -> list[user_event_pb2.UserEvent]:
    found = [event(one) for one in message.events]
    found[-1].resume_token = message.resume_token
    return found


def _page(message: requests2.ListUsersResponse) -> user_requests_pb2.ListUsersResponse:
    return user_requests_pb2.ListUsersResponse(
        users=map(user, message.users),
        next_page_token=message.next_page_token,
        total_count=message.total_size,
    )


def _bulk(message: bulk2.BatchCreateUsersResponse) -> user_bulk_pb2.BatchCreateUsersResponse:
    found = user_bulk_pb2.BatchCreateUsersResponse(
        created_users=map(user, message.users), failed_count=len(message.failures)
    )
    for failure in message.failures:
        found.errors.append(failure.status.message)
        found.failures.add(position=failure.position, status=failure.status)
    return found


def _reply(message: bulk2.SyncUsersResponse) -> user_bulk_pb2.SyncUserResponse:
    found = user_bulk_pb2.SyncUserResponse(request_id=message.request_id, position=message.position)
    if message.HasField("error"):
        found.error.CopyFrom(message.error)
    elif message.user.HasField("delete_time"):
        found.deleted_user_id = message.user.user_id
    else:
        found.user.CopyFrom(user(message.user))
    return found


def _rename(request: Any) -> None:
    for old, new in RENAMED.items():
        if hasattr(request, "order_by"):
            request.order_by = request.order_by.replace(old, new)
        if hasattr(request, "update_mask") and request.HasField("update_mask"):
            paths = [new if path == old else path for path in request.update_mask.paths]
            request.update_mask.paths[:] = paths


def _reading(kind: type[Message], told: Callable[[Any], Any]) -> Callable[[bytes], Any]:
    return lambda data: told(kind.FromString(data))


def _whole(message: Any) -> user_pb2.User:
    return user(message.user)


METHODS: tuple[tuple[str, str, Any, Any, Callable[[Any], Any]], ...] = (
    ("GetUser", "unary_unary", requests2.GetUserRequest, requests2.GetUserResponse, _whole),
    ("ListUsers", "unary_unary", requests2.ListUsersRequest, requests2.ListUsersResponse, _page),
    (
        "CreateUser",
        "unary_unary",
        requests2.CreateUserRequest,
        requests2.CreateUserResponse,
        _whole,
    ),
    (
        "UpdateUser",
        "unary_unary",
        requests2.UpdateUserRequest,
        requests2.UpdateUserResponse,
        _whole,
    ),
    (
        "DeleteUser",
        "unary_unary",
        requests2.DeleteUserRequest,
        requests2.DeleteUserResponse,
        lambda _: Empty(),
    ),
    (
        "StreamUserEvents",
        "unary_stream",
        event2.StreamUserEventsRequest,
        event2.StreamUserEventsResponse,
        _batch,
    ),
    (
        "BatchCreateUsers",
        "stream_unary",
        bulk2.BatchCreateUsersRequest,
        bulk2.BatchCreateUsersResponse,
        _bulk,
    ),
    ("SyncUsers", "stream_stream", bulk2.SyncUsersRequest, bulk2.SyncUsersResponse, _reply),
)
