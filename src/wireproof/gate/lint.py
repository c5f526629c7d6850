"""The lint stage: buf's lint where buf.yaml asks for it, and Wireproof's governance rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from wireproof.finding import Finding
from wireproof.gate.config import Config
from wireproof.lint.engine import lint
from wireproof.schema.schema import Schema
from wireproof.schema.source import load
from wireproof.schema.workspace import read_workspace


def configured_here(schema: Schema, root: Path) -> Schema:
    """*schema* under the buf configuration of *root*, where it brings none: images do not."""
    workspace = read_workspace(root)
    if schema.lint or workspace is None:
        return schema
    schema.lint = {m.path: m.lint for m in workspace.modules if m.lint}
    places = {name: m.path for m in workspace.modules for name in _named(schema, root / m.path)}
    schema.modules = {**places, **schema.modules}
    schema.paths = {n: n if m == "." else f"{m}/{n}" for n, m in places.items()} | dict(
        schema.paths
    )
    return schema


def _named(schema: Schema, folder: Path) -> list[str]:
    return [name for name in schema.own if (folder / name).is_file()]


def linted(config: Config) -> tuple[Finding, ...]:
    """What lint finds in every module.

    A module that no configuration of buf covers asked for none of its rules. Raises
    WireproofError where a module cannot be read, or buf cannot run.
    """
    found: list[Finding] = []
    for module in config.modules:
        schema = load(module, root=config.root)
        asked = bool(schema.lint)
        found += (
            replace(finding, module=module) for finding in lint(schema, config.lint, buf=asked)
        )
    return tuple(found)
