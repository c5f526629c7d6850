"""`wireproof release`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?")


def _version(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    version = value.removeprefix("v")
    if not _VERSION.fullmatch(version):
        raise click.BadParameter(f"{value!r} must be a semantic version such as 1.2.0")
    return version


@click.command()
@click.argument("version", callback=_version)
@click.argument("source", required=False)
@click.option("--dry-run", is_flag=True, help="Say what would be frozen, and write nothing.")
@click.option("--format", "shape", type=click.Choice(("text", "json")), default="text")
def release(version: str, source: str | None, dry_run: bool, shape: str) -> None:
    """Freeze the schema as VERSION: its image with all imports, and its checksum, for ever.

    SOURCE is the module of wireproof.yaml where none is given (the folder, where it has several).
    """
    from wireproof.schema.release import unused_path, write_release
    from wireproof.schema.source import load

    root = Path.cwd()
    schema = load(source or _module(root), root=root)
    path = unused_path(root, version)
    if not dry_run:
        write_release(root, version, schema.image())
    where = path.relative_to(root)
    facts = {"version": version, "digest": schema.digest, "files": len(schema.packed)}
    if shape == "json":
        written = {"path": str(where), "dry_run": dry_run}
        click.echo(json.dumps({"format_version": 1, **facts, **written}, indent=2))
    else:
        click.echo(f"{where}: {version}, {facts['files']} files, {schema.digest}")
        if dry_run:
            click.echo("wireproof: a dry run, nothing is written", err=True)


def _module(root: Path) -> str:
    """The module that the configuration names, or the folder of several."""
    from wireproof.gate.config import read_config

    modules = read_config(root).modules
    return modules[0] if len(modules) == 1 else "."
