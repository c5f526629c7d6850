"""`wireproof test` where it cannot run: one sentence, exit 2, and what was found so far."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme

from tests.cli.test_test import image, run
from tests.testing.zoo import Zoo, open_zoo, refuse

__all__ = ["image"]  # a fixture

Talk = Callable[[socket.socket], None]


@contextmanager
def listening(talk: Talk) -> Iterator[str]:
    """An address at which every connection is given to *talk*, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        ended = threading.Event()
        open_ones: list[socket.socket] = []

        def accept() -> None:
            while not ended.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                open_ones.append(connection)
                talk(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            ended.set()
            thread.join()
            for one in open_ones:
                one.close()


def silent(_: socket.socket) -> None:
    """Accept, and never say a word."""


def garbage(connection: socket.socket) -> None:
    connection.sendall(b"\x00\x01\x02 this is no protocol at all\r\n" * 8)
    connection.close()


def http1(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    connection.close()


@pytest.mark.parametrize(
    ("talk", "sentence"),
    [
        (silent, "no HTTP/2 connection within 10 s"),
        (garbage, "no gRPC server"),
        (http1, "HTTP/1"),
    ],
)
def test_what_is_no_grpc_server_is_told_so(talk, sentence, image, capsys):
    """
    Something listens, and it is not what was asked for.
    """
    with listening(talk) as address:
        assert run(address, "--schema", image) == 2
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert sentence in told.err


@contextmanager
def plain_server() -> Iterator[str]:
    """A gRPC server that knows no method at all, reflection included."""
    server = grpc.server(futures.ThreadPoolExecutor(2))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


def test_a_server_without_reflection_needs_a_schema(capsys):
    """
    And the sentence says which option gives it.
    """
    with plain_server() as address:
        assert run(address) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "reflection" in told.err
    assert "--schema" in told.err


def test_a_server_that_lacks_the_methods_of_the_schema(image, capsys):
    """
    Every method UNIMPLEMENTED: the wrong server, or the wrong schema.
    """
    with plain_server() as address:
        assert run(address, "--schema", image, "--phases", "examples") == 2
    assert "does it serve this schema?" in capsys.readouterr().err


def test_a_method_that_the_schema_lacks(image, capsys):
    """
    Told with the nearest of those that it has.
    """
    with plain_server() as address:
        assert run(address, "--schema", image, "--method", "FetchBeest") == 2
    assert "FetchBeast" in capsys.readouterr().err


class Sleeping(Zoo):
    """Takes every call and answers none."""

    over = threading.Event()

    def _sleep(self, request, context):  # noqa: ARG002 - a handler
        self.over.wait(30)
        context.abort(grpc.StatusCode.UNAVAILABLE, "too late")

    add_beast = fetch_beast = search_beasts = modify_beast = remove_beast = _sleep


def test_a_server_that_hangs(image, capsys):
    """
    A few deadlines are enough to tell.
    """
    with open_zoo(Sleeping) as (address, _):
        try:
            words = ("--schema", image, "--method", "FetchBeast", "--phases", "examples,fuzzing")
            assert run(address, *words, "--deadline", "0.3") == 2
        finally:
            Sleeping.over.set()
    assert "answers none within 0.3 s" in capsys.readouterr().err


class Dying(Zoo):
    """Broken from the start, and gone after a while."""

    calls = 0

    def fetch_beast(self, request, context):  # noqa: ARG002 - a handler
        refuse(context, grpc.StatusCode.INTERNAL, "it broke")

    def search_beasts(self, request, context):
        self.calls += 1
        if self.calls > 5:
            self.server.stop(None)
        return super().search_beasts(request, context)


@pytest.mark.parametrize("workers", ["1", "8"])
def test_a_server_that_dies_midway_and_what_it_showed_before(
    image, tmp_path, workers, monkeypatch, capsys
):
    """
    The findings so far are reported, and the sentence says when it went away: findings win.
    """
    words = ("--schema", image, "--phases", "examples,stateful,fuzzing", "--workers", workers)
    with open_zoo(Dying) as (address, _):
        monkeypatch.chdir(tmp_path)
        code = run(address, *words, "--replays", "replays", "--format", "json")
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert code == 1
    found = {(f["id"], f["subject"]) for f in document["findings"]}
    assert ("SERVER_FAULT", "zoo.Zoo.FetchBeast") in found
    assert ("SERVER_STAYS_UP", "zoo.Zoo.SearchBeasts") in found
    assert "stopped answering during" in told.err
    assert document["stopped"] in told.err


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@contextmanager
def tls_server(authority: trustme.CA, *, mutual: bool = False) -> Iterator[str]:
    """A gRPC server with TLS; *mutual*: it wants a certificate of its clients too."""
    issued = authority.issue_cert("localhost", "127.0.0.1")
    chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
    secure = grpc.ssl_server_credentials(
        [(issued.private_key_pem.bytes(), chain)],
        authority.cert_pem.bytes() if mutual else None,
        require_client_auth=mutual,
    )
    server = grpc.server(futures.ThreadPoolExecutor(2))
    port = server.add_secure_port("127.0.0.1:0", secure)
    server.start()
    try:
        yield f"localhost:{port}"
    finally:
        server.stop(None).wait()


def refused(capsys: Any, address: str, image: str, *words: str) -> str:
    """The one sentence with which the run ends at once."""
    assert run(address, "--schema", image, *words) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    return str(told.err)


def test_plain_words_to_a_server_with_tls(authority, image, capsys):
    """
    The option that helps is named.
    """
    with tls_server(authority) as address:
        assert "--tls" in refused(capsys, address, image)


def test_tls_to_a_plain_server(image, ca, capsys):
    """
    The other way round.
    """
    with plain_server() as address:
        assert "does not speak TLS" in refused(capsys, address, image, "--ca", ca)


def test_a_certificate_of_an_authority_that_nobody_trusts(image, ca, capsys):
    """
    Another authority than the one given.
    """
    with tls_server(trustme.CA()) as address:
        assert "--ca" in refused(capsys, address, image, "--ca", ca)


def test_a_server_that_wants_to_know_its_clients(authority, image, ca, capsys):
    """
    Without a certificate of ours it hangs up.
    """
    with tls_server(authority, mutual=True) as address:
        assert "--cert" in refused(capsys, address, image, "--ca", ca)


def test_a_client_that_is_known_gets_through(authority, image, ca, tmp_path, capsys):
    """
    With its certificate, the server is reached: it only lacks the methods.
    """
    issued = authority.issue_cert("client@example.org")
    chain, key = tmp_path / "client.pem", tmp_path / "client.key"
    chain.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    known = ("--ca", ca, "--cert", str(chain), "--key", str(key))
    with tls_server(authority, mutual=True) as address:
        assert run(address, "--schema", image, *known, "--phases", "examples") == 2
    assert "does it serve this schema?" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--ca", "--cert", "--key"])
def test_a_file_that_is_no_certificate(option, image, tmp_path, capsys):
    """
    Told before anybody is called.
    """
    path = tmp_path / "no.pem"
    path.write_text("this is no certificate")
    words = [option, str(path)]
    if option != "--ca":
        words = ["--cert", str(path), "--key", str(path)]
    assert str(path) in refused(capsys, "127.0.0.1:1", image, *words)
