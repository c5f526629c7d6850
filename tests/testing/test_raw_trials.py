"""Below the messages: a server that takes everything is accused, real libraries are not."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import h2.config
import h2.connection
import h2.events
import pytest

from tests.testing import chat
from tests.testing.asked import patient
from tests.testing.faulty_stream_shapes import Wearied
from tests.testing.test_access_trials import CALLERS
from tests.testing.vault import Vault, open_vault, schema
from tests.testing.zoo import open_zoo
from wireproof.exchange.http2 import framed, post
from wireproof.schema.target import target_of
from wireproof.testing import Phase, run_tests

WIRE: dict[str, Any] = {"phases": (Phase.EXAMPLES, Phase.WIRE), "max_calls": 1500}


@contextmanager
def yea_sayer() -> Iterator[str]:
    """The address of an HTTP/2 server that answers every call with OK and an empty message."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_converse, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def _converse(connection: socket.socket) -> None:
    state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    state.initiate_connection()
    with connection:
        connection.sendall(state.data_to_send())
        while data := connection.recv(65536):
            for event in state.receive_data(data):
                if isinstance(event, h2.events.DataReceived):
                    state.acknowledge_received_data(
                        event.flow_controlled_length, event.stream_id or 0
                    )
                if isinstance(event, h2.events.StreamEnded):
                    _say_yes(state, event.stream_id or 0)
            connection.sendall(state.data_to_send())


def _say_yes(state: h2.connection.H2Connection, stream: int) -> None:
    state.send_headers(stream, [(":status", "200"), ("content-type", "application/grpc")])
    state.send_data(stream, framed(b""))
    state.send_headers(stream, [("grpc-status", "0"), ("grpc-message", "yes")], end_stream=True)


def ids(report: Any) -> set[str]:
    return {finding.id for finding in report.findings}


def test_a_server_that_takes_everything_is_accused():
    """
    Of what its library owes, apart from what the application does.
    """
    with yea_sayer() as address:
        report = run_tests(address, schema(), patient(**WIRE))
    assert {"REQUESTS_COUNTED", "ENCODING_REFUSED", "CONTENT_TYPE_REFUSED"} <= ids(report)


def test_a_deadline_ends_what_waits_for_its_client_too():
    """
    Whoever is still sending has gone away: a server that only waits for the end waits for ever.
    """
    with yea_sayer() as address:
        report = run_tests(address, chat.schema(), patient(**WIRE))
    late = {f.subject for f in report.findings if f.id == "DEADLINE_ENDS_CALL"}
    assert late == {"chat.v1.Chat.Store", "chat.v1.Chat.Talk"}


class Sullen(Wearied):
    """Takes so much and no more, and does not say how much."""

    def line(self, payload, context):
        if len(payload) > 1_000_000:
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too much")
        return super().line(payload, context)


def test_a_limit_that_nobody_names_holds_for_every_message_too():
    """
    What is too large alone is too large after another message.
    """
    with chat.open_chat(Sullen) as (address, known):
        report = run_tests(address, known, patient(**WIRE))
    assert "SIZE_LIMIT_ON_EVERY_MESSAGE" in ids(report)


def test_a_python_server_is_accused_of_nothing():
    """
    What its library is known to do is no fault of the application.
    """
    with open_zoo() as (address, known):
        report = run_tests(address, known, patient(**WIRE))
    assert (report.findings, report.stopped) == ((), "")


class Deaf(Vault):
    """Readers that are gone keep their threads."""

    def watch_notes(self, request, context, caller):
        del request, caller
        reader: queue.Queue[Any] = queue.Queue()
        self.readers.append(reader)
        context.send_initial_metadata(())
        while (event := reader.get()) is not None:
            yield event


class Limited(Vault):
    """Its own limit is one byte short of what it says."""

    def get_note(self, request, context, caller):
        if request.ByteSize() >= 4096:
            words = f"message of {request.ByteSize()} bytes is larger than max (4194999 vs. 4096)"
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, words)
        return super().get_note(request, context, caller)


@pytest.mark.parametrize(
    ("kind", "finding"), [(Deaf, "CANCEL_FREES_SERVER"), (Limited, "SIZE_LIMIT_EXACT")]
)
def test_a_fault_of_the_application_is_found(kind, finding):
    """
    Threads that never come back, for which no call need wait long; a limit that is none.
    """
    with open_vault(kind) as (address, known):
        report = run_tests(address, known, patient(**WIRE, credentials=CALLERS, deadline=2.0))
    assert finding in ids(report)


def test_nothing_is_found_on_a_healthy_vault():
    """
    Streams that end with their clients, and a library that is known.
    """
    with open_vault() as (address, known):
        report = run_tests(address, known, patient(**WIRE, credentials=CALLERS))
    assert (report.findings, report.stopped) == ((), "")


def test_what_is_no_server_is_a_reply_too():
    """
    A refused connection, and a server that says nothing.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        silent = post(target_of(address), "/a.B/C", framed(b""), timeout=0.2)
    refused = post(target_of(address), "/a.B/C", framed(b""), timeout=0.2)
    assert (silent.words, refused.words) == ("no status", "a closed connection")
