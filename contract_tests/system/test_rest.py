"""The API over REST, as its generated document promises it: schemathesis asks Envoy.

What is excluded stands, with reasons, in schemathesis.toml and rest_promises.py.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from contract_tests.edge import EdgeProcess

pytestmark = pytest.mark.system

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BIN = Path(sys.executable).parent
EXAMPLES = "40"  # an operation
ENOUGH = 500  # cases in all: fewer would mean that a phase did not run


@pytest.mark.parametrize(("version", "operations"), [("v1", 5), ("v2", 6)])
def test_the_service_keeps_what_its_document_promises(
    edge: EdgeProcess, tmp_path: Path, version: str, operations: int
) -> None:
    """
    Every check in every phase (examples, boundaries, fuzzing, sequences of calls).

    A version at a time: what one deletes is gone in the other, which schemathesis cannot know.
    """
    document = tmp_path / "openapi.json"
    subprocess.run([BIN / "wireproof", "openapi", "schemas", "-o", document], cwd=ROOT, check=True)
    command = [
        str(BIN / "schemathesis"),
        *("--config-file", str(HERE / "schemathesis.toml")),
        *("run", str(document), "--url", edge.url, "--no-color"),
        *("--include-path-regex", f"^/{version}/"),
        *("--phases", "examples,coverage,fuzzing,stateful"),
        *("--max-examples", EXAMPLES, "--seed", "1"),
    ]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "rest_promises", "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{operations} selected / 11 total" in done.stdout
    generated = re.search(r"(\d+) generated", done.stdout)
    assert generated is not None
    assert int(generated[1]) > ENOUGH
