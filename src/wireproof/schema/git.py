"""A schema from a git ref, read without touching the work tree."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from wireproof.errors import UnreadableSource
from wireproof.schema.schema import Schema
from wireproof.schema.workspace import CONFIGS, under

_KEPT = (*CONFIGS, "buf.lock")
_LINK = "120000"
_SUBMODULE = "160000"


@dataclass(frozen=True, slots=True)
class _Blob:
    mode: str
    oid: str
    path: str


def schema_from_git(ref: str, path: str, *, source: str, root: Path) -> Schema:
    """The schema that lay at *path* in the repository of *root* when it was at *ref*.

    *path* counts from *root*, or else from the top of the repository; without one it is the folder
    *root* itself. Raises UnreadableSource: no repository, no such ref, a shallow clone, no such
    path.
    """
    from wireproof.schema.source import schema_from_path  # git refs hold every kind of source

    commit = _commit(ref, source, root)
    prefix = _git(root, "rev-parse", "--show-prefix").stdout.decode().strip()
    at, blobs = _blobs(commit, path, prefix, source, root)
    with tempfile.TemporaryDirectory(prefix="wireproof-git-") as name:
        folder = Path(name)
        _write(folder, blobs, root)
        if at and not (folder / at).exists():
            raise UnreadableSource(source, f"{path or at} holds no .proto file at {ref}")
        schema = schema_from_path(folder / at, source=source, strip=str(folder))
    if at.endswith(".proto"):
        schema.paths = dict.fromkeys(schema.own, path)
    elif schema.paths:  # a module of a workspace
        schema.paths = {name: f"{path}/{name}".lstrip("/") for name in schema.own}
    else:
        schema.folder = PurePosixPath(path, schema.folder).as_posix()
    return schema


def _commit(ref: str, source: str, root: Path) -> str:
    if not ref or ref.startswith("-"):
        raise UnreadableSource(source, "a git source names a ref: git:main")
    try:
        inside = _git(root, "rev-parse", "--git-dir")
    except FileNotFoundError:
        reason = "git is not installed; install it, or name a folder or an image"
        raise UnreadableSource(source, reason) from None
    if inside.returncode:
        raise UnreadableSource(source, _first(inside.stderr) or f"{root} is no git repository")
    for candidate in (ref, f"origin/{ref}"):  # CI checkouts know other branches only so
        found = _git(root, "rev-parse", "--verify", "--quiet", f"{candidate}^{{commit}}")
        if found.returncode == 0:
            return found.stdout.decode().strip()
    raise UnreadableSource(source, _no_such_ref(ref, root))


def _no_such_ref(ref: str, root: Path) -> str:
    shallow = _git(root, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
    if shallow:
        return (
            f"there is no ref {ref!r} in this shallow clone: "
            "fetch its history (git fetch --unshallow, or fetch-depth: 0 in GitHub Actions)"
        )
    return f"there is no ref {ref!r} in this repository: name a branch, a tag or a commit"


def _blobs(commit: str, path: str, prefix: str, source: str, root: Path) -> tuple[str, list[_Blob]]:
    """Where the source lies in the tree, and the files that it may need."""
    listed = _git(root, "ls-tree", "-r", "-z", "--full-tree", commit).stdout.decode()
    tree = [blob for e in listed.split("\0") if e and (blob := _blob(e)).mode != _SUBMODULE]
    for base in dict.fromkeys((prefix, "")):
        at = _normal(PurePosixPath(base) / path)
        if any(under(blob.path, at) for blob in tree):
            top = _top(at, {blob.path for blob in tree})
            needed = (b for b in tree if b.path == at or (under(b.path, top) and _wanted(b.path)))
            return at, list(needed)
    raise UnreadableSource(source, f"there is no {path or prefix} at that ref")


def _top(at: str, paths: set[str]) -> str:
    """The folder that holds the source's imports: its workspace; for a file, everything."""
    if at.endswith(".proto"):
        return ""
    folders = [at, *(str(parent) for parent in PurePosixPath(at).parents)]
    for folder in folders:
        prefix = "" if folder in ("", ".") else f"{folder}/"
        if any(f"{prefix}{name}" in paths for name in CONFIGS):
            return folder
    return at


def _blob(entry: str) -> _Blob:
    facts, _, path = entry.partition("\t")
    mode, _, oid = facts.split()
    return _Blob(mode, oid, path)


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts = parts[:-1]
        elif part not in (".", "/"):
            parts.append(part)
    return "/".join(parts)


def _wanted(path: str) -> bool:
    return path.endswith(".proto") or path.rpartition("/")[2] in _KEPT


def _write(folder: Path, blobs: list[_Blob], root: Path) -> None:
    """Write *blobs* below *folder*; one git process reads them all, whatever is export-ignored."""
    asked = "".join(f"{blob.oid}\n" for blob in blobs).encode()
    data = _git(root, "cat-file", "--batch", given=asked).stdout
    at = 0
    for blob in blobs:
        head, _, _ = data[at : at + 200].partition(b"\n")
        start, size = at + len(head) + 1, int(head.split()[2])
        _place(folder, blob, data[start : start + size])
        at = start + size + 1


def _place(folder: Path, blob: _Blob, content: bytes) -> None:
    path = folder / blob.path
    path.parent.mkdir(parents=True, exist_ok=True)
    if blob.mode == _LINK:
        target = content.decode()
        if (path.parent / target).resolve().is_relative_to(folder.resolve()):
            path.symlink_to(target)
    else:
        path.write_bytes(content)


def _git(root: Path, *args: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["git", "-C", str(root), *args], input=given, capture_output=True, check=False
    )


def _first(stderr: bytes) -> str:
    text = stderr.decode("utf-8", "replace").strip()
    if "not a git repository" in text:
        return ""
    return text.splitlines()[0].removeprefix("fatal: ") if text else ""
