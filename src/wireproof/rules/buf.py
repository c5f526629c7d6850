"""buf's own judgement, asked of the real buf."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from wireproof.errors import WireproofError
from wireproof.schema.breaking import DEFAULT
from wireproof.schema.buf import RunningBuf, complaint, started_buf
from wireproof.schema.schema import Schema

_QUOTED = re.compile(r'"([^"]*)"')
_REFUSED = (
    "is a MessageSet",
    "cannot add annotation for unknown file",
    "image contains no files",
)
"""What buf says where valid images are more than it supports, or less: a message set, nothing at
all, a value that went from an enum whose file is another now, in images without source information.
"""
_FINDINGS = 100
"""buf's exit code where it found something."""


class BufFailed(WireproofError):
    """buf itself could not compare the two images."""


class BufRefuses(BufFailed):
    """The images are valid, and hold something that buf does not support."""


@dataclass(frozen=True)
class Annotation:
    """One line of `buf breaking`."""

    rule: str
    file: str
    line: int | None
    column: int | None
    message: str

    @cached_property
    def quoted(self) -> frozenset[str]:
        """The names and numbers that it speaks of: asked for beside each change of its file."""
        return frozenset(_QUOTED.findall(self.message))


Answers = Callable[[], tuple[Annotation, ...]]


@contextmanager
def asked_of_buf(old: Schema, new: Schema) -> Iterator[Answers]:
    """`buf breaking` at work on the two schemas under the new one's configuration.

    What is yielded waits for its answers, and raises BufFailed where it cannot run.
    """
    configs = set(new.breaking.values()) or {DEFAULT}
    use = sorted(set().union(*(config.rules for config in configs)))
    if not use or not old.packed or [p.data for p in old.packed] == [p.data for p in new.packed]:
        yield tuple
        return
    with tempfile.TemporaryDirectory(prefix="wireproof-buf-") as name:
        folder = Path(name)
        (folder / "old.binpb").write_bytes(old.image())
        (folder / "new.binpb").write_bytes(new.image())
        config = json.dumps({"version": "v2", "breaking": {"use": use}})
        args = ("--exclude-imports", "--error-format=json", f"--config={config}")
        with started_buf("breaking", "new.binpb", "--against=old.binpb", *args, cwd=folder) as buf:
            yield lambda: tuple(_answers(buf, old, new))


def _answers(buf: RunningBuf, old: Schema, new: Schema) -> Iterator[Annotation]:
    done = buf.ended()
    if done.returncode not in (0, _FINDINGS):
        said = complaint(done.stderr.decode("utf-8", "replace"))
        if any(one in said for one in _REFUSED):
            raise BufRefuses(f"buf cannot compare the two, and has no say: {said}")
        raise BufFailed(
            f"buf cannot compare the two: {said}; judge without it (--engine wireproof)"
        )
    found = (_annotation(line) for line in done.stdout.decode().splitlines())
    return (a for a in found if a and _configured(a, old, new))


def _annotation(line: str) -> Annotation | None:
    if not line.startswith("{"):
        return None
    said = json.loads(line)
    return Annotation(
        said["type"],
        said.get("path", ""),
        said.get("start_line"),
        said.get("start_column"),
        said.get("message", ""),
    )


def _configured(found: Annotation, old: Schema, new: Schema) -> bool:
    """Whether the module's configuration gives the rule a say in that file."""
    return has_say((found.rule,), found.file, old, new)


def has_say(rules: Iterable[str], file: str, old: Schema, new: Schema) -> bool:
    """Whether any of buf's *rules* judges *file* under the new version's configuration."""
    schema = new if file in new.by_name else old
    module = schema.modules.get(file, "")
    path = f"{module}/{file}" if module not in ("", ".") else file
    package = schema.file(file).package if file in schema.by_name else ""
    config = new.breaking.get(module or ".", DEFAULT)
    return any(config.judges(rule, path, package) for rule in rules)
