"""Envoy before the service: REST, gRPC and gRPC-Web on one port, and what Envoy itself refuses."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc
import pytest
import requests
from api.user.v1.user_event_pb2 import StreamUserEventsRequest
from api.user.v1.user_pb2 import User
from api.user.v1.user_requests_pb2 import CreateUserRequest, GetUserRequest
from api.user.v1.user_service_pb2_grpc import UserServiceStub
from api.user.v2.user_requests_pb2 import GetUserRequest as GetUserV2Request
from api.user.v2.user_service_pb2_grpc import UserServiceStub as UserServiceV2Stub

from contract_tests.edge import (
    GET_USER,
    GRPC_WEB,
    EdgeProcess,
    as_refused,
    edge_process,
    framed,
)
from contract_tests.service.support import Refused, person, refusal, status_of, told

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system

ORIGIN = {"origin": "http://localhost:3000"}


def created(edge: EdgeProcess, name: str) -> dict[str, Any]:
    """A user that REST has made."""
    user = {"userId": name, "email": f"{name}@example.org", "displayName": name}
    reply = requests.post(f"{edge.url}/v1/users", json=user, timeout=60)
    assert reply.status_code == 200, reply.text
    made: dict[str, Any] = reply.json()
    return made


def test_a_user_lives_over_rest(edge: EdgeProcess) -> None:
    """
    Created, changed, listed and deleted, as the annotations in the protos say.
    """
    url = f"{edge.url}/v1/users/over-rest"
    assert created(edge, "over-rest")["status"] == "USER_STATUS_ACTIVE"
    params = {"updateMask": "displayName"}
    patched = requests.patch(url, json={"displayName": "New"}, params=params, timeout=60)
    assert patched.json()["displayName"] == "New"
    listed = requests.get(f"{edge.url}/v1/users", params={"pageSize": 100}, timeout=60).json()
    assert "over-rest" in [user["userId"] for user in listed["users"]]
    assert requests.delete(url, timeout=60).json() == {}
    assert requests.get(url, timeout=60).status_code == 404


def test_both_versions_pass_side_by_side(edge: EdgeProcess) -> None:
    """
    A user made by the one is read by the other, over REST as over gRPC.
    """
    created(edge, "in-both")
    reply = requests.get(f"{edge.url}/v2/users/in-both", timeout=60)
    assert reply.status_code == 200, reply.text
    assert reply.json()["user"]["userId"] == "in-both"
    with grpc.insecure_channel(edge.address) as channel:
        users: Any = UserServiceV2Stub(channel)
        found = users.GetUser(GetUserV2Request(user_id="in-both"), timeout=60)
    assert found.user.user_id == "in-both"


def test_an_error_of_the_service_comes_whole(edge: EdgeProcess) -> None:
    """
    With its details, as JSON.
    """
    reply = requests.get(f"{edge.url}/v1/users/nobody-here", timeout=60)

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
    reply = requests.request(method, edge.url + path, data=body, headers=headers, timeout=60)

    found, status = as_refused(reply)
    assert (found, status["code"]) == (code, grpc_code)


def test_the_path_decides_who_is_changed(edge: EdgeProcess) -> None:
    """
    Whatever the body says: whoever may change the one is not let at the other.
    """
    created(edge, "in-the-path")
    created(edge, "in-the-body")
    url = f"{edge.url}/v1/users/in-the-path"
    requests.patch(url, json={"userId": "in-the-body", "displayName": "changed"}, timeout=60)

    other = requests.get(f"{edge.url}/v1/users/in-the-body", timeout=60).json()
    assert other["displayName"] == "in-the-body"


def test_grpc_passes_with_its_errors_and_streams(edge: EdgeProcess) -> None:
    """
    Details stay binary; a stream goes on until its client ends it.
    """
    with grpc.insecure_channel(edge.address) as channel:
        users: Any = UserServiceStub(channel)
        events = users.StreamUserEvents(StreamUserEventsRequest(), timeout=60)
        events.initial_metadata()
        users.CreateUser(CreateUserRequest(user=person("by-grpc", user_id="by-grpc")))
        assert told([next(events)]) == [("user_created", "by-grpc")]
        events.cancel()
        with pytest.raises(grpc.RpcError) as caught:
            users.GetUser(GetUserRequest(user_id="nobody-here"))
    error: Any = caught.value
    assert refusal(status_of(error)) == Refused("NOT_FOUND", "USER_NOT_FOUND")


def test_grpc_web_passes(edge: EdgeProcess) -> None:
    """
    One data frame, then one of trailers.
    """
    created(edge, "over-web")
    body = framed(GetUserRequest(user_id="over-web").SerializeToString())
    reply = requests.post(edge.url + GET_USER, data=body, headers=GRPC_WEB | ORIGIN, timeout=60)

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
    allowed = requests.options(edge.url + path, headers=ORIGIN | asks, timeout=60)
    assert allowed.status_code == 200
    assert "PATCH" in allowed.headers["access-control-allow-methods"]
    assert "authorization" in allowed.headers["access-control-allow-headers"]

    foreign = {"origin": "https://evil.example"}
    refused = requests.options(edge.url + path, headers=foreign | asks, timeout=60)
    assert "access-control-allow-origin" not in refused.headers


def test_undecodable_requests_eject_no_replica(edge: EdgeProcess) -> None:
    """
    They are the client's fault (400), however many come: others are served all the same.
    """
    for _ in range(12):
        reply = requests.post(
            edge.url + GET_USER, data=framed(b"\x0a\xff"), headers=GRPC_WEB, timeout=60
        )
        assert reply.headers.get("grpc-status") == "3"
    assert requests.get(f"{edge.url}/v1/users", timeout=60).status_code == 200


def test_a_request_id_comes_back(edge: EdgeProcess) -> None:
    """
    The client's own, so that it can name the call.
    """
    headers = {"x-request-id": "3f2f8a52-1f41-4b5c-9a3e-000000000001"}
    reply = requests.get(f"{edge.url}/v1/users", headers=headers, timeout=60)
    assert reply.headers["x-request-id"] == headers["x-request-id"]


def test_the_access_log_has_a_line_a_request_and_no_query(tmp_path: Path) -> None:
    """
    Queries hold personal data.
    """
    log = tmp_path / "access.jsonl"
    with edge_process("--plain", "--access-log", str(log)) as edge:
        requests.get(f"{edge.url}/v1/users?pageToken=secret", timeout=60)
    (line,) = [json.loads(line) for line in log.read_text().splitlines()]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/v1/users", 400)
    assert "secret" not in log.read_text()


def test_too_many_requests_are_told_so(tmp_path: Path) -> None:
    """
    RESOURCE_EXHAUSTED, whatever the protocol.
    """
    arguments = ("--plain", "--rate", "3", "--access-log", str(tmp_path / "log"))
    with edge_process(*arguments) as edge, ThreadPoolExecutor(16) as pool:
        asked = [f"{edge.url}/v1/users"] * 48  # so many at once that a slow machine is limited too
        replies = list(pool.map(partial(requests.get, timeout=60), asked))
    limited = [reply for reply in replies if reply.status_code == 429]
    assert len(limited) >= 2
    assert as_refused(limited[0])[1]["code"] == 8
