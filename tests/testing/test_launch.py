"""A service is started by its command and always ended."""

from __future__ import annotations

import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from wireproof.testing.launch import NotStarted, launched

SERVE = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    connection = server.accept()[0]
    connection.recv(24)
    connection.sendall(bytes(9))  # nobody reads more than the first byte
    connection.close()
"""


def script(tmp_path, text: str) -> str:
    path = tmp_path / "serve.py"
    path.write_text(text)
    return f"python {path} {{port}}"


def command_lines() -> list[str]:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended while we looked
            lines.append(path.read_text())
    return lines


def connect_for(seconds: float, host: str, port: int) -> None:
    """Connect again and again, until it is refused or the time is over."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        socket.create_connection((host, port)).close()


def test_the_address_accepts_connections_and_is_gone_afterwards(tmp_path):
    command = script(tmp_path, SERVE)
    with launched(command, folder=tmp_path) as address:
        host, port = address.split(":")
        socket.create_connection((host, int(port))).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))


def test_it_starts_with_the_python_that_runs_this(tmp_path):
    command = script(tmp_path, f"import sys; assert sys.prefix == {sys.prefix!r}" + SERVE)
    with launched(command, folder=tmp_path) as address:
        assert address.startswith("127.0.0.1:")


def test_a_bound_port_is_not_yet_a_server(tmp_path):
    """Servers of gRPC bind their port before they serve on it."""
    command = script(tmp_path, SERVE.replace("connection.sendall(bytes(9))", "pass"))
    with pytest.raises(NotStarted, match="nothing served"):
        launched(command, folder=tmp_path, timeout=1.0).__enter__()


def test_children_end_with_it(tmp_path):
    """A command is often a shell or a build tool that starts the real server."""
    child = script(tmp_path, SERVE).replace("{port}", "$0")
    with launched(f"sh -c '{child}; true' {{port}}", folder=tmp_path) as address:
        host, port = address.split(":")
    with pytest.raises(ConnectionRefusedError):
        connect_for(60, host, int(port))  # a killed process may take a moment to be gone


def test_a_command_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(NotStarted, match="no-such-server: No such file"):
        launched("no-such-server {port}", folder=tmp_path).__enter__()


def test_a_command_that_ends_leaves_its_last_words(tmp_path):
    command = script(tmp_path, "raise SystemExit('the database is locked')")
    with pytest.raises(NotStarted, match="exit code 1: the database is locked"):
        launched(command, folder=tmp_path).__enter__()


def test_a_command_without_a_port_is_not_waited_for(tmp_path):
    with pytest.raises(NotStarted, match=r"say where the port goes: serve --port \{port\}"):
        launched("serve", folder=tmp_path).__enter__()


def test_a_command_that_never_listens_is_ended(tmp_path):
    command = script(tmp_path, "import signal; signal.pause()")
    with pytest.raises(NotStarted, match=r"nothing served on 127.0.0.1:\d+ within 0.3 s"):
        launched(command, folder=tmp_path, timeout=0.3).__enter__()
    assert [line for line in command_lines() if str(tmp_path) in line] == []
