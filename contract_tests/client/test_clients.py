"""What both clients promise to those who call."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import grpc
import pytest
from api.user.v1 import user_service_pb2
from api.user.v1.user_service_pb2_grpc import (
    UserServiceServicer,
    add_UserServiceServicer_to_server,
)
from google.protobuf.empty_pb2 import Empty

from contract_tests.service.support import ids, person, serving
from contract_tests.service.tokens import HS256, SECRET, VARIABLE, token
from service import client as errors
from service.client.core import Subscription

METHODS = user_service_pb2.DESCRIPTOR.services_by_name["UserService"].methods_by_name


async def test_everything_a_user_goes_through(connecting):
    """
    Created, read, changed, listed, told of, deleted.
    """
    async with serving() as server, connecting(server.server.address) as client:
        ada = await client.create(person("ada", user_id="u-1"))
        assert await client.get("u-1") == ada
        ada.display_name = "Countess"
        assert (await client.update(ada, "display_name")).display_name == "Countess"
        batch = await client.create_many([person(f"p{n}") for n in range(5)] + [person("")])
        assert (len(batch.created_users), batch.failed_count) == (5, 1)
        assert len([user async for user in client.list(page_size=2)]) == 6
        await client.delete("u-1")
        told = [e.WhichOneof("event") async for e in client.events(from_beginning=True, most=8)]
        assert told == ["user_created", "user_updated", *["user_created"] * 5, "user_deleted"]


async def test_errors_have_types_and_tell_everything(connecting):
    """
    What is wrong, with which field, by which reason, in which call.
    """
    async with serving() as server, connecting(server.server.address) as client:
        await client.create(person("ada", user_id="u-1"))
        with pytest.raises(errors.Invalid) as invalid:
            await client.get("!")
        assert invalid.value.reason == "REQUEST_INVALID"
        assert set(invalid.value.violations) == {"user_id"}
        with pytest.raises(errors.NotFound) as missing:
            await client.get("nobody")
        assert missing.value.resource == "nobody"
        assert missing.value.request_id in str(missing.value)
        with pytest.raises(errors.AlreadyExists) as taken:
            await client.create(person("ada"))
        assert taken.value.localized == "Somebody already uses this email address."


async def test_tokens_are_shown_and_refusals_typed(connecting, monkeypatch):
    """
    Unauthorized without, Forbidden with too little; limits say when to come again.
    """
    monkeypatch.setenv(VARIABLE, SECRET)
    async with serving(auth=(HS256,), rate=0.001, rate_burst=1) as server:
        address = server.server.address
        async with connecting(address) as client:
            with pytest.raises(errors.Unauthorized):
                await client.get("u-1")
        async with connecting(address, token=lambda: token("ada")) as client:
            with pytest.raises(errors.Forbidden):
                await client.get("bob")
            with pytest.raises(errors.Exhausted) as caught:
                await client.get("bob")
            assert 0 < (caught.value.retry_after or 0) <= 1000


class Flaky(UserServiceServicer):
    """Fails the first calls of each method, and counts them."""

    def __init__(self, code: grpc.StatusCode, failures: int) -> None:
        self._code, self._failures = code, failures
        self.calls: dict[str, int] = {}
        self.metadata: list[dict[str, Any]] = []
        self.keys: set[str] = set()

    async def _serve(self, method: str, context: Any) -> Any:
        self.calls[method] = self.calls.get(method, 0) + 1
        self.metadata.append(dict(context.invocation_metadata()))
        if self.calls[method] <= self._failures:
            await context.abort(self._code, "not now")
        return person("ada", user_id="u-1")

    async def GetUser(self, _, context):  # noqa: N802
        return await self._serve("GetUser", context)

    async def CreateUser(self, request, context):  # noqa: N802
        self.keys.add(request.idempotency_key)
        return await self._serve("CreateUser", context)

    async def UpdateUser(self, _, context):  # noqa: N802
        return await self._serve("UpdateUser", context)

    async def DeleteUser(self, _, context):  # noqa: N802
        await self._serve("DeleteUser", context)
        return Empty()


async def flaky(code: grpc.StatusCode, failures: int) -> tuple[Flaky, Any, str]:
    """A server of it, and where it is."""
    servicer = Flaky(code, failures)
    return servicer, *await served(servicer)


async def served(servicer: UserServiceServicer) -> tuple[Any, str]:
    """A server of it, and where it is."""
    server = grpc.aio.server()
    add_UserServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, f"127.0.0.1:{port}"


UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("code", [UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED])
async def test_what_may_be_repeated_is_repeated_and_nothing_else(connecting, code):
    """
    Reads and updates as the schema says, creation with its key; deletion never.
    """
    servicer, server, address = await flaky(code, 2)
    async with connecting(address, health_checking=False) as client:
        user = await client.get("u-1")
        await client.update(user)
        await client.create(user)
        with pytest.raises((errors.Unavailable, errors.TimedOut)):
            await client.delete("u-1")
    await server.stop(0)
    assert servicer.calls == {"GetUser": 3, "UpdateUser": 3, "CreateUser": 3, "DeleteUser": 1}
    (key,) = servicer.keys
    assert key
    first = servicer.metadata[0]
    assert len({one["x-request-id"] for one in servicer.metadata[:3]}) == 1
    assert first["x-client-version"]
    assert sum("grpc-previous-rpc-attempts" in one for one in servicer.metadata) == 6


async def test_an_answer_is_not_asked_for_again(connecting):
    """Other statuses are final."""
    servicer, server, address = await flaky(grpc.StatusCode.INTERNAL, 9)
    async with connecting(address, health_checking=False) as client:
        with pytest.raises(errors.ServiceError):
            await client.get("u-1")
    await server.stop(0)
    assert servicer.calls == {"GetUser": 1}


async def test_calls_go_round_the_healthy_addresses(connecting):
    """
    Evenly; an address that says it does not serve gets none.
    """
    async with serving() as one, serving() as two:
        addresses = (one.server.address, two.server.address)
        for server in (one, two):
            await server.create(user_id="u-1")
        name = "grpc_server_requests_total"
        labels = {"grpc_method": "GetUser", "grpc_type": "unary", "grpc_code": "OK"}
        labels["grpc_service"] = "api.user.v1.UserService"

        def served(server: Any) -> float:
            return server.server.metrics.registry.get_sample_value(name, labels) or 0

        async with connecting(*addresses) as client:
            while not (served(one) and served(two)):
                await client.get("u-1")
            before = served(one), served(two)
            for _ in range(10):
                await client.get("u-1")
            assert (served(one) - before[0], served(two) - before[1]) == (5, 5)
            await one.server._health.enter_graceful_shutdown()
            quiet = 0
            while quiet < 4:
                count = served(one)
                await client.get("u-1")
                quiet = quiet + 1 if served(one) == count else 0
            count = served(one)
            for _ in range(10):
                await client.get("u-1")
            assert served(one) == count


async def test_a_silent_service_opens_the_circuit(connecting):
    """
    After failures in a row calls are refused at once; one tries after the pause.
    """
    servicer, server, address = await flaky(UNAVAILABLE, 3)
    asked = {"attempts": 1, "breaker_after": 3, "breaker_pause": 2.0, "health_checking": False}
    now = 0.0
    async with connecting(address, **asked) as client:
        client._core.breaker._clock = lambda: now
        for _ in range(3):
            with pytest.raises(errors.Unavailable):
                await client.get("u-1")
        with pytest.raises(errors.CircuitOpen):
            await client.get("u-1")
        assert client.registry.get_sample_value("user_client_circuit_open") == 1
        assert servicer.calls == {"GetUser": 3}
        now = 2.0
        assert (await client.get("u-1")).user_id == "u-1"
        assert client.registry.get_sample_value("user_client_circuit_open") == 0
    await server.stop(0)


async def until_it_fails(call: Any) -> None:
    """Call again and again."""
    async with asyncio.timeout(60):
        while True:
            await call()
            await asyncio.sleep(0)  # an answer from the cache leaves no time to hear of changes


async def test_the_cache_is_told_of_changes(connecting):
    """
    A user read twice is fetched once, until somebody changes it.
    """
    async with serving() as server:
        await server.create(user_id="u-1")
        async with connecting(server.server.address, cache_size=8) as client:
            cache = client._core.cache
            while cache.hits < 2:  # it caches once it hears of changes
                await client.get("u-1")
            await server.delete("u-1")
            hits = cache.hits
            with pytest.raises(errors.NotFound):
                await until_it_fails(lambda: client.get("u-1"))
            value = client.registry.get_sample_value
            assert value("user_client_cache_hits_total") >= hits
            assert value("user_client_cache_misses_total") > 0


async def test_a_subscription_outlives_the_server(connecting, db):
    """
    Restarted on its port, the server is asked for the rest: no gap, no repeat.
    """
    async with serving(db) as server:
        port = int(server.server.address.rpartition(":")[2])
        await server.create("p0", user_id="u-0")
        async with connecting(server.server.address) as client:
            events = client.events(from_beginning=True, most=3)
            seen = [await anext(events)]
            await server.create("p1", user_id="u-1")
            await server.server.stop(0.1)
            async with serving(db, port=port) as again:
                await again.create("p2", user_id="u-2")
                seen += [event async for event in events]
        assert ids([event.user_created.user for event in seen]) == ["u-0", "u-1", "u-2"]


async def test_a_subscription_that_saw_nothing_yet_resumes_where_it_stood(
    connecting, db, monkeypatch
):
    """
    The header of the stream names the place.
    """
    stands, opened = threading.Event(), Subscription.opened

    def heard(self: Subscription, headers: Any) -> None:
        opened(self, headers)
        stands.set()

    monkeypatch.setattr(Subscription, "opened", heard)
    async with serving(db) as server:
        port = int(server.server.address.rpartition(":")[2])
        async with connecting(server.server.address) as client:
            events = client.events(most=1)
            waiting = asyncio.ensure_future(anext(events))
            assert await asyncio.to_thread(stands.wait, 60)
            await server.server.stop(0.1)
            async with serving(db, port=port) as again:
                await again.create("p1", user_id="u-1")
                assert (await waiting).user_created.user.user_id == "u-1"


async def test_large_requests_travel_compressed(connecting):
    """
    A request of repetitions takes less room on the wire than it has bytes.
    """
    sent = 0
    async with serving() as server:
        host, _, port = server.server.address.rpartition(":")

        async def relay(reader: Any, writer: Any) -> None:
            there, back = await asyncio.open_connection(host, int(port))

            async def pump(source: Any, sink: Any, counts: bool) -> None:
                nonlocal sent
                while data := await source.read(65536):
                    sent += len(data) if counts else 0
                    sink.write(data)
                sink.close()

            await asyncio.gather(pump(reader, back, True), pump(there, writer, False))

        proxy = await asyncio.start_server(relay, "127.0.0.1", 0)
        address = "{}:{}".format(*proxy.sockets[0].getsockname())
        big = person("ada", user_id="u-1", metadata={f"k{n}": "x" * 4000 for n in range(20)})
        async with connecting(address, health_checking=False) as client:
            assert (await client.create(big)).metadata == big.metadata
        proxy.close()
    assert 0 < sent < 10_000 < big.ByteSize()


class Slow(UserServiceServicer):
    """Holds the first call of each method until it is let go, and knows who called."""

    def __init__(self) -> None:
        self.calls: dict[str, int] = {}
        self.peers: list[str] = []
        self.called = asyncio.Event()
        self.let_go = asyncio.Event()
        self.ended = asyncio.Event()

    async def _serve(self, method: str, context: Any) -> Any:
        self.peers.append(context.peer())
        self.calls[method] = self.calls.get(method, 0) + 1
        if self.calls[method] == 1:
            self.called.set()
            try:
                await self.let_go.wait()
            finally:
                self.ended.set()
        return person("ada", user_id="u-1")

    async def GetUser(self, _, context):  # noqa: N802
        return await self._serve("GetUser", context)

    async def CreateUser(self, _, context):  # noqa: N802
        return await self._serve("CreateUser", context)

    async def held_once(self, call: Any) -> None:
        """Let *call* be answered some time after it has come."""
        asked = asyncio.ensure_future(call)
        await asyncio.wait_for(self.called.wait(), 60)
        await asyncio.sleep(0.3)  # in which a second one would have been made
        self.let_go.set()
        await asked


async def test_a_slow_read_is_asked_once_more_where_that_is_asked_for(connecting):
    """
    The second answer counts and the first call is ended; what changes something is never doubled.
    """
    servicer = Slow()
    server, address = await served(servicer)
    asked = {"health_checking": False, "attempts": 1, "timeout": 60.0, "hedge_after": 0.05}
    async with connecting(address, **asked) as client:
        assert (await client.get("u-1")).user_id == "u-1"
        await asyncio.wait_for(servicer.ended.wait(), 60)
        servicer.called.clear()
        await servicer.held_once(client.create(person("ada")))
    await server.stop(0)
    assert servicer.calls == {"GetUser": 2, "CreateUser": 1}


async def test_by_default_no_call_is_doubled(connecting):
    """
    Hedging costs the service calls: it is off unless asked for.
    """
    servicer = Slow()
    server, address = await served(servicer)
    async with connecting(address, health_checking=False, attempts=1, timeout=60.0) as client:
        await servicer.held_once(client.get("u-1"))
    await server.stop(0)
    assert servicer.calls == {"GetUser": 1}


async def test_a_hedged_call_that_fails_fails_once(connecting):
    """
    A quick refusal is an answer: nothing is asked again.
    """
    servicer, server, address = await flaky(grpc.StatusCode.INTERNAL, 9)
    async with connecting(address, health_checking=False, hedge_after=5.0) as client:
        with pytest.raises(errors.ServiceError):
            await client.get("u-1")
    await server.stop(0)
    assert servicer.calls == {"GetUser": 1}


async def test_channels_are_used_in_turn(connecting):
    """
    Three connections to one address share the calls evenly.
    """
    servicer = Slow()
    servicer.calls = {"GetUser": 1}
    server, address = await served(servicer)
    async with connecting(address, health_checking=False, channels=3) as client:
        for _ in range(6):
            await client.get("u-1")
    await server.stop(0)
    assert sorted(servicer.peers.count(peer) for peer in set(servicer.peers)) == [2, 2, 2]
