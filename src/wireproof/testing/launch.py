"""Start a service by its command on a free port, and end it afterwards."""

from __future__ import annotations

import os
import random
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from wireproof.errors import WireproofError

_HOST = "127.0.0.1"
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5)
"""What a client opens with: the preface and an empty SETTINGS frame (RFC 9113, 3.4)."""
_PORTS = range(15_000, 30_000)
"""Below those that systems give to whoever asks for any: from 32,768 on Linux, 49,152 elsewhere."""
_TRIES = 100
_LOOK = 0.02  # seconds between two looks at a port that does not answer yet
_GRACE = 10.0  # seconds that a service has to end by itself


@dataclass(eq=False)
class NotStarted(WireproofError):
    """A command that did not become a server."""

    command: str
    reason: str

    def __str__(self) -> str:
        return f"cannot start `{self.command}`: {self.reason}"


@contextmanager
def launched(command: str, *, folder: Path, timeout: float = 30.0) -> Iterator[str]:
    """The address `127.0.0.1:PORT` at which *command* serves, started in *folder*.

    `{port}` in *command* stands for the port. The process and its children are ended with the
    block: asked first, killed where they do not end. Raises NotStarted where the command names no
    port, cannot be run, ends, or does not answer HTTP/2 within *timeout* seconds.
    """
    if "{port}" not in command:
        reason = f"it must say where the port goes: {command} --port {{port}}"
        raise NotStarted(command, reason)
    port = free_port()
    words = shlex.split(command.replace("{port}", str(port)))
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        process = _start(command, words, folder, output)
        try:
            _wait(process, command, port, timeout, output)
            yield f"{_HOST}:{port}"
        finally:
            _end(process)


def free_port() -> int:
    """A port on which nobody listens, of those that the system hands out to nobody by itself.

    One that it does hand out could be another's before the service listens on it.
    """
    for port in random.SystemRandom().sample(_PORTS, _TRIES):  # others may have our seed
        with socket.socket() as probe, suppress(OSError):
            probe.bind((_HOST, port))
            return port
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        given: int = probe.getsockname()[1]
        return given


def _start(command: str, words: list[str], folder: Path, output: IO[str]) -> subprocess.Popen[str]:
    # The tools installed beside this Python (and this Python itself) come first.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    try:
        return subprocess.Popen(
            words,
            cwd=folder,
            env={**os.environ, "PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that children can be ended with it
            text=True,
        )
    except OSError as error:
        raise NotStarted(command, f"{words[0]}: {error.strerror or error}") from error


def _wait(
    process: subprocess.Popen[str], command: str, port: int, timeout: float, output: IO[str]
) -> None:
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        if _answers(port):
            return
        try:
            code = process.wait(_LOOK)
        except subprocess.TimeoutExpired:
            continue
        raise NotStarted(command, f"it ended with exit code {code}{_last_words(output)}")
    reason = f"nothing served on {_HOST}:{port} within {timeout:g} s{_last_words(output)}"
    raise NotStarted(command, reason)


def _answers(port: int) -> bool:
    """Whether a server answers HTTP/2's preface (a TLS server answers it by an alert).

    A bound port is not enough: gRPC servers bind first, and close what comes before they serve.
    """
    try:
        with socket.create_connection((_HOST, port), timeout=1.0) as connection:
            connection.sendall(_PREFACE)
            return bool(connection.recv(1))
    except OSError:
        return False


def _last_words(output: IO[str]) -> str:
    output.seek(0)
    lines = [line.strip() for line in output.read().splitlines() if line.strip()]
    return f": {lines[-1]}" if lines else ""


def _end(process: subprocess.Popen[str]) -> None:
    _signal(process, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
