"""A Redis of the tests' own, in a temporary folder, gone with them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.testing.launch import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

READY = "Ready to accept connections"


@dataclass
class RedisServer:
    """A server that listens on 127.0.0.1, keeps nothing, and can be stopped and started."""

    folder: Path
    port: int
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Run, and return once connections are taken."""
        program = shutil.which("redis-server")
        assert program, "redis-server is missing: run scripts/install-system-packages"
        flags = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir"]
        self.process = subprocess.Popen(
            [program, *flags, str(self.folder)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert any(READY in line for line in self.process.stdout), "redis-server did not start"

    def stop(self) -> None:
        """End it, as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A running server."""
    with tempfile.TemporaryDirectory(prefix="wireproof-redis-") as folder:
        made = RedisServer(Path(folder), free_port())
        try:
            made.start()
            yield made
        finally:
            made.stop()
