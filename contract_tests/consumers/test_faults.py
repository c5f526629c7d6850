"""A provider that breaks what a consumer needs is found out, and the finding names it.

Between the contract and the service stands a proxy that spoils one method, as a bug would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from api.user.v1 import user_bulk_pb2, user_event_pb2, user_pb2

from wireproof.contracts import load_states, read_contract, verify
from wireproof.exchange.channel import target_of
from wireproof.schema.source import load
from wireproof.testing.launch import launched

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SERVICE = "/api.user.v1.UserService/"

Messages = Iterable[Any]
Spoil = Callable[[Messages], Messages]


class Proxy(grpc.GenericRpcHandler):
    """Passes every call on as bytes; requests and replies of some methods are spoilt."""

    def __init__(self, upstream: grpc.Channel, requests: Any, replies: Any, status: Any) -> None:
        self.upstream = upstream
        self.requests = requests
        self.replies = replies
        self.status = status

    def service(self, handler_call_details: Any) -> Any:
        path = handler_call_details.method
        return grpc.stream_stream_rpc_method_handler(
            lambda requests, context: self.call(path, requests, context)
        )

    def call(self, path: str, requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
        name = path.removeprefix(SERVICE)
        spoilt = self.requests.get(name, iter)(requests)
        upstream: Any = self.upstream.stream_stream(path)(iter(spoilt))
        context.add_callback(upstream.cancel)
        try:
            yield from self.replies.get(name, iter)(upstream)
        except grpc.RpcError as error:
            code = self.status.get((name, upstream.code()), upstream.code())
            context.abort(code, upstream.details() or str(error))


@contextmanager
def between(address: str, *, requests: Any, replies: Any, status: Any) -> Iterator[str]:
    """The address of a proxy before *address*."""
    with grpc.insecure_channel(address) as upstream:
        server = grpc.server(ThreadPoolExecutor(16), options=[("grpc.so_reuseport", 0)])
        server.add_generic_rpc_handlers((Proxy(upstream, requests, replies, status),))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(None).wait()


def without(field: str, kind: Any) -> Spoil:
    """Messages in which *field* is no longer filled."""

    def spoil(messages: Messages) -> Messages:
        for payload in messages:
            message = kind.FromString(payload)
            message.ClearField(field)
            yield message.SerializeToString()

    return spoil


def last_lost(messages: Messages) -> Messages:
    """All but the last."""
    return list(messages)[:-1]


def another_first(messages: Messages) -> Messages:
    """An event that nobody asked for, then the rest."""
    for number, payload in enumerate(messages):
        if number == 0:
            event = user_event_pb2.UserEvent.FromString(payload)
            event.user_created.user.user_id = "somebody-else"
            yield event.SerializeToString()
        yield payload


def mask_ignored(messages: Messages) -> Messages:
    """Updates that change the email, whatever their mask says."""
    for payload in messages:
        request = user_bulk_pb2.SyncUserRequest.FromString(payload)
        if request.HasField("update_user"):
            request.update_user.update_mask.paths[:] = ["display_name", "email"]
            request.update_user.user.email = f"{request.update_user.user.user_id}@lost.example.com"
        yield request.SerializeToString()


@pytest.fixture(scope="module")
def address():
    with launched("python -m service --port {port} --db sqlite://", folder=ROOT) as address:
        yield address


def broken(address, *, requests=None, replies=None, status=None):
    """What the address book's contract finds behind a spoiling proxy: interaction, id, subject."""
    contract = read_contract(HERE / "directory/contract.yaml")
    states = load_states(ROOT / "contract_tests/states.py")
    spoiling = between(address, requests=requests or {}, replies=replies or {}, status=status or {})
    with spoiling as proxy:
        report = verify(
            [contract],
            target_of(proxy),
            load("schemas", root=ROOT),
            states,
            known=[load("release:1.0.0", root=ROOT)],
        )
    assert report.could_not_run == ()
    return [
        (
            one.name,
            finding.id.removeprefix("CONTRACT_"),
            finding.subject.removeprefix("api.user.v1."),
        )
        for one in report.contracts[0].interactions
        for finding in one.findings
    ]


def test_a_proxy_alone_breaks_nothing(address):
    """So what the others find is what they spoil."""
    assert broken(address) == []


def test_a_field_that_is_no_longer_filled(address):
    """Only where this consumer reads it."""
    found = broken(address, replies={"GetUser": without("email", user_pb2.User)})
    assert found == [
        ("finds a person", "FIELD_MISSING", "User.email"),
        ("finds a person", "EXPECTATION_FAILED", "User.email"),
    ]
    assert broken(address, replies={"GetUser": without("role", user_pb2.User)}) == []


def test_internal_instead_of_not_found(address):
    """By every interaction that decides by it."""
    changed = {("GetUser", grpc.StatusCode.NOT_FOUND): grpc.StatusCode.INTERNAL}
    assert broken(address, status=changed) == [
        ("finds nobody", "STATUS_DIFFERS", "UserService.GetUser"),
        ("finds nobody who was deleted", "STATUS_DIFFERS", "UserService.GetUser"),
    ]


def test_a_batch_that_loses_its_last_message(address):
    """The first ones are there, and that is not enough."""
    (found,) = broken(address, requests={"BatchCreateUsers": last_lost})
    assert found[:2] == ("brings people in, the last one too", "EXPECTATION_FAILED")


def test_an_update_that_ignores_its_mask(address):
    """The name changes, and so does what must not."""
    assert broken(address, requests={"SyncUsers": mask_ignored}) == [
        ("renames people", "EXPECTATION_FAILED", "User.email")
    ]


def test_an_event_that_does_not_belong_there(address):
    """The book resumes at its bookmark: `exactly` lets nothing come before the next event."""
    found = broken(address, replies={"StreamUserEvents": another_first})
    assert found == [
        ("goes on at its bookmark", "MESSAGE_UNEXPECTED", "UserService.StreamUserEvents")
    ]
