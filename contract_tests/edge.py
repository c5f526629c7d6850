"""The service behind Envoy as a process, as `make serve-edge` runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]


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
        process.wait(timeout=30)
