"""The lint stage: buf lint under the repository's own buf.yaml, its findings as ours."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from wireproof.errors import WireproofError
from wireproof.finding import Evidence, Finding, Location, Surface
from wireproof.schema.buf import complaint, run_buf
from wireproof.schema.source import load
from wireproof.schema.workspace import enclosing, read_config, read_workspace, under

_FINDINGS = 100  # the exit code by which buf says that it ran and found something
_COMPILE = "COMPILE"


def is_configured(root: Path, module: str) -> bool:
    """Whether buf's configuration says anything of the module; else nobody asked for lint."""
    return read_workspace(enclosing(root / module)[0]) is not None


def lint(root: Path, module: str) -> tuple[Finding, ...]:
    """What `buf lint` finds in the module at *root*/*module*.

    Where imports are not in the workspace (buf would fetch them), its image is linted instead.
    Raises WireproofError where buf cannot run.
    """
    lines = _lines(run_buf("lint", module, "--error-format=json", cwd=root))
    if any(line["type"] == _COMPILE for line in lines):
        lines = _image_lines(root, module)
    return tuple(_finding(line, module) for line in lines)


def _image_lines(root: Path, module: str) -> list[dict[str, Any]]:
    """Lint what loading makes of the module: bundled protos are resolved there."""
    home, inside = enclosing(root / module)
    config = {"version": "v2", "lint": _lint_config(home, inside or ".")}
    schema = load(module, root=root)
    with tempfile.TemporaryDirectory(prefix="wireproof-lint-") as name:
        image = Path(name, "image.binpb")
        image.write_bytes(schema.image())
        args = ("--error-format=json", f"--config={json.dumps(config)}")
        lines = _lines(run_buf("lint", str(image), *args, cwd=root))
    return [{**line, "path": schema.path(line.get("path", ""))} for line in lines]


def _lint_config(home: Path, module: str) -> dict[str, Any]:
    """The lint section for *module*, its paths relative to the module as an image has them."""
    path = home / "buf.yaml"
    said = read_config(path) if path.is_file() else {}
    entries = [m for m in said.get("modules") or () if str(m.get("path", ".")).strip("/") == module]
    lint = dict(next((m["lint"] for m in entries if "lint" in m), said.get("lint") or {}))
    inside = [p for p in lint.get("ignore") or () if under(p, module) and p != module]
    lint["ignore"] = [p if module == "." else p.removeprefix(f"{module}/") for p in inside]
    return lint


def _lines(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    """What buf found. Raises WireproofError where it could not run."""
    if done.returncode not in (0, _FINDINGS):
        raise WireproofError(f"buf lint: {complaint(done.stderr.decode('utf-8', 'replace'))}")
    return [json.loads(line) for line in done.stdout.decode().splitlines() if line[:1] == "{"]


def _finding(said: dict[str, Any], module: str) -> Finding:
    path = said.get("path", "")
    return Finding(
        id=said["type"],
        subject=path,
        promised=f"{said['type']} of buf lint",
        found=said["message"],
        message=said["message"],
        surfaces=(Surface.SOURCE,),
        engines=("buf",),
        buf=(said["type"],),
        module=module,
        evidence=Evidence.DERIVED,
        location=Location(path, said.get("start_line"), said.get("start_column")),
    )
