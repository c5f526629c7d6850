"""The service behind Envoy as a process, as `make serve-edge` runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

ROOT = Path(__file__).parents[1]
GRPC_WEB = {"content-type": "application/grpc-web+proto", "x-grpc-web": "1"}
GET_USER = "/api.user.v1.UserService/GetUser"


@dataclass(frozen=True)
class EdgeProcess:
    """Where it listens."""

    address: str

    @property
    def url(self) -> str:
        """Where REST and gRPC-Web are found."""
        return f"http://{self.address}"


@contextmanager
def edge_process(*arguments: str) -> Iterator[EdgeProcess]:
    """`python -m service.edge` with these arguments on a free port, gone at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "service.edge", "--port", "0", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        words = process.stdout.readline().split()
        assert words[:2] == ["listening", "on"], "the edge did not start: see stderr"
        yield EdgeProcess(words[2])
    finally:
        process.terminate()
        process.wait(timeout=60)


def as_refused(reply: requests.Response) -> tuple[int, dict[str, Any]]:
    """An HTTP error, which is a google.rpc.Status."""
    status = reply.json()
    assert {"code", "message", "details"} >= status.keys() >= {"code", "message"}
    assert reply.headers["content-type"].startswith("application/json")
    return reply.status_code, status


def framed(message: bytes) -> bytes:
    """A message as gRPC-Web sends it."""
    return b"\0" + len(message).to_bytes(4, "big") + message
