"""Requests on a connection of our own: an end of which nobody is told must not hold them up."""

from __future__ import annotations

import socket

import pytest

from wireproof.exchange.http2 import HttpReply, Stream

HEADERS = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", "/zoo.Zoo/Feed"),
    (":authority", "zoo"),
    ("content-type", "application/grpc"),
]


@pytest.fixture
def ends():
    """Both ends of a connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_server_that_says_no_more_ends_the_request(ends):
    """
    It closed its side before the request was sent: there is always "nothing" to read.
    """
    ours, theirs = ends
    theirs.shutdown(socket.SHUT_WR)
    assert Stream(ours, timeout=5.0).request(HEADERS, b"hay") == HttpReply(closed=True)


def test_a_request_ends_with_its_time_though_something_waits_to_be_read(ends):
    """
    What came too late is not read.
    """
    ours, theirs = ends
    theirs.sendall(b"late")
    assert Stream(ours, timeout=0.0).request(HEADERS, b"hay") == HttpReply()
