"""The console: type-checked, built, and used in a real browser through Envoy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from contract_tests.edge import EdgeProcess

pytestmark = pytest.mark.system

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent


def run(*command: str, **environment: str) -> None:
    """Run a program of Node's in the console's folder; what it says is shown when it fails."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=HERE,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def built() -> None:
    """The console as it would be delivered, from the locked packages and today's protos."""
    run("npm", "ci", "--no-fund", "--no-audit", "--loglevel=error")
    for step in ("generate", "check", "build"):
        run("npm", "run", step)


@pytest.mark.usefixtures("built")
def test_the_console_works_in_a_browser(edge: EdgeProcess) -> None:
    """
    Lists, creates, renames, follows events across lost connections, and is used by keyboard.
    """
    run("npm", "test", EDGE=edge.address)
