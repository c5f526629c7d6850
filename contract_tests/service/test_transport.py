"""The tuning of connections, by its effect on the wire."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import ssl
from typing import Any

import grpc
import pytest
import trustme
from api.user.v1.user_requests_pb2 import CreateUserRequest, GetUserRequest, ListUsersRequest
from api.user.v1.user_service_pb2_grpc import UserServiceStub
from cryptography import x509
from cryptography.x509.oid import NameOID
from h2.events import (
    ConnectionTerminated,
    PingAckReceived,
    PingReceived,
    RemoteSettingsChanged,
)
from h2.settings import SettingCodes

from contract_tests.service.raw import wire
from contract_tests.service.support import Refused, person, refused, serving
from service.settings import Settings
from service.transport import options

GET = "/api.user.v1.UserService/GetUser"


def test_the_defaults_reach_grpc_by_its_names():
    """
    As promised; ages only where a load balancer asks for them.
    """
    asked = dict(options(Settings()))
    assert asked == {
        "grpc.so_reuseport": 0,
        "grpc.keepalive_permit_without_calls": 1,
        "grpc.http2.max_pings_without_data": 0,
        "grpc.max_concurrent_streams": 1000,
        "grpc.max_receive_message_length": 10_000_000,
        "grpc.max_send_message_length": 10_000_000,
        "grpc.keepalive_time_ms": 5000,
        "grpc.keepalive_timeout_ms": 1000,
        "grpc.http2.ping_timeout_ms": 1000,
        "grpc.http2.min_recv_ping_interval_without_data_ms": 5000,
    }
    assert dict(options(Settings(balanced=True))) == asked | {
        "grpc.max_connection_idle_ms": 15_000,
        "grpc.max_connection_age_ms": 30_000,
        "grpc.max_connection_age_grace_ms": 5_000,
    }


async def test_the_server_announces_its_streams_and_windows():
    """
    In the SETTINGS that begin a connection.
    """
    tuned = {"max_concurrent_streams": 7, "window": 123_456}
    async with serving(**tuned) as client, wire(client.server.address) as connection:
        announced = await connection.next(RemoteSettingsChanged)
    new = {code: change.new_value for code, change in announced.changed_settings.items()}
    assert new[SettingCodes.MAX_CONCURRENT_STREAMS] == 7
    assert new[SettingCodes.INITIAL_WINDOW_SIZE] == 123_456


async def test_messages_are_limited_both_ways():
    """
    RESOURCE_EXHAUSTED for what is too large to be taken, or to be sent.
    """
    async with serving(message_most=50_000) as client:
        metadata = {f"k{number}": "x" * 4000 for number in range(10)}
        for number in range(2):
            await client.create(f"p{number}", metadata=metadata)
        assert await client.users.ListUsers(ListUsersRequest()).code() == _EXHAUSTED
        big = {f"k{number}": "x" * 4000 for number in range(15)}
        call = client.users.CreateUser(CreateUserRequest(user=person("big", metadata=big)))
        assert await call.code() == _EXHAUSTED


_EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_silent_connection_is_pinged_and_a_dead_one_is_closed():
    """
    Keepalive, without any call.
    """
    tuned = {"keepalive": 0.2, "keepalive_timeout": 0.2}
    async with serving(**tuned) as client, wire(client.server.address) as connection:
        for _ in range(3):
            assert isinstance(await connection.next(PingReceived), PingReceived)
        connection.mute()
        await connection.next(ConnectionTerminated)
        assert await connection.next(ConnectionTerminated) is None


async def test_clients_that_ping_too_often_are_cut():
    """
    GOAWAY with ENHANCE_YOUR_CALM.
    """
    async with serving() as client, wire(client.server.address) as connection:
        for _ in range(6):
            connection.h2.ping(b"12345678")
            connection.flush()
            # One at a time: what the server leaves unread when it closes costs its last word.
            ended = await connection.next(PingAckReceived, ConnectionTerminated)
            if not isinstance(ended, PingAckReceived):
                break
    assert (ended.error_code, ended.additional_data) == (11, b"too_many_pings")


@pytest.mark.parametrize(
    ("ages", "said"),
    [
        ({"connection_idle": 0.2}, b"connection idle"),
        ({"connection_age": 0.2, "connection_grace": 0.1}, b"max_age"),
    ],
)
async def test_behind_a_balancer_connections_end(ages, said):
    """
    The idle ones and the old ones; calls of theirs end well and new ones go elsewhere.
    """
    async with serving(balanced=True, **ages) as client, wire(client.server.address) as connection:
        reply = await connection.call(GET, GetUserRequest(user_id="u-1").SerializeToString())
        assert reply["grpc-status"] == "5"
        ended = await connection.next(ConnectionTerminated)
        assert ended.additional_data == said
        assert (await refused(client.get("u-1"))).code == "NOT_FOUND"


class Certificates:
    """An authority's certificates in files."""

    def __init__(self, folder: Any) -> None:
        self.ca = trustme.CA()
        self.folder = folder
        self.settings = {
            f"tls_{name}": str(folder / f"{name}.pem") for name in ("cert", "key", "client_ca")
        }
        self.ca.cert_pem.write_to_path(self.settings["tls_client_ca"])
        self.renew(1)

    def renew(self, number: int) -> None:
        """Put a new certificate in the place of the former one."""
        issued = self.ca.issue_cert("localhost", organization_unit_name=str(number))
        issued.private_key_pem.write_to_path(self.settings["tls_key"])
        issued.cert_chain_pems[0].write_to_path(self.settings["tls_cert"])
        os.utime(self.settings["tls_cert"], (number, number))

    def channel(self, address: str, ca: trustme.CA | None, name: str = "x", **issued: Any) -> Any:
        """A client with a certificate of an authority, or with none."""
        cert = ca.issue_cert(common_name=name, **issued) if ca else None
        return grpc.aio.secure_channel(
            address.replace("127.0.0.1", "localhost"),
            grpc.ssl_channel_credentials(
                self.ca.cert_pem.bytes(),
                cert.private_key_pem.bytes() if cert else None,
                cert.cert_chain_pems[0].bytes() if cert else None,
            ),
            options=[("grpc.use_local_subchannel_pool", 1)],
        )


async def test_a_client_is_known_by_its_certificate(tmp_path):
    """
    Its name is in the certificate, its role in the settings; others do not get in.
    """
    files = Certificates(tmp_path)
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    expired = {"not_before": past, "not_after": past + dt.timedelta(days=1)}
    async with serving(auth=("mtls:ops=admin",), **files.settings) as client:

        async def ask(ca: trustme.CA | None, name: str = "x", **issued: Any) -> Any:
            async with files.channel(client.server.address, ca, name, **issued) as channel:
                stub: Any = UserServiceStub(channel)
                return await stub.CreateUser(CreateUserRequest(user=person("eve")), timeout=60)

        denied = Refused("PERMISSION_DENIED", "NOT_ALLOWED")
        assert (await ask(files.ca, "ops")).display_name == "eve"
        assert await refused(ask(files.ca, "somebody")) == denied
        for stranger in ((None,), (trustme.CA(),)):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await ask(*stranger)
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ask(files.ca, "ops", **expired)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_renewed_certificate_is_used_without_a_restart(tmp_path):
    """
    By new connections; open ones go on.
    """
    files = Certificates(tmp_path)
    files.settings["tls_client_ca"] = ""
    async with (
        serving(**files.settings) as client,
        files.channel(client.server.address, None) as channel,
    ):
        stub: Any = UserServiceStub(channel)
        for number in (1, 2):
            assert number in await _units(client.server.address)
            files.renew(number + 1)
            assert (await refused(stub.GetUser(GetUserRequest(user_id="u-1")))).code


async def _units(address: str) -> list[int]:
    """The number of the certificate that a server shows."""
    host, _, port = address.rpartition(":")
    pem = await asyncio.to_thread(ssl.get_server_certificate, (host, int(port)))
    subject = x509.load_pem_x509_certificate(pem.encode()).subject
    found = subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return [int(one.value) for one in found]
