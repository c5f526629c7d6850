"""The real buf, run as a process."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from wireproof.errors import UnreadableSource, WireproofError


@dataclass(frozen=True, slots=True)
class BufMissing(WireproofError):
    """buf is part of the installation; without it no source can be compiled."""

    def __str__(self) -> str:
        return "no buf found beside this Python or on PATH: reinstall wireproof (package buf-bin)"


@cache
def buf_path() -> str:
    """The buf that was installed with this Python, else the one on PATH."""
    for folder in (Path(sys.executable).parent, Path(sys.prefix) / "bin"):
        if (beside := folder / "buf").is_file():
            return str(beside)
    if found := shutil.which("buf"):
        return found
    raise BufMissing


def run_buf(*args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run buf to its end; the caller judges the exit code."""
    return subprocess.run([buf_path(), *args], cwd=cwd, capture_output=True, check=False)


@dataclass(frozen=True, slots=True)
class RunningBuf:
    """A buf at work; what it says goes to files, so that it never waits for a reader."""

    process: subprocess.Popen[bytes]
    out: IO[bytes]
    err: IO[bytes]

    def ended(self) -> subprocess.CompletedProcess[bytes]:
        """Wait for its end, and read what it said."""
        code = self.process.wait()
        for said in (self.out, self.err):
            said.seek(0)
        return subprocess.CompletedProcess(
            self.process.args, code, self.out.read(), self.err.read()
        )


@contextmanager
def started_buf(*args: str, cwd: Path | None = None) -> Iterator[RunningBuf]:
    """Run buf beside the caller's own work; it is stopped where nobody waits for its end."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen([buf_path(), *args], cwd=cwd, stdout=out, stderr=err)
        try:
            yield RunningBuf(process, out, err)
        finally:
            process.kill()
            process.wait()


def build(what: str, *args: str, source: str, cwd: Path | None = None, strip: str = "") -> bytes:
    """The image of *what*, as bytes.

    *strip* is a temporary folder that must not appear in messages.
    Raises UnreadableSource with buf's first complaint, its place included.
    """
    # --path and the like precede nothing: buf takes flags anywhere.
    done = run_buf("build", what, "-o", "-#format=binpb", "--error-format=json", *args, cwd=cwd)
    if done.returncode == 0:
        return done.stdout
    raise UnreadableSource(source, complaint(done.stderr.decode("utf-8", "replace"), strip))


def complaint(stderr: str, strip: str = "") -> str:
    """What buf had to say, in one sentence."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    first = _annotation(lines[0]) if lines else "buf failed without a word"
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 and lines[0].startswith("{") else ""
    return first.replace(f"{strip}/", "").removeprefix("Failure: ") + more


def _annotation(line: str) -> str:
    """`path:line:column: message` of one line of buf's JSON; another line as it stands."""
    try:
        said: Any = json.loads(line)
    except ValueError:
        return line
    if not isinstance(said, dict) or "message" not in said:
        return line
    place = (said.get("path"), said.get("start_line"), said.get("start_column"))
    where = ":".join(str(part) for part in place if part)
    return f"{where}: {said['message']}" if where else str(said["message"])
