"""The third-party protos that nearly every schema imports, taken from the installed packages.

google/api, google/rpc, google/type, google/longrunning and the rest of googleapis-common-protos
ship as source; buf/validate ships as a descriptor only and is rendered. Nothing is fetched.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from google.protobuf import duration_pb2, field_mask_pb2, timestamp_pb2
from protovalidate._gen.buf.validate import validate_pb

from wireproof.schema.render import render

_GOOGLE = ("api", "rpc", "type", "longrunning", "logging", "cloud")
_VALIDATE = "buf/validate/validate.proto"


@cache
def bundled_protos() -> dict[str, str]:
    """Every bundled file: import path → source text."""
    protos: dict[str, str] = {}
    for package in _GOOGLE:
        root = resources.files("google").joinpath(package)
        if root.is_dir():
            protos |= _sources(root, f"google/{package}")
    return {**protos, _VALIDATE: _validate_source()}


def write_bundled(folder: Path, *, without: frozenset[str] = frozenset()) -> None:
    """Write the bundled protos below *folder*, those *without* left out."""
    for name, text in bundled_protos().items():
        if name not in without:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def _sources(folder: Traversable, prefix: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in folder.iterdir():
        name = f"{prefix}/{entry.name}"
        if entry.is_dir():
            found |= _sources(entry, name)
        elif name.endswith(".proto"):
            found[name] = entry.read_text(encoding="utf-8")
    return found


def _validate_source() -> str:
    known = (duration_pb2, field_mask_pb2, timestamp_pb2)
    return render(validate_pb.desc().proto.to_binary(), [m.DESCRIPTOR.serialized_pb for m in known])


if __name__ == "__main__":
    write_bundled(Path(sys.argv[1]))
