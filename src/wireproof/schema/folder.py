"""A schema from a folder of protos, with or without buf's configuration."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from wireproof.errors import UnreadableSource
from wireproof.schema.buf import build
from wireproof.schema.bundled import (
    bundled_closure,
    bundled_names,
    bundled_proto,
    write_bundled,
)
from wireproof.schema.digest import RUNTIME
from wireproof.schema.roots import infer_modules
from wireproof.schema.schema import Schema, schema_from_image
from wireproof.schema.workspace import (
    Module,
    Workspace,
    configured_below,
    enclosing,
    protos,
    read_workspace,
)

# An import statement at the start of a line, or after another statement.
_IMPORT = re.compile(
    r"""(?:^|;|\*/)\s*import\s+(?:public\s+|weak\s+|option\s+)?["']([^"']+)["'](?=\s*;)""", re.M
)


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder read once: where its protos are, and what they import."""

    path: Path
    workspace: Workspace
    provided: Mapping[str, tuple[str, str]]
    """Import path → the module it lies in and the text of the file."""

    @property
    def missing(self) -> frozenset[str]:
        imported = {name for _, text in self.provided.values() for name in _IMPORT.findall(text)}
        known = (name for name in imported if name.startswith(RUNTIME))
        return frozenset(imported - self.provided.keys() - set(known))


def schema_from_folder(path: Path, *, source: str, only: str | None = None) -> Schema:
    """The schema of the protos in *path*; *only* one of them (relative to it) and its imports.

    Imports that the folder lacks come from the bundled protos; its own copies win. Raises
    UnreadableSource where it holds no proto or does not compile.
    """
    if not any(protos(path)):
        raise UnreadableSource(source, "there is no .proto file in it")
    home, inside = enclosing(path)
    below = "" if inside or only else configured_below(home)
    folder = _read(home / below, only)
    image = _build(folder, _Wanted(inside, only or "", source))
    modules = {name: "" if at == "." else at for name, (at, _) in folder.provided.items()}
    schema = schema_from_image(
        image, source=source, imported=_imported(folder, inside), modules=modules
    )
    if inside:  # paths count from the folder that was asked for, not from its workspace
        at = "" if source == "." else f"{source.rstrip('/')}/"
        schema.paths = {name: f"{at}{name}" for name in schema.own}
    schema.folder = below
    schema.breaking = {m.path: m.breaking for m in folder.workspace.modules if m.breaking}
    schema.lint = {m.path: m.lint for m in folder.workspace.modules if m.lint}
    return schema


def _read(path: Path, only: str | None) -> _Folder:
    found = list(protos(path))
    workspace = read_workspace(path)
    texts = {name: (path / name).read_text("utf-8", "replace") for name in found}
    if workspace is None:
        workspace = Workspace(infer_modules(texts, only), configured=False)
    provided: dict[str, tuple[str, str]] = {}
    for name, text in texts.items():
        if module := workspace.module_of(name):
            relative = name if module.path == "." else name[len(module.path) + 1 :]
            provided[relative] = (module.path, text)
    return _Folder(path, workspace, provided)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What of a folder is asked for."""

    module: str
    """A module of the workspace; empty for all of it."""
    file: str
    """One file; empty for all of them."""
    source: str


def _build(folder: _Folder, wanted: _Wanted) -> bytes:
    """As it stands where buf can, else staged: beside the bundled protos, without remote modules.

    One process in the usual case; remote modules may be in buf's cache, so they get a try.
    """
    plain = folder.workspace.configured or [m.path for m in folder.workspace.modules] == ["."]
    gaps = folder.missing | {m.path for m in _empty(folder)}
    if plain and (not gaps or folder.workspace.deps):
        try:
            return _run(wanted, folder.path)
        except UnreadableSource:
            if not folder.workspace.deps:
                raise
    return _staged(folder, wanted)


def _run(wanted: _Wanted, cwd: Path, below: str = "") -> bytes:
    # In a stage the modules are links, which lead out of it where they are named themselves.
    module = "." if below else wanted.module or "."
    paths = ("--path", f"{below}{wanted.file}") if wanted.file else ()
    return build(module, *paths, source=wanted.source, cwd=cwd, strip="workspace")


def _staged(folder: _Folder, wanted: _Wanted) -> bytes:
    unknown = _unresolved(folder)
    if unknown and folder.workspace.deps:
        deps = ", ".join(folder.workspace.deps)
        reason = f"the imports {_few(unknown)} come from {deps}, which buf cannot fetch or has not"
        reason = f"{reason} cached: run `buf dep update` where it can"
        raise UnreadableSource(wanted.source, reason)
    with tempfile.TemporaryDirectory(prefix="wireproof-") as name:
        stage = Path(name)
        needed = bundled_closure(folder.missing) - folder.provided.keys()
        lay_out(folder.path, folder.workspace, stage, needed)
        return _run(wanted, stage, "workspace/")


def lay_out(folder: Path, workspace: Workspace, stage: Path, needed: frozenset[str]) -> None:
    """Make *stage* a buf workspace of *folder*'s modules and the bundled protos they need."""
    (stage / "workspace").symlink_to(folder.resolve(), target_is_directory=True)
    write_bundled(stage / "bundled", only=needed)
    modules = [_entry(m) for m in workspace.modules if any(protos(folder / m.path))]
    if needed:
        modules.append({"path": "bundled"})
    config = {"version": "v2", "modules": modules}
    (stage / "buf.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")


def _entry(module: Module) -> dict[str, object]:
    def at(path: str) -> str:
        return "workspace" if path == "." else f"workspace/{path}"

    entry: dict[str, object] = {"path": at(module.path)}
    if module.excludes:
        entry["excludes"] = [at(path) for path in module.excludes]
    if module.includes:
        entry["includes"] = [at(path) for path in module.includes]
    return entry


def _imported(folder: _Folder, module: str) -> frozenset[str]:
    """Files that are not the module's own: other modules', bundled protos, and copies of them."""
    others = {n for n, (at, _) in folder.provided.items() if module and at != module}
    both = bundled_names() & folder.provided.keys()
    copies = (name for name in both if bundled_proto(name) == folder.provided[name][1])
    return frozenset((bundled_names() - both).union(copies, others))


def _empty(folder: _Folder) -> list[Module]:
    filled = {at for at, _ in folder.provided.values()}
    return [module for module in folder.workspace.modules if module.path not in filled]


def _unresolved(folder: _Folder) -> list[str]:
    return sorted(folder.missing - bundled_names())


def _few(names: list[str], limit: int = 3) -> str:
    return ", ".join(names[:limit]) + (", …" if len(names) > limit else "")
