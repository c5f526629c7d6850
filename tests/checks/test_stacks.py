"""A library is recognised by what it says of a service that nobody has."""

import pytest

from wireproof.checks.stacks import recognised

CORE = {"grpc-accept-encoding": "identity, deflate, gzip"}


@pytest.mark.parametrize(
    ("message", "headers", "name"),
    [
        ("Method not found!", CORE, "grpcio (Python)"),
        ("", CORE, "gRPC core (C++, Ruby, PHP)"),
        ("unknown service wireproof.nobody.Has", {}, "grpc-go"),
        ("Method not found: wireproof.nobody.Has/This", {}, "grpc-java"),
        ("Service is unimplemented.", {}, "grpc-dotnet"),
        ("The server does not implement the method /a.B/C", CORE, "grpc-js"),
        ("Method not found", {}, "grpclib"),
        ("", {}, "tonic"),
    ],
)
def test_a_library_is_known_by_its_words(message, headers, name):
    """
    Servers name their library in no header.
    """
    stack = recognised(message, headers)
    assert stack is not None
    assert stack.name == name


def test_words_of_nobody_are_nobody_s():
    """
    An unknown library is held to the specification.
    """
    assert recognised("no such thing here", CORE) is None
