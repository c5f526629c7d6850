"""Released schemas: immutable images in `compat/releases`, each with its checksum beside it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from wireproof.errors import UnknownName, UnreadableSource, WireproofError
from wireproof.schema.schema import Schema, schema_from_image

FOLDER = Path("compat/releases")
_SUFFIX = ".binpb"


def releases(root: Path) -> tuple[str, ...]:
    """The released versions below *root*, oldest first (as numbers, pre-releases before them)."""
    found = (path.name.removesuffix(_SUFFIX) for path in (root / FOLDER).glob(f"*{_SUFFIX}"))
    return tuple(sorted(found, key=_order))


def schema_from_release(version: str, *, source: str, root: Path) -> Schema:
    """The schema frozen as *version* (`1.0.0`, or `v1.0.0`).

    Raises UnknownName for a version that was never released, UnreadableSource where the image
    differs from its checksum.
    """
    known = releases(root)
    name = version if version in known else version.removeprefix("v")
    if name not in known:
        raise UnknownName("release", version, known)
    path = root / FOLDER / f"{name}{_SUFFIX}"
    data = path.read_bytes()
    _verify(path, data, source)
    return schema_from_image(data, source=source)


def write_release(root: Path, version: str, image: bytes) -> Path:
    """Freeze *image* as *version*. Raises ReleaseExists: a release is never overwritten."""
    path = unused_path(root, version)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(image)
    digest = hashlib.sha256(image).hexdigest()
    _checksum(path).write_text(f"{digest}  {path.name}\n", encoding="utf-8")
    return path


def unused_path(root: Path, version: str) -> Path:
    """Where *version* will lie. Raises ReleaseExists where it has been released."""
    path = root / FOLDER / f"{version}{_SUFFIX}"
    if path.exists():
        raise ReleaseExists(f"{path} exists and releases never change: choose another version")
    return path


class ReleaseExists(WireproofError):
    """A version can be released once."""


def _verify(path: Path, data: bytes, source: str) -> None:
    checksum = _checksum(path)
    if not checksum.is_file():
        reason = f"{checksum.name} is missing beside {path}: restore both from version control"
        raise UnreadableSource(source, reason)
    promised = checksum.read_text(encoding="utf-8").split()[:1]
    if promised != [hashlib.sha256(data).hexdigest()]:
        reason = f"{path} differs from its checksum: releases never change, restore the file"
        raise UnreadableSource(source, reason)


def _checksum(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _order(version: str) -> tuple[tuple[int, ...], bool, str]:
    numbers, _, rest = version.partition("-")
    return tuple(int(n) for n in re.findall(r"\d+", numbers)), not rest, rest
