"""Where a schema comes from: one notation, one parser.

A folder, a .proto file, an image, `git:REF[:PATH]`, `release:VERSION`, `grpc://HOST:PORT`, or
anything else that buf takes.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Sequence
from itertools import accumulate
from pathlib import Path

from wireproof.errors import UnreadableSource
from wireproof.schema.buf import build
from wireproof.schema.schema import Schema, schema_from_image

_CONVERTED = (".json", ".txtpb", ".yaml", ".zst")
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.zst", ".zip", ".git")
_REMOTE = re.compile(r"^(\w+://|[\w-]+(\.[\w-]+)+/[^/]+/)")
_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.M)
_CONFIGS = ("buf.yaml", "buf.work.yaml")


def load(source: str, *, root: Path | None = None) -> Schema:
    """The schema at *source*; relative paths, refs and releases count from *root*.

    Raises UnreadableSource (or UnknownName for a release) where there is none.
    """
    root = root or Path()
    kind, _, rest = source.partition(":")
    if kind == "git" and not rest.startswith("//"):
        from wireproof.schema.git import schema_from_git

        ref, _, path = rest.partition(":")
        return schema_from_git(ref, path, source=source, root=root)
    if kind == "release":
        from wireproof.schema.release import schema_from_release

        return schema_from_release(rest, source=source, root=root)
    if kind in ("grpc", "grpcs") and rest.startswith("//"):
        from wireproof.schema.reflection import schema_by_reflection

        return schema_by_reflection(source)
    return _path_or_remote(source, root)


def load_all(sources: Sequence[str], *, root: Path | None = None) -> list[Schema]:
    """The schemas at *sources*, in order; what takes a process to read is read side by side."""
    if all(_is_image(source, root) for source in sources):
        return _shared(load(source, root=root) for source in sources)
    # Only who waits for buf or git pays for it.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=2) as pool:
        return _shared(pool.map(lambda source: load(source, root=root), sources))


def _shared(schemas: Iterable[Schema]) -> list[Schema]:
    """Each takes over the files that the one before has byte for byte: they are read once."""
    return list(accumulate(schemas, lambda before, schema: schema.sharing(before)))


def _is_image(source: str, root: Path | None) -> bool:
    return not source.endswith(".proto") and ((root or Path()) / source).is_file()


def _path_or_remote(source: str, root: Path) -> Schema:
    path = root / source
    if path.exists() and not source.endswith(_ARCHIVES):
        schema = schema_from_path(path, source=source)
        if path.is_dir() and not schema.paths:
            schema.folder = Path(source, schema.folder).as_posix()
        return schema
    if path.exists() or _REMOTE.match(source) or "#" in source:
        return schema_from_image(build(source, source=source, cwd=root), source=source)
    reason = (
        "there is no such file or folder; a source is a folder, an image, git:REF[:PATH], "
        "release:VERSION, grpc://HOST:PORT or anything that buf takes"
    )
    raise UnreadableSource(source, reason)


def schema_from_path(path: Path, *, source: str, strip: str = "") -> Schema:
    """The schema of what lies at *path*; *strip* is a folder that messages must not show."""
    try:
        if path.is_dir():
            from wireproof.schema.folder import schema_from_folder  # images need none of it

            return schema_from_folder(path, source=source)
        if path.suffix == ".proto":
            return _single(path, source)
        return _image(path, source)
    except UnreadableSource as error:
        if strip:
            error.reason = error.reason.replace(f"{strip}/", "")
        raise
    except OSError as error:
        raise UnreadableSource(source, error.strerror or str(error)) from error


def _single(path: Path, source: str) -> Schema:
    """One .proto file and what it imports."""
    from wireproof.schema.folder import schema_from_folder

    path = path.resolve()
    home = _home(path)
    schema = schema_from_folder(home, source=source, only=path.relative_to(home).as_posix())
    own = next((n for n in schema.own if str(path).endswith(f"/{n}")), None)
    if own is None:
        raise UnreadableSource(source, "buf's configuration leaves this file out")
    single = Schema(source=source, own=frozenset({own}), packed=schema.packed)
    single.breaking, single.lint = schema.breaking, schema.lint
    single.modules = {own: source.removesuffix(own).rstrip("/")} if source.endswith(own) else {}
    return single


def _home(path: Path) -> Path:
    """The folder that a file's imports count from: configured, or implied by its package."""
    for folder in path.parents:
        if any((folder / name).is_file() for name in _CONFIGS):
            return folder
    found = _PACKAGE.search(path.read_text("utf-8", "replace"))
    parts = found.group(1).split(".") if found else []
    above = path.parent.parts[-len(parts) :] if parts else ()
    return path.parents[len(parts)] if parts and list(above) == parts else path.parent


def _image(path: Path, source: str) -> Schema:
    suffixes = [s for s in path.suffixes if s != ".gz"]
    if suffixes and suffixes[-1] in _CONVERTED:
        return schema_from_image(build(str(path.resolve()), source=source), source=source)
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError) as error:
            raise UnreadableSource(source, "it is no valid gzip file") from error
    return schema_from_image(data, source=source)
