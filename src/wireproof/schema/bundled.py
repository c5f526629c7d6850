"""The third-party protos that nearly every schema imports, taken from the installed packages.

google/api, google/rpc, google/type, google/longrunning and the rest of googleapis-common-protos
ship as source; buf/validate and Wireproof's own annotations ship as descriptors only and are
rendered. Nothing is fetched.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from wireproof.annotations import NAME as ANNOTATIONS
from wireproof.annotations import descriptor

_GOOGLE = ("api", "rpc", "type", "longrunning", "logging", "cloud")
_VALIDATE = "buf/validate/validate.proto"
# The package ships this file under the second name; everyone imports it by the first.
_OPERATIONS = "google/longrunning/operations.proto"
_OPERATIONS_SHIPPED = "google/longrunning/operations_proto.proto"
_IMPORT = re.compile(r'^\s*import\s+(?:public\s+)?"([^"]+)"\s*;', re.M)


@cache
def _sources() -> dict[str, Traversable]:
    found: dict[str, Traversable] = {}
    for package in _GOOGLE:
        root = resources.files("google").joinpath(package)
        if root.is_dir():
            found |= _below(root, f"google/{package}")
    return found


def bundled_names() -> frozenset[str]:
    """The import paths of all bundled files."""
    return frozenset({*_sources(), _OPERATIONS, _VALIDATE, ANNOTATIONS})


@cache
def bundled_proto(name: str) -> str:
    """The source text of one bundled file."""
    if name == _VALIDATE:
        return _validate_source()
    if name == ANNOTATIONS:
        return _annotations_source()
    if name == _OPERATIONS_SHIPPED:
        return f'syntax = "proto3";\npackage google.longrunning;\nimport public "{_OPERATIONS}";\n'
    shipped = _OPERATIONS_SHIPPED if name == _OPERATIONS else name
    return _sources()[shipped].read_text(encoding="utf-8")


def bundled_closure(names: Iterable[str]) -> frozenset[str]:
    """The bundled files among *names* and everything bundled that they import."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in bundled_names() and name not in found:
            found.add(name)
            waiting += _IMPORT.findall(bundled_proto(name))
    return frozenset(found)


def write_bundled(
    folder: Path,
    *,
    without: frozenset[str] = frozenset(),
    only: frozenset[str] | None = None,
) -> None:
    """Write the bundled protos (or *only* some) below *folder*, those *without* left out."""
    for name in sorted((bundled_names() if only is None else only) - without):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(bundled_proto(name), encoding="utf-8")


def _below(folder: Traversable, prefix: str) -> dict[str, Traversable]:
    found: dict[str, Traversable] = {}
    for entry in folder.iterdir():
        name = f"{prefix}/{entry.name}"
        if entry.is_dir():
            found |= _below(entry, name)
        elif name.endswith(".proto"):
            found[name] = entry
    return found


def _validate_source() -> str:
    # Heavy, and most sources either vendor the file or do not validate.
    from google.protobuf import duration_pb2, field_mask_pb2, timestamp_pb2
    from protovalidate._gen.buf.validate import validate_pb

    from wireproof.schema.render import render

    known = (duration_pb2, field_mask_pb2, timestamp_pb2)
    return render(validate_pb.desc().proto.to_binary(), [m.DESCRIPTOR.serialized_pb for m in known])


def _annotations_source() -> str:
    # As above: few sources need it.
    from wireproof.schema.render import render

    return render(descriptor())


if __name__ == "__main__":
    # For this repository, whose schemas hold the original of the annotations.
    write_bundled(Path(sys.argv[1]), without=frozenset({ANNOTATIONS}))
