"""What a folder of protos says of itself: its modules, as buf's configuration files name them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from wireproof.errors import MalformedFile
from wireproof.schema.breaking import BreakingConfig, breaking_config
from wireproof.schema.linting import LintConfig, lint_config

CONFIGS = ("buf.yaml", "buf.work.yaml")


@dataclass(frozen=True, slots=True)
class Module:
    """One root of imports, relative to its workspace."""

    path: str
    excludes: tuple[str, ...] = ()
    """Folders left out, relative to the workspace."""
    includes: tuple[str, ...] = ()
    """The only folders taken in, relative to the workspace; none means all."""
    breaking: BreakingConfig | None = None
    """What it says of breaking changes; None where it says nothing."""
    lint: LintConfig | None = None
    """What it says of lint; None where there is no configuration at all."""

    def covers(self, path: str) -> bool:
        """Whether the file at *path*, relative to the workspace, belongs to the module."""
        inside = under(path, self.path) and not any(under(path, ex) for ex in self.excludes)
        return inside and (not self.includes or any(under(path, inc) for inc in self.includes))


@dataclass(frozen=True, slots=True)
class Workspace:
    """The modules of a folder, and the modules of the BSR that they depend on."""

    modules: tuple[Module, ...]
    deps: tuple[str, ...] = ()
    configured: bool = True

    def module_of(self, path: str) -> Module | None:
        found = [module for module in self.modules if module.covers(path)]
        return max(found, key=lambda module: len(module.path), default=None)


def under(path: str, folder: str) -> bool:
    return folder in ("", ".") or path == folder or path.startswith(folder.rstrip("/") + "/")


def read_workspace(folder: Path) -> Workspace | None:
    """The workspace that *folder* configures (v1beta1, v1, v2), None without a configuration."""
    work, own = folder / "buf.work.yaml", folder / "buf.yaml"
    if own.is_file():
        config = read_config(own)
        if config.get("version") == "v2":
            return _v2(config)
    if work.is_file():
        return _v1_workspace(folder, read_config(work))
    if own.is_file():
        modules, deps = _v1_module(config, "")
        return Workspace(modules, deps)
    return None


def enclosing(folder: Path) -> tuple[Path, str]:
    """The workspace of which *folder* is a module, and where in it: itself, where there is none.

    A module needs the modules beside it for its imports.
    """
    if _is_configured(folder):
        return folder, ""
    for parent in folder.absolute().parents:
        if _is_configured(parent):
            inside = folder.absolute().relative_to(parent).as_posix()
            workspace = read_workspace(parent)
            modules = workspace.modules if workspace else ()
            return (parent, inside) if any(m.path == inside for m in modules) else (folder, "")
        if (parent / ".git").exists():
            break
    return folder, ""


def configured_below(folder: Path) -> str:
    """The configured folder below *folder* in which all its protos lie, relative to it.

    Empty where *folder* is configured itself, or there is none.
    """
    if _is_configured(folder):
        return ""
    parents = [PurePosixPath(name).parent.as_posix() for name in protos(folder)]
    shared = PurePosixPath(os.path.commonpath(parents)) if parents else PurePosixPath()
    steps = (PurePosixPath(*shared.parts[:count]) for count in range(1, len(shared.parts) + 1))
    return next((str(step) for step in steps if _is_configured(folder / step)), "")


def read_config(path: Path) -> dict[str, Any]:
    """A buf configuration file as a mapping; raises MalformedFile."""
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        raise MalformedFile(str(path), line, "it is no valid YAML") from error
    if not isinstance(config, dict):
        raise MalformedFile(str(path), 1, "a buf configuration is a mapping")
    return config


def protos(folder: Path) -> Iterator[str]:
    """Every .proto file below *folder*, relative to it, hidden folders left out, in order."""
    for path in sorted(folder.rglob("*.proto")):
        relative = path.relative_to(folder)
        if not any(part.startswith(".") for part in relative.parts) and path.is_file():
            yield relative.as_posix()


def _is_configured(folder: Path) -> bool:
    return any((folder / name).is_file() for name in CONFIGS)


def _v2(config: dict[str, Any]) -> Workspace:
    entries = config.get("modules") or [{"path": "."}]
    modules = tuple(_v2_module(config, entry) for entry in entries)
    return Workspace(modules, tuple(config.get("deps") or ()))


def _v2_module(config: dict[str, Any], entry: dict[str, Any]) -> Module:
    path = _clean(entry.get("path", "."))
    return Module(
        path,
        _paths(entry, "excludes"),
        _paths(entry, "includes"),
        breaking_config(entry.get("breaking") or config.get("breaking")),
        lint_config(config, entry.get("lint") or config.get("lint"), path),
    )


def _v1_workspace(folder: Path, work: dict[str, Any]) -> Workspace:
    modules: list[Module] = []
    deps: list[str] = []
    for directory in work.get("directories") or ():
        own = folder / directory / "buf.yaml"
        config = read_config(own) if own.is_file() else {}
        found, needed = _v1_module(config, _clean(directory))
        modules += found
        deps += needed
    return Workspace(tuple(modules), tuple(dict.fromkeys(deps)))


def _v1_module(config: dict[str, Any], at: str) -> tuple[tuple[Module, ...], tuple[str, ...]]:
    build = config.get("build") or {}
    roots = build.get("roots") or ["."]  # v1beta1 only; a v1 module has one root
    excludes = tuple(_join(at, path) for path in build.get("excludes") or ())
    breaking = breaking_config(config.get("breaking"), at)
    lint = lint_config(config, config.get("lint"))
    modules = tuple(
        Module(_join(at, root), excludes, breaking=breaking, lint=lint) for root in roots
    )
    return modules, tuple(config.get("deps") or ())


def _paths(entry: dict[str, Any], key: str) -> tuple[str, ...]:
    return tuple(_clean(path) for path in entry.get(key) or ())


def _join(at: str, path: str) -> str:
    return _clean(f"{at}/{path}" if at else path)


def _clean(path: str) -> str:
    parts = [part for part in str(path).split("/") if part not in ("", ".")]
    return "/".join(parts) or "."
