"""What the service's tests share: a server with a client, users to send, errors to compare."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
from api.user.v1 import user_event_pb2, user_pb2, user_requests_pb2
from api.user.v1.user_service_pb2_grpc import UserServiceStub
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc import error_details_pb2, status_pb2

from contract_tests.service import newer
from service.server import Server, running_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterable

STUBS = {"v1": UserServiceStub, "v2": newer.users_of}
ADMIN = (("x-role", "admin"),)
BEGINNING = user_event_pb2.StreamUserEventsRequest(from_beginning=True)

WORK = user_pb2.SocialLink(platform="p", url="https://example.org/work")
HOME = user_pb2.SocialLink(platform="q", url="https://example.org/home")

BEFORE = user_pb2.User(
    user_id="u-1",
    email="ada@example.org",
    display_name="Ada",
    status=user_pb2.USER_STATUS_SUSPENDED,
    role=user_pb2.USER_ROLE_ADMIN,
    metadata={"team": "blue", "a.b": "c"},
    profile=user_pb2.UserProfile(
        bio="old", location="London", skills=["a", "b"], social_links={"work": WORK, "home": HOME}
    ),
)


@dataclass(frozen=True)
class Client:
    """A server and a channel to it; `users` is the stub, of v1 or of v2 in the words of v1."""

    server: Server
    channel: grpc.aio.Channel
    users: Any

    async def create(self, name: str = "ada", **changes: Any) -> user_pb2.User:
        """Create a person."""
        request = user_requests_pb2.CreateUserRequest(user=person(name, **changes))
        created: user_pb2.User = await self.users.CreateUser(request)
        return created

    async def get(self, user_id: str) -> user_pb2.User:
        """Get a user."""
        request = user_requests_pb2.GetUserRequest(user_id=user_id)
        found: user_pb2.User = await self.users.GetUser(request)
        return found

    async def delete(self, user_id: str) -> None:
        """Delete a user."""
        await self.users.DeleteUser(user_requests_pb2.DeleteUserRequest(user_id=user_id))

    async def events(self, most: int, **asked: Any) -> list[user_event_pb2.UserEvent]:
        """That many events, from the beginning or after a resume_token."""
        if "resume_token" not in asked:
            asked["from_beginning"] = True
        request = user_event_pb2.StreamUserEventsRequest(max_events=most, **asked)
        found: list[user_event_pb2.UserEvent] = []
        async for told in self.users.StreamUserEvents(request, timeout=60):
            found += told if isinstance(told, list) else [told]
        return found


@asynccontextmanager
async def serving(
    db: Any = "sqlite://", *, version: Any = "v1", **options: Any
) -> AsyncIterator[Client]:
    """A server on a free port, and a client of one of its versions."""
    async with running_server(db, **options) as server, connected(server.address) as channel:
        yield Client(server, channel, STUBS[version](channel))


def connected(address: str) -> grpc.aio.Channel:
    """A channel of its own: equal channels share connections otherwise."""
    return grpc.aio.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)])


def person(name: str = "ada", **changes: Any) -> user_pb2.User:
    """A valid user of that name."""
    return user_pb2.User(**{"email": f"{name}@example.org", "display_name": name, **changes})


@dataclass(frozen=True)
class Refused:
    """An error: its status, its stable reason, the fields it blames."""

    code: str
    reason: str
    fields: tuple[str, ...] = ()


async def refused(call: Awaitable[Any]) -> Refused:
    """The error that a call ends with."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return refusal(status_of(error))
    raise AssertionError("the call was not refused")


def status_of(error: grpc.aio.AioRpcError) -> status_pb2.Status:
    """The google.rpc.Status of an error, which agrees with the plain one."""
    trailers = dict(error.trailing_metadata() or ())
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    assert (error.code().value[0], error.details()) == (status.code, status.message)
    return status


def refusal(status: status_pb2.Status) -> Refused:
    """A status as its essentials; no detail stands in it twice."""
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    kinds = [detail.TypeName() for detail in status.details]
    assert len(kinds) == len(set(kinds))
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(bad)
    assert info.domain == "user.wireproof.dev"
    code = next(code for code in grpc.StatusCode if code.value[0] == status.code)
    return Refused(code.name, info.reason, tuple(v.field for v in bad.field_violations))


def ids(users: Iterable[user_pb2.User]) -> list[str]:
    """Their identifiers, in order."""
    return [user.user_id for user in users]


def told(events: Iterable[user_event_pb2.UserEvent]) -> list[tuple[str, str]]:
    """What events tell: the kind, and the identifier of the user."""
    found = []
    for event in events:
        kind = event.WhichOneof("event") or "nothing"
        what = getattr(event, kind)
        found.append((kind, what.user_id if kind == "user_deleted" else what.user.user_id))
    return found


def update(client: Client, change: user_pb2.User, *paths: str) -> Any:
    """An update of the user with BEFORE's id."""
    change.user_id = change.user_id or "u-1"
    mask = FieldMask(paths=paths)
    return client.users.UpdateUser(
        user_requests_pb2.UpdateUserRequest(user=change, update_mask=mask)
    )


async def silent() -> AsyncIterator[Any]:
    """Requests that never come: whoever is refused at once need not have said anything.

    And should not: where a refusal arrives while it writes, grpc.aio tells INTERNAL instead.
    """
    await asyncio.Event().wait()
    yield


def calling(client: Any, method: str, request: Any = None, metadata: Any = ()) -> Any:
    """The first reply of a method of any style; a stream of requests is silent without one."""
    requests_ = iter([request]) if request is not None else silent()
    if method in ("BatchCreateUsers",):
        return getattr(client.users, method)(requests_, metadata=metadata, timeout=60)
    if method == "SyncUsers":
        return client.users.SyncUsers(requests_, metadata=metadata, timeout=60).read()
    call = getattr(client.users, method)(request, metadata=metadata, timeout=60)
    return call.read() if method == "StreamUserEvents" else call
