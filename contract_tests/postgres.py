"""A PostgreSQL of the tests' own, in a temporary folder, gone with them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.testing.launch import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

OWNER = "postgres"  # PostgreSQL does not run as root
INSTALLED = Path("/usr/lib/postgresql")
QUICK = ("fsync=off", "full_page_writes=off")  # what tests of behaviour can do without
ALWAYS = ("listen_addresses=127.0.0.1", "max_connections=200", "autovacuum_naptime=1h")


@dataclass
class Cluster:
    """A server that listens on 127.0.0.1, and can be stopped and started."""

    folder: Path
    port: int
    settings: tuple[str, ...] = QUICK
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def start(self) -> None:
        """Run, and return once connections are taken."""
        options = [f"port={self.port}", f"unix_socket_directories={self.folder}"]
        chosen = " ".join(f"-c {option}" for option in (*options, *ALWAYS, *self.settings))
        log = str(self.folder / "log")
        self._control("start", "--log", log, "--options", chosen, "--wait", "--timeout", "60")

    def stop(self, how: str = "fast") -> None:
        """End all sessions; `immediate` is a crash."""
        self._control("stop", "--mode", how, "--wait")

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"t{next(self.numbers)}"
        self._run("createdb", "--host", "127.0.0.1", "--port", str(self.port), name)
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{name}"

    def initialise(self) -> None:
        """Make the files of a cluster in which everybody on this machine is trusted."""
        data = str(self.folder / "data")
        plain = (
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            f"--username={OWNER}",
            "--no-sync",
        )
        self._run("initdb", "--pgdata", data, *plain)

    def _control(self, action: str, *arguments: str) -> None:
        self._run("pg_ctl", action, "--silent", "--pgdata", str(self.folder / "data"), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "PGUSER": OWNER}
        # To a file: a server that is started would hold a pipe open.
        with (self.folder / "output").open("w+") as output:
            done = subprocess.run(
                [*_as_owner(), _found(program), *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=environment,
                check=False,
            )
            output.seek(0)
            assert done.returncode == 0, f"{program}: {output.read()}"


@contextmanager
def cluster(*settings: str) -> Iterator[Cluster]:
    """A running server with these settings."""
    folder = Path(tempfile.mkdtemp(prefix="wireproof-postgres-"))
    made = Cluster(folder, free_port(), settings or QUICK)
    try:
        if _as_owner():
            shutil.chown(folder, OWNER, OWNER)
        made.initialise()
        made.start()
        try:
            yield made
        finally:
            made.stop("immediate")
    finally:
        shutil.rmtree(folder)


def _as_owner() -> list[str]:
    """What runs a program in the owner's name where this is root's, without forking gRPC."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups"]


def installed(program: str = "initdb") -> str | None:
    """Where a program of PostgreSQL is; the newest version where there are several."""
    versions = sorted(INSTALLED.glob(f"*/bin/{program}"), key=lambda path: float(path.parts[-3]))
    return str(versions[-1]) if versions else shutil.which(program)


def _found(program: str) -> str:
    found = installed(program)
    assert found, f"{program} is missing: run scripts/install-system-packages"
    return found
