"""Who calls, and how that is proven."""

from __future__ import annotations

import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from api.user.v1 import user_requests_pb2 as requests
from api.user.v1 import user_service_pb2
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc

from contract_tests.service.support import (
    Refused,
    calling,
    refused,
    serving,
)
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
from service.auth import jwks
from service.auth.jwks import Secret
from service.auth.jwt import Tokens
from service.errors import Refusal
from service.model import Caller, Role
from service.settings import Settings

MISSING = Refused("UNAUTHENTICATED", "CREDENTIALS_MISSING")
INVALID = Refused("UNAUTHENTICATED", "CREDENTIALS_INVALID")
EXPIRED = Refused("UNAUTHENTICATED", "CREDENTIALS_EXPIRED")


def stated(name: str) -> Any:
    """A method's request in its default state: valid for few, so authentication comes first.

    None for a stream of requests: before any is read.
    """
    method = user_service_pb2.DESCRIPTOR.services_by_name["UserService"].methods_by_name[name]
    return None if method.client_streaming else GetMessageClass(method.input_type)()


# What both versions have; `guarded` is asked once in the words of each.
METHODS = [*user_service_pb2.DESCRIPTOR.services_by_name["UserService"].methods_by_name]


@pytest.mark.parametrize("method", METHODS)
async def test_every_method_wants_credentials(guarded, method):
    """
    In every style, before anything is validated, or even read of a stream.
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
    ada = {"authorization": f"bearer {token('ada', 'moderator', lasts=600)}"}

    for _ in range(3):
        assert await tokens.caller(ada, dict) == Caller("ada", Role.MODERATOR)
    assert tokens.verified == 1
    for name in ("b", "c"):
        await tokens.caller({"authorization": f"Bearer {token(name)}"}, dict)
    assert len(tokens._known) == 2
    await tokens.caller(ada, dict)
    assert tokens.verified == 4
    now = time.time() + 601
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
