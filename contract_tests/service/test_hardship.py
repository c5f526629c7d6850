"""What happens to the service, and what it promises all the same."""

from __future__ import annotations

import asyncio
import contextlib
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
from api.user.v1.user_event_pb2 import StreamUserEventsRequest
from api.user.v1.user_requests_pb2 import CreateUserRequest, GetUserRequest
from api.user.v1.user_service_pb2_grpc import UserServiceStub
from h2.config import H2Configuration
from h2.connection import H2Connection

from contract_tests.service.support import BEGINNING, connected, person, refused, serving
from contract_tests.service.test_process import address, process
from contract_tests.service.test_transport import Certificates
from contract_tests.service.tokens import HS256, SECRET, VARIABLE, token
from service.client import AsyncUserClient, Options

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "/api.user.v1.UserService/"
METHODS = ["GetUser", "ListUsers", "CreateUser", "StreamUserEvents", "SyncUsers", "Nope"]
CALLS = 96  # on a connection; 26 times four connections make ten thousand
LAST = 2 * CALLS + 1  # the stream whose answer says that the others were looked at
GOOD = {
    ":method": "POST",
    ":scheme": "http",
    ":authority": "x",
    ":path": "",
    "te": "trailers",
    "content-type": "application/grpc",
}
WRONG: list[dict[str, str]] = [
    {},
    {"content-type": "text/plain"},
    {"authorization": "Bearer " + "x" * 3_000},
    {"x-request-id": "\u00e9"},
    {"grpc-timeout": "1n"},
    {"grpc-timeout": "nonsense"},
    {"grpc-encoding": "nope"},
    {"grpc-encoding": "gzip"},
]
FRAMES: list[Callable[[int], bytes]] = [
    lambda size: b"\0" + size.to_bytes(4, "big"),
    lambda size: b"\1" + size.to_bytes(4, "big"),
    lambda size: b"\0" + (size + 5).to_bytes(4, "big"),
    lambda _: b"\0\xff\xff\xff\xff",
    lambda _: b"",
]
GET = GetUserRequest(user_id="u-1")


async def writing(where: str, acknowledged: list[str], name: str) -> None:
    """Create users until nobody answers, and remember whom the server has acknowledged."""
    async with connected(where) as channel:
        stub: Any = UserServiceStub(channel)
        with contextlib.suppress(grpc.aio.AioRpcError):
            for number in range(10_000):
                user = person(f"{name}-{number}")
                created = await stub.CreateUser(CreateUserRequest(user=user), timeout=60)
                acknowledged.append(created.user_id)


async def test_killed_again_and_again_it_loses_nothing_that_it_acknowledged(db: str):
    """
    Under load: each acknowledged user is there, and a reader who resumes sees each event once.
    """
    acknowledged: list[str] = []
    seen: list[Any] = []
    port, resume = "0", ""
    for life in range(3):
        async with process("--port", port, "--db", db) as started:
            where = await address(started)
            port = where.rpartition(":")[2]
            writers = [
                asyncio.create_task(writing(where, acknowledged, f"w{life}-{n}")) for n in range(4)
            ]
            async with AsyncUserClient(where, Options(health_checking=False)) as client:
                first = not seen
                events = client.events(resume_token=resume, from_beginning=first, most=60)
                seen += [event async for event in events]
                resume = seen[-1].resume_token
            started.kill()
            await started.wait()
            await asyncio.gather(*writers)
    async with serving(db) as client:
        rest = client.users.StreamUserEvents(StreamUserEventsRequest(resume_token=resume))
        last = await client.create("last", user_id="last")
        async for event in rest:
            seen.append(event)
            if event.user_created.user.user_id == last.user_id:
                break
    told = [event.user_created.user.user_id for event in seen]
    assert len(told) == len(set(told))
    assert set(acknowledged) <= set(told)
    assert len(acknowledged) > 100


def resident(pid: int) -> int:
    """The memory that a process holds, in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


def abuse(seed: int) -> bytes:
    """A connection's bytes: wrong calls of every kind, resets between, one good at the end."""
    chance = random.Random(seed)
    h2 = H2Connection(H2Configuration(header_encoding="utf-8"))
    h2.initiate_connection()
    for number in range(CALLS):
        stream = 2 * number + 1
        head = GOOD | {":path": PATH + chance.choice(METHODS)} | chance.choice(WRONG)
        h2.send_headers(stream, list(head.items()))
        body = chance.randbytes(chance.choice([0, 1, 20, 1_000]))
        framed = chance.choice(FRAMES)(len(body)) + body
        h2.send_data(stream, framed, end_stream=chance.random() < 0.7)
        if chance.random() < 0.3:
            h2.reset_stream(stream, 8)
    h2.send_headers(LAST, list((GOOD | {":path": PATH + "GetUser"}).items()))
    h2.send_data(LAST, b"\0" * 5, end_stream=True)
    return h2.data_to_send()


async def abused(where: str, script: bytes, times: int) -> None:
    """Send that on new connections; each ends when the server has dealt with all of it."""
    host, _, port = where.rpartition(":")
    for _ in range(times):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(script)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await asyncio.wait_for(reader.readuntil(LAST.to_bytes(4, "big")), timeout=60)
        writer.close()


async def test_ten_thousand_malformed_calls_leave_it_as_it_was():
    """
    It answers at once, and keeps less of each than the call itself was large: what grows is the
    allocator's store of free pieces, which levels off.
    """
    async with process("--port", "0") as started:
        where = await address(started)
        scripts = [abuse(seed) for seed in range(4)]
        await asyncio.gather(*(abused(where, script, 5) for script in scripts))
        before = resident(started.pid)
        await asyncio.gather(*(abused(where, script, 21) for script in scripts))
        grown = resident(started.pid) - before
        async with connected(where) as channel:
            stub: Any = UserServiceStub(channel)
            assert (await refused(stub.GetUser(GET, timeout=60))).code == "NOT_FOUND"
        assert started.returncode is None
    assert grown < 60_000_000


def rapid_reset(streams: int) -> bytes:
    """A connection's bytes: calls that are begun and reset at once, one good at the end."""
    h2 = H2Connection(H2Configuration(header_encoding="utf-8"))
    h2.initiate_connection()
    head = [*(GOOD | {":path": PATH + "GetUser"}).items()]
    for number in range(streams):
        h2.send_headers(2 * number + 1, head)
        h2.reset_stream(2 * number + 1, 8)
    h2.send_headers(LAST, head)
    h2.send_data(LAST, b"\0" * 5, end_stream=True)
    return h2.data_to_send()


async def test_calls_that_are_reset_at_once_leave_it_as_it_was():
    """
    Ten thousand of them (CVE-2023-44487): it answers all the while, and its memory levels off.
    """
    async with process("--port", "0") as started:
        where = await address(started)
        script = rapid_reset(CALLS)
        await asyncio.gather(*(abused(where, script, 5) for _ in range(4)))
        before = resident(started.pid)
        async with connected(where) as channel:
            stub: Any = UserServiceStub(channel)
            attack = asyncio.gather(*(abused(where, script, 26) for _ in range(4)))
            answers = 0
            while not attack.done():
                assert (await refused(stub.GetUser(GET, timeout=60))).code == "NOT_FOUND"
                answers += 1
            await attack
        grown = resident(started.pid) - before
    assert answers > 0
    assert grown < 30_000_000


async def test_a_client_that_never_half_closes_is_ended_in_time():
    """
    DEADLINE_EXCEEDED after the server's own limit, whatever the client keeps open.
    """
    async with serving(deadline_most=1.0, deadline=1.0) as client:
        batch = client.users.BatchCreateUsers()
        await batch.write(CreateUserRequest(user=person()))
        assert (await refused(batch)).reason == "OUT_OF_TIME"
        assert [e.user_created.user.display_name for e in await client.events(1)] == ["ada"]


async def test_a_stalled_reader_holds_up_nobody():
    """
    While one does not read, others read and write; what it missed is still there for it.
    """
    async with serving() as client:
        big = {f"k{number}": "x" * 4000 for number in range(50)}
        stalled = client.users.StreamUserEvents(BEGINNING)
        for number in range(30):
            await client.create(f"p{number}", metadata=big)
        assert len(await client.events(30)) == 30
        missed = [await stalled.read() for _ in range(30)]
        assert [e.user_created.user.display_name for e in missed] == [f"p{n}" for n in range(30)]
        stalled.cancel()


PASSWORD = "p4ssw0rd-of-the-redis"


async def test_secrets_are_in_no_output_of_the_process(tmp_path: Path, monkeypatch: Any):
    """
    Neither credentials of callers nor of the service itself, nor what is personal, at the most
    talkative level, for calls that succeed and calls that fail.
    """
    monkeypatch.setenv(VARIABLE, SECRET)
    files = Certificates(tmp_path)
    nowhere = f"redis://:{PASSWORD}@127.0.0.1:1/0"
    told = ("--log-level", "debug", "--debug-errors", "--trace-share", "1", "--trace-to", "console")
    tls = [
        part
        for name in ("cert", "key")
        for part in ("--tls-" + name, files.settings["tls_" + name])
    ]
    limits = ("--rate", "1000", "--rate-redis", nowhere)
    good = token("ada", "admin")
    bad = good[:-8] + "forgery0"
    sent = [f"Bearer {good}", f"Bearer {bad}", "Basic c2VjcmV0OnNlY3JldA==", "Bearer eyJ.x.y"]
    async with process("--port", "0", "--auth", HS256, *told, *tls, *limits) as started:
        async with files.channel(await address(started), None) as channel:
            stub: Any = UserServiceStub(channel)
            outcomes = []
            for credential in sent:
                metadata = (("authorization", credential),)
                created = CreateUserRequest(user=person("ada", user_id="u-1"))
                outcomes.append(await outcome(stub.CreateUser(created, metadata=metadata)))
                wrong = GetUserRequest(user_id="!")
                outcomes.append(await outcome(stub.GetUser(wrong, metadata=metadata)))
        started.terminate()
        _, said = await started.communicate()
    assert outcomes == ["OK", "INVALID_ARGUMENT", *["UNAUTHENTICATED"] * 6]
    assert said.count(b'"event":"call"') == 8
    assert b"Redis does not answer" in said
    key = (tmp_path / "key.pem").read_text().splitlines()[1]
    secrets = [SECRET, PASSWORD, key, *(credential.split()[1] for credential in sent)]
    signatures = [one.rpartition(".")[2] for one in (good, bad)]
    for secret in (*secrets, *signatures, "ada@example.org"):
        assert secret.encode() not in said, secret


async def outcome(call: Any) -> str:
    """The status that a call ends with."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return str(error.code().name)
    return "OK"
