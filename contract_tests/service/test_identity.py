"""Who calls, and what they may do."""

from __future__ import annotations

import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
import jwt
import pytest
from api.user.v1 import user_bulk_pb2, user_event_pb2, user_pb2, user_service_pb2
from api.user.v1 import user_requests_pb2 as requests
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message_factory import GetMessageClass
from google.rpc import status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from contract_tests.service.support import Refused, connected, person, refusal, refused, serving
from contract_tests.service.tokens import (
    HS256,
    SECRET,
    VARIABLE,
    bearer,
    claimed,
    key,
    signed,
    token,
    write_keys,
)
from service import access
from service.auth import jwks
from service.auth.jwks import Secret
from service.auth.jwt import Tokens
from service.errors import Refusal
from service.model import Caller, Role
from service.settings import Settings

MISSING = Refused("UNAUTHENTICATED", "CREDENTIALS_MISSING")
INVALID = Refused("UNAUTHENTICATED", "CREDENTIALS_INVALID")
EXPIRED = Refused("UNAUTHENTICATED", "CREDENTIALS_EXPIRED")
DENIED = Refused("PERMISSION_DENIED", "NOT_ALLOWED")

PATH = "/api.user.v1.UserService/"
ADMIN = bearer("root", "admin")


@pytest.fixture
async def guarded(monkeypatch):
    """A client of a server that authenticates; ada, bob and a moderator's account exist."""
    monkeypatch.setenv(VARIABLE, SECRET)
    async with serving(auth=(HS256,)) as client:
        for name in ("ada", "bob"):
            request = requests.CreateUserRequest(user=person(name, user_id=name))
            await client.users.CreateUser(request, metadata=ADMIN)
        yield client


def calling(client: Any, method: str, request: Any = None, metadata: Any = ()) -> Any:
    """The first reply of a method of any style."""
    requests_ = iter([request]) if request is not None else iter([])
    if method in ("BatchCreateUsers",):
        return getattr(client.users, method)(requests_, metadata=metadata, timeout=10)
    if method == "SyncUsers":
        return client.users.SyncUsers(requests_, metadata=metadata, timeout=10).read()
    call = getattr(client.users, method)(request, metadata=metadata, timeout=10)
    return call.read() if method == "StreamUserEvents" else call


def stated(name: str) -> Any:
    """A method's request in its default state: valid for few, so authentication comes first."""
    method = user_service_pb2.DESCRIPTOR.services_by_name["UserService"].methods_by_name[name]
    return GetMessageClass(method.input_type)()


METHODS = [method.rpartition("/")[2] for method in access.METHODS]


@pytest.mark.parametrize("method", METHODS)
async def test_every_method_wants_credentials(guarded, method):
    """
    In every style, before anything is validated.
    """
    for metadata, answer in (
        ((), MISSING),
        ((("authorization", "Basic eDp5"),), INVALID),
        ((("authorization", "Bearer nonsense"),), INVALID),
        ((("x-role", "admin"), ("x-caller-id", "root")), MISSING),
        (bearer("ada", lasts=-1), EXPIRED),
    ):
        assert await refused(calling(guarded, method, stated(method), metadata)) == answer


def forged() -> dict[str, str]:
    """Tokens that only look right."""
    good = claimed("root", "admin")
    return {
        "another secret": jwt.encode(good, "x" * 40, "HS256"),
        "no signature": jwt.encode(good, "", "none"),
        "another algorithm": jwt.encode(good, SECRET * 2, "HS512"),
        "no expiry": jwt.encode({"sub": "root"}, SECRET, "HS256"),
        "no name": jwt.encode(good | {"sub": ""}, SECRET, "HS256"),
        "not yet": jwt.encode(good | {"nbf": time.time() + 600}, SECRET, "HS256"),
        "tampered": token("ada")[:-4] + "AAAA",
    }


@pytest.mark.parametrize("kind", forged())
async def test_a_forged_token_is_refused(guarded, kind):
    """
    Whatever the token itself says of its algorithm.
    """
    metadata = (("authorization", f"Bearer {forged()[kind]}"),)
    call = calling(guarded, "ListUsers", requests.ListUsersRequest(), metadata)
    assert await refused(call) == INVALID


async def test_issuer_and_audience_are_checked_where_asked_for(monkeypatch):
    """
    A token for another service is none for this one.
    """
    monkeypatch.setenv(VARIABLE, SECRET)
    async with serving(auth=(HS256,), auth_issuer="us", auth_audience="users") as client:
        ask = partial(calling, client, "ListUsers", requests.ListUsersRequest())
        assert await refused(ask(bearer("m", "moderator", iss="us", aud="mail"))) == INVALID
        assert await refused(ask(bearer("m", "moderator", iss="them", aud="users"))) == INVALID
        assert (await ask(bearer("m", "moderator", iss="us", aud="users"))).users == []


async def test_health_and_reflection_need_no_credentials(guarded):
    """
    Probes have none.
    """
    stub: Any = health_pb2_grpc.HealthStub(guarded.channel)
    assert (await stub.Check(health_pb2.HealthCheckRequest())).status == 1


async def test_a_token_is_verified_once_until_it_expires():
    """
    The memory of tokens is bounded, and what it holds expires.
    """
    now = time.time()
    tokens = Tokens(Secret(SECRET), "HS256", Settings(auth_cache=2), clock=lambda: now)
    ada = {"authorization": f"bearer {token('ada', 'moderator')}"}

    for _ in range(3):
        assert await tokens.caller(ada, dict) == Caller("ada", Role.MODERATOR)
    assert tokens.verified == 1
    for name in ("b", "c"):
        await tokens.caller({"authorization": f"Bearer {token(name)}"}, dict)
    assert len(tokens._known) == 2
    await tokens.caller(ada, dict)
    assert tokens.verified == 4
    now += 601
    with pytest.raises(Refusal, match="expired"):
        await tokens.caller(ada, dict)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_keys_come_from_a_set_and_may_be_rotated(tmp_path, monkeypatch, algorithm):
    """
    A token that names a new key makes the server look; one of a withdrawn key is refused.
    """
    monkeypatch.setattr(jwks, "LEAST", 0.0)
    path = tmp_path / "keys.json"
    write_keys(path, algorithm, "one")
    async with serving(auth=(f"jwt:{algorithm}:{path}",)) as client:

        def ask(token: str) -> Any:
            metadata = (("authorization", f"Bearer {token}"),)
            return calling(client, "ListUsers", requests.ListUsersRequest(), metadata)

        old = signed(algorithm, "one", "ada", "moderator")
        new = signed(algorithm, "two", "ada", "moderator")
        assert (await ask(old)).users == []
        assert await refused(ask(new)) == INVALID
        write_keys(path, algorithm, "two")
        assert (await ask(new)).users == []
        assert await refused(ask(old)) == INVALID
        public = key(algorithm, "two").public_key()
        assert await refused(ask(jwt.encode(claimed("x"), str(public) * 9, "HS256"))) == INVALID


async def test_keys_come_from_a_url_of_this_machine(tmp_path):
    """
    As identity providers publish them.
    """
    write_keys(tmp_path / "keys.json", "ES256", "one")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        async with serving(
            auth=(f"jwt:ES256:http://127.0.0.1:{http.server_port}/keys.json",)
        ) as client:
            metadata = (("authorization", f"Bearer {signed('ES256', 'one', 'm', 'moderator')}"),)
            call = calling(client, "ListUsers", requests.ListUsersRequest(), metadata)
            assert (await call).users == []
        http.shutdown()


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
    ("ada", "user", "BatchCreateUsers", new("ada")),
    ("mod", "moderator", CHANGE, change("ada", "display_name", display_name="x")),
    ("mod", "moderator", DELETE, delete(user_id="ada")),
    ("mod", "moderator", "BatchCreateUsers", new("eve")),
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
    call = guarded.users.SyncUsers(iter(operations), metadata=bearer("ada"), timeout=10)
    replies = [reply async for reply in call]
    kinds = [reply.WhichOneof("result") for reply in replies]
    assert kinds == ["error", "user", "error", "error"]
    assert {refusal(r.error) for r in replies if r.HasField("error")} == {DENIED}
    assert replies[1].user.display_name == "Countess"


def test_every_method_has_its_rule():
    """
    One without is closed; that it is open to nobody is seen before it ships.
    """
    service = user_service_pb2.DESCRIPTOR.services_by_name["UserService"]
    assert set(access.METHODS) == {PATH + method.name for method in service.methods}
    operations = user_bulk_pb2.SyncUserRequest.DESCRIPTOR.oneofs_by_name["operation"].fields
    assert set(access.OPERATIONS) == {field.name for field in operations}
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
