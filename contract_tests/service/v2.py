"""What the tests of v2's own promises share."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.user.v1.user_service_pb2_grpc import UserServiceStub as OlderStub
from api.user.v2 import user_event_pb2, user_pb2
from api.user.v2 import user_requests_pb2 as requests
from api.user.v2.user_service_pb2_grpc import UserServiceStub
from google.protobuf.field_mask_pb2 import FieldMask

from contract_tests.service.support import connected
from service.server import Server, running_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import grpc

Event = tuple[str, str]


@dataclass(frozen=True)
class Client:
    """A server and a channel to it, with a stub of each version."""

    server: Server
    channel: grpc.aio.Channel
    users: Any
    older: Any

    async def create(self, name: str = "ada", **changes: Any) -> user_pb2.User:
        """Create a person."""
        request = requests.CreateUserRequest(user=person(name, **changes))
        return user_of(await self.users.CreateUser(request))

    async def get(self, user_id: str) -> user_pb2.User:
        """Get a user, deleted or not."""
        return user_of(await self.users.GetUser(requests.GetUserRequest(user_id=user_id)))

    async def update(self, user_id: str, *, etag: str = "", **changes: Any) -> user_pb2.User:
        """Change what is named."""
        user = user_pb2.User(user_id=user_id, etag=etag, **changes)
        request = requests.UpdateUserRequest(user=user, update_mask=FieldMask(paths=changes))
        return user_of(await self.users.UpdateUser(request))

    async def delete(self, user_id: str, etag: str = "") -> user_pb2.User:
        """Delete a user."""
        request = requests.DeleteUserRequest(user_id=user_id, etag=etag)
        return user_of(await self.users.DeleteUser(request))

    async def undelete(self, user_id: str, etag: str = "") -> user_pb2.User:
        """Bring a deleted user back."""
        request = requests.UndeleteUserRequest(user_id=user_id, etag=etag)
        return user_of(await self.users.UndeleteUser(request))

    async def page(self, **asked: Any) -> requests.ListUsersResponse:
        """A page of users."""
        found: requests.ListUsersResponse = await self.users.ListUsers(
            requests.ListUsersRequest(**asked)
        )
        return found

    async def batches(
        self, most: int, **asked: Any
    ) -> list[user_event_pb2.StreamUserEventsResponse]:
        """Batches with that many events in all, from the beginning or after a resume_token."""
        if "resume_token" not in asked:
            asked["from_beginning"] = True
        request = user_event_pb2.StreamUserEventsRequest(max_events=most, **asked)
        return [batch async for batch in self.users.StreamUserEvents(request, timeout=60)]


@asynccontextmanager
async def serving(db: Any = "sqlite://", **options: Any) -> AsyncIterator[Client]:
    """A server on a free port, and a client of both of its versions."""
    async with running_server(db, **options) as server, connected(server.address) as channel:
        yield Client(server, channel, UserServiceStub(channel), OlderStub(channel))


def person(name: str = "ada", **changes: Any) -> user_pb2.User:
    """A valid user of that name."""
    return user_pb2.User(**{"email": f"{name}@example.org", "display_name": name, **changes})


def user_of(response: Any) -> user_pb2.User:
    """The user in a response."""
    found: user_pb2.User = response.user
    return found


def told(batch: user_event_pb2.StreamUserEventsResponse) -> list[Event]:
    """What the events of a batch tell: the kind, and the identifier of the user."""
    kinds = [str(event.WhichOneof("event")) for event in batch.events]
    return [
        (kind, getattr(event, kind).user.user_id)
        for kind, event in zip(kinds, batch.events, strict=True)
    ]
