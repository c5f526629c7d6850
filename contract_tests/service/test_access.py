"""What callers may do, once it is known who they are."""

from __future__ import annotations

from functools import partial
from typing import Any

import grpc
import pytest
from api.user.v1 import user_bulk_pb2, user_event_pb2, user_pb2, user_service_pb2
from api.user.v1 import user_requests_pb2 as requests
from api.user.v2 import user_bulk_pb2 as bulk2
from api.user.v2 import user_service_pb2 as service2
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc import status_pb2

from contract_tests.service.support import (
    Refused,
    calling,
    connected,
    person,
    refusal,
    refused,
    serving,
)
from contract_tests.service.tokens import (
    HS256,
    SECRET,
    VARIABLE,
    bearer,
)
from service import access
from service.model import Caller, Role

pytestmark = pytest.mark.versions("v1", "v2")

DENIED = Refused("PERMISSION_DENIED", "NOT_ALLOWED")
ADMIN = bearer("root", "admin")


def change(user_id: str, *mask: str, **fields: Any) -> Any:
    """An update."""
    user = user_pb2.User(user_id=user_id, **fields)
    return requests.UpdateUserRequest(user=user, update_mask=FieldMask(paths=mask))


def new(name: str, **fields: Any) -> Any:
    """A new user who signs up."""
    return requests.CreateUserRequest(user=person(name, user_id=name, **fields))


GET, DELETE, CHANGE, CREATE = "GetUser", "DeleteUser", "UpdateUser", "CreateUser"
get = requests.GetUserRequest
delete = requests.DeleteUserRequest
events = partial(user_event_pb2.StreamUserEventsRequest, from_beginning=True)

ALLOWED = [
    ("ada", "user", GET, get(user_id="ada")),
    ("ada", "user", CHANGE, change("ada", "display_name", display_name="Ada")),
    ("ada", "user", CHANGE, change("ada", display_name="Ada")),
    ("ada", "user", DELETE, delete(user_id="ada")),
    ("eve", "user", CREATE, new("eve")),
    ("ada", "user", "StreamUserEvents", events(user_ids=["ada"])),
    ("mod", "moderator", GET, get(user_id="ada")),
    ("mod", "moderator", "ListUsers", requests.ListUsersRequest()),
    ("mod", "moderator", "StreamUserEvents", events()),
    ("root", "admin", CHANGE, change("ada", "role", role=2)),
    ("root", "admin", CREATE, new("eve", role=3)),
    ("root", "admin", DELETE, delete(user_id="ada")),
    ("root", "admin", "BatchCreateUsers", new("eve")),
]
FORBIDDEN = [
    ("ada", "user", GET, get(user_id="bob")),
    ("ada", "user", GET, get(user_id="nobody")),
    ("ada", "user", GET, get(user_id="!")),
    ("ada", "user", GET, get()),
    ("ada", "superuser", GET, get(user_id="bob")),
    ("ada", "user", CHANGE, change("bob", "display_name", display_name="x")),
    ("ada", "user", CHANGE, change("ada", "role", role=3)),
    ("ada", "user", CHANGE, change("ada", "`role`", role=3)),
    ("ada", "user", CHANGE, change("ada", role=3)),
    ("ada", "user", CHANGE, change("ada", "status", status=1)),
    ("ada", "user", CHANGE, change("ada", "*", display_name="x")),
    ("ada", "user", DELETE, delete(user_id="bob")),
    ("ada", "user", CREATE, new("eve")),
    ("eve", "user", CREATE, new("eve", role=3)),
    ("eve", "user", CREATE, new("eve", status=3)),
    ("eve", "user", CREATE, requests.CreateUserRequest(user=person("eve"))),
    ("ada", "user", "ListUsers", requests.ListUsersRequest(page_size=-1)),
    ("ada", "user", "StreamUserEvents", events()),
    ("ada", "user", "StreamUserEvents", events(user_ids=["ada", "bob"])),
    ("ada", "user", "BatchCreateUsers", None),
    ("mod", "moderator", CHANGE, change("ada", "display_name", display_name="x")),
    ("mod", "moderator", DELETE, delete(user_id="ada")),
    ("mod", "moderator", "BatchCreateUsers", None),
]


async def test_everyone_may_do_what_is_theirs(monkeypatch):
    """
    Users themselves, moderators reading, administrators all.
    """
    monkeypatch.setenv(VARIABLE, SECRET)
    for name, role, method, request in ALLOWED:
        async with serving(auth=(HS256,)) as client:
            await client.users.CreateUser(new("ada"), metadata=ADMIN)
            call = calling(client, method, request, bearer(name, role))
            assert (await call) is not grpc.aio.EOF, (name, role, method)


async def test_nobody_may_do_more(guarded):
    """
    PERMISSION_DENIED, the same to the letter whether a request is valid, or its user exists.
    """
    answers = set()
    for name, role, method, request in FORBIDDEN:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await calling(guarded, method, request, bearer(name, role))
        trailers = dict(caught.value.trailing_metadata())
        details = trailers["grpc-status-details-bin"]
        answers.add((caught.value.code(), caught.value.details(), details))
    ((code, _, details),) = answers
    assert code is grpc.StatusCode.PERMISSION_DENIED
    assert refusal(status_pb2.Status.FromString(details)) == DENIED


async def test_operations_of_a_synchronisation_are_judged_one_by_one(guarded):
    """
    What one may not do stops nothing that follows.
    """
    sync = user_bulk_pb2.SyncUserRequest
    operations = [
        sync(update_user=change("bob", "display_name", display_name="x")),
        sync(update_user=change("ada", "display_name", display_name="Countess")),
        sync(delete_user=delete(user_id="nobody")),
        sync(create_user=new("eve")),
    ]
    call = guarded.users.SyncUsers(iter(operations), metadata=bearer("ada"), timeout=60)
    replies = [reply async for reply in call]
    kinds = [reply.WhichOneof("result") for reply in replies]
    assert kinds == ["error", "user", "error", "error"]
    assert {refusal(r.error) for r in replies if r.HasField("error")} == {DENIED}
    assert replies[1].user.display_name == "Countess"


def test_every_method_has_its_rule():
    """
    One without is closed; that it is open to nobody is seen before it ships.
    """
    files = (user_service_pb2.DESCRIPTOR, service2.DESCRIPTOR)
    methods = [m for file in files for m in file.services_by_name["UserService"].methods]
    assert set(access.METHODS) == {f"/{m.containing_service.full_name}/{m.name}" for m in methods}
    for kind in (user_bulk_pb2.SyncUserRequest, bulk2.SyncUsersRequest):
        operations = kind.DESCRIPTOR.oneofs_by_name["operation"].fields
        assert {field.name for field in operations} <= set(access.OPERATIONS)
    assert not access.nobody(Caller("root", Role.ADMIN), None)


async def test_idempotency_keys_belong_to_the_caller_that_is_proven(guarded):
    """
    Whoever they say to be in other metadata.
    """
    for name in ("eve", "kim"):
        request = new(name)
        request.idempotency_key = "k"
        metadata = (*bearer(name), ("x-caller-id", "ada"))
        assert (await guarded.users.CreateUser(request, metadata=metadata)).user_id == name


async def test_development_believes_what_callers_say():
    """
    Where nobody is authenticated, nothing is forbidden but what needs an administrator.
    """
    async with serving() as client, connected(client.server.address):
        listing = requests.ListUsersRequest(status=user_pb2.USER_STATUS_DELETED)
        call = client.users.ListUsers(listing)
        assert await refused(call) == Refused("PERMISSION_DENIED", "ADMIN_REQUIRED")
        admin = (("x-role", "admin"),)
        assert (await client.users.ListUsers(listing, metadata=admin)).total_count == 0
