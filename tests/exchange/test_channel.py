"""A server that cannot be reached is told so in one sentence, and soon."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from wireproof.errors import UnreachableTarget
from wireproof.exchange.channel import Target, target_of
from wireproof.exchange.door import Door


@contextmanager
def answering(answer: bytes | None, *, after: float = 0.0) -> Iterator[str]:
    """A TCP server that answers everything alike and hangs up; None keeps silent.

    One that answers only *after* some seconds stays.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                held.append(connection)
                if answer is not None:
                    connection.recv(24)
                    threading.Event().wait(after)
                    connection.sendall(answer)
                    if not after:
                        connection.close()

        threading.Thread(target=accept, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def reason(target: Target) -> str:
    with pytest.raises(UnreachableTarget) as caught, Door(target):
        pass
    return caught.value.reason


def test_a_port_where_nothing_listens():
    """
    Refused at once, with what to do.
    """
    assert "nothing listens" in reason(target_of("127.0.0.1:1"))


def test_a_server_that_never_answers_is_given_up():
    """
    The time to connect is bounded.
    """
    with answering(None) as address:
        assert reason(Target(address, connect_timeout=0.3))


SETTINGS = bytes.fromhex("000000040000000000")
"""The first frame of a server of HTTP/2, which sets nothing."""


def test_a_server_that_takes_its_time_is_waited_for():
    """
    One under load says nothing for a while; that is no reason to give it up.
    """
    with answering(SETTINGS, after=1.0) as address, Door(target_of(address)):
        pass


def test_a_server_that_speaks_something_else():
    """
    Garbage is no gRPC.
    """
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as address:
        assert "gRPC" in reason(target_of(address))


def test_tls_at_a_plain_server():
    """
    The sentence says which option is wrong.
    """
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as address:
        assert "--tls" in reason(target_of(address, tls=True))


@pytest.mark.parametrize("text", ["localhost", "localhost:", "localhost:0x1", "http://a:80", ":1"])
def test_what_is_no_address_is_refused(text):
    """
    An address without a host and a port is a mistake that is told before any call.
    """
    with pytest.raises(UnreachableTarget, match="HOST:PORT"):
        target_of(text)


@pytest.mark.parametrize(
    ("text", "loopback"),
    [
        ("localhost:1", True),
        ("127.0.0.9:1", True),
        ("[::1]:1", True),
        ("unix:/tmp/s", True),
        ("10.0.0.1:1", False),
        ("example.org:443", False),
    ],
)
def test_loopback_is_told_from_the_rest(text, loopback):
    """
    What may change data elsewhere hangs on it.
    """
    assert target_of(text).is_loopback is loopback


def test_grpcs_means_tls():
    """
    The scheme says it.
    """
    assert target_of("grpcs://example.org:443") == Target("example.org:443", tls=True)
