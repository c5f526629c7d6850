"""The lint stage: buf lint, its findings as ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from wireproof.errors import WireproofError
from wireproof.finding import Evidence, Finding, Location, Surface
from wireproof.schema.buf import complaint, run_buf

_FINDINGS = 100  # the exit code by which buf says that it ran and found something


def lint(root: Path, module: str) -> tuple[Finding, ...]:
    """What `buf lint` finds in the module at *root*/*module*, under the repository's buf.yaml.

    Raises WireproofError where buf itself could not run.
    """
    done = run_buf("lint", module, "--error-format", "json", cwd=root)
    if done.returncode not in (0, _FINDINGS):
        raise WireproofError(f"buf lint {module}: {complaint(done.stderr.decode())}")
    return tuple(_findings(done.stdout.decode(), module))


def _findings(lines: str, module: str) -> Iterator[Finding]:
    for line in lines.splitlines():
        said = json.loads(line)
        yield Finding(
            id=said["type"],
            subject=said["path"],
            promised=f"{said['type']} of buf lint",
            found=said["message"],
            message=said["message"],
            surfaces=(Surface.SOURCE,),
            engines=("buf",),
            buf=(said["type"],),
            module=module,
            evidence=Evidence.DERIVED,
            location=Location(said["path"], said.get("start_line"), said.get("start_column")),
        )
