"""The cases on disk, compiled in this process: a hundred of them in a second."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import grpc_tools
import yaml
from grpc_tools import protoc

from wireproof.schema.bundled import bundled_names, write_bundled
from wireproof.schema.schema import Schema, schema_from_image

ROOT = Path(__file__).parent
_WELL_KNOWN = str(Path(grpc_tools.__file__).parent / "_proto")


@dataclass(frozen=True, slots=True)
class Case:
    """Two versions and what is expected of them."""

    path: Path

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def expected(self) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load((self.path / "expected.yaml").read_text())
        return found

    def schemas(self) -> list[Schema]:
        """Old and new, or every version of a history (`v1`, `v2`, …)."""
        history = sorted({path.stem for path in self.path.glob("v[0-9]*")})
        return [self._schema(side) for side in history or ("old", "new")]

    def _schema(self, side: str) -> Schema:
        folder = self.path / side
        if folder.is_dir():
            names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.proto"))
            return compiled(folder, *names)
        return compiled(self.path, f"{side}.proto")


def cases() -> list[Case]:
    return [Case(path.parent) for path in sorted(ROOT.rglob("expected.yaml"))]


def compiled(folder: Path, *names: str) -> Schema:
    """The schema of the files *names* below *folder*; raises AssertionError where it has errors."""
    with tempfile.NamedTemporaryFile(suffix=".binpb") as out:
        args = [
            "protoc",
            f"-I{folder}",
            f"-I{bundled()}",
            f"-I{_WELL_KNOWN}",
            "--include_imports",
            "--include_source_info",
            "--retain_options",
            f"--descriptor_set_out={out.name}",
            *names,
        ]
        assert protoc.main(args) == 0, f"{folder} does not compile"
        data = Path(out.name).read_bytes()
    schema = schema_from_image(data, source=str(folder))
    return Schema(source=schema.source, own=frozenset(names), packed=schema.packed)


@cache
def bundled() -> str:
    """A folder of the bundled protos, for the life of the process."""
    folder = tempfile.mkdtemp(prefix="wireproof-cases-")
    write_bundled(Path(folder), only=bundled_names())
    return folder
