"""The real buf, run as a process."""

from __future__ import annotations

import json
import os
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


@dataclass(eq=False)
class BufStuck(WireproofError):
    """buf did not come to an end: its parser takes minutes for a single very long line."""

    command: str
    seconds: float

    def __str__(self) -> str:
        return (
            f"buf {self.command} did not end in {self.seconds:g} seconds and was stopped: break"
            " very long lines, give an image that another compiler made, judge without buf"
            f" (--engine wireproof), or allow more seconds in {_LIMIT}"
        )


_LIMIT, _SECONDS = "WIREPROOF_BUF_SECONDS", 300.0
"""The variable that says how long a call of buf may take, and what it may take without."""


def _seconds() -> float:
    said = os.environ.get(_LIMIT, "")
    try:
        return float(said or _SECONDS)
    except ValueError:
        raise WireproofError(f"{_LIMIT} is a number of seconds, not {said!r}") from None


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
    """Run buf to its end; the caller judges the exit code. Raises BufStuck where it has none."""
    with started_buf(*args, cwd=cwd) as buf:
        return buf.ended()


@dataclass(frozen=True, slots=True)
class RunningBuf:
    """A buf at work; what it says goes to files, so that it never waits for a reader."""

    command: str
    process: subprocess.Popen[bytes]
    out: IO[bytes]
    err: IO[bytes]

    def ended(self) -> subprocess.CompletedProcess[bytes]:
        """Wait for its end, and read what it said. Raises BufStuck where that takes too long."""
        seconds = _seconds()
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise BufStuck(self.command, seconds) from None
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
            yield RunningBuf(args[0], process, out, err)
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
    if first.endswith(":"):  # what it announces stands in the lines below
        more = f" {'; '.join(line.strip() for line in lines[1:])}"
    told = f"{first}{more}".removeprefix("Failure: ")
    return told.replace(f"{strip}/", "") if strip else told


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
