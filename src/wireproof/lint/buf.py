"""buf's own lint, by the real buf, under the configuration that a schema came with."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from wireproof.errors import WireproofError
from wireproof.finding import Evidence, Finding, Location, Surface
from wireproof.schema.buf import complaint, run_buf
from wireproof.schema.image import join_image
from wireproof.schema.linting import LintConfig
from wireproof.schema.schema import Schema

_FINDINGS = 100  # the exit code by which buf says that it ran and found something


def linted_by_buf(schema: Schema) -> tuple[Finding, ...]:
    """What `buf lint` finds in the schema's own files, module by module.

    A module without configuration is linted as buf does it: by its standard rules. The image is
    linted, not the folder, so that imports resolve as they did when it was loaded.
    Raises WireproofError where buf cannot run.
    """
    return tuple(
        f for module, own in _modules(schema).items() for f in _linted(schema, module, own)
    )


def _modules(schema: Schema) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name in sorted(schema.own):
        found.setdefault(schema.modules.get(name, "") or ".", set()).add(name)
    return {module: frozenset(names) for module, names in found.items()}


def _linted(schema: Schema, module: str, own: frozenset[str]) -> Iterator[Finding]:
    config = schema.lint.get(module, LintConfig())
    if config.silent:
        return
    with tempfile.TemporaryDirectory(prefix="wireproof-lint-") as name:
        image = Path(name, "image.binpb")
        image.write_bytes(join_image(schema.packed, own))
        said = f"--config={json.dumps(config.document())}"
        done = run_buf("lint", str(image), "--error-format=json", said)
    if done.returncode not in (0, _FINDINGS):
        raise WireproofError(f"buf lint: {complaint(done.stderr.decode('utf-8', 'replace'))}")
    for line in done.stdout.decode().splitlines():
        if line.startswith("{"):
            yield _finding(json.loads(line), schema, module)


def _finding(said: Mapping[str, Any], schema: Schema, module: str) -> Finding:
    path = schema.path(said.get("path", ""))
    return Finding(
        id=said["type"],
        subject=path,
        promised=f"{said['type']} of buf lint",
        found=said["message"],
        message=said["message"],
        surfaces=(Surface.SOURCE,),
        engines=("buf",),
        buf=(said["type"],),
        module="" if module == "." else module,
        evidence=Evidence.DERIVED,
        location=Location(path, said.get("start_line"), said.get("start_column")),
    )
