"""Two versions of one small file, given as bodies."""

from __future__ import annotations

from pathlib import Path

from tests.cases.compiled import compiled
from wireproof.schema.schema import Schema

HEAD = 'syntax = "proto3";\npackage t;\n'


def pair(folder: Path, old: str, new: str, *, head: str = HEAD) -> tuple[Schema, Schema]:
    """The schemas of two bodies, as one file `m.proto` at two versions."""
    return tuple(_one(folder / name, head + body) for name, body in (("o", old), ("n", new)))  # type: ignore[return-value]


def _one(folder: Path, text: str) -> Schema:
    folder.mkdir()
    (folder / "m.proto").write_text(text)
    return compiled(folder, "m.proto")
