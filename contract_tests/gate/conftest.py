"""A clone of this repository in which a change can be made, and its own gate run on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Clone:
    """A repository of its own, with everything that set-up makes."""

    root: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        # The clone's own code and generated code come before the installed ones.
        path = os.pathsep.join(str(self.root / part) for part in ("src", "gen/python", "."))
        environment = {
            **os.environ,
            "PYTHONPATH": path,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        }
        environment.pop("GITHUB_BASE_REF", None)
        return subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.root / file
        text = path.read_text()
        assert text.count(old) == 1, f"{file} holds {text.count(old)} times: {old}"
        path.write_text(text.replace(old, new))

    def gate(self, *options: str) -> tuple[int, dict[str, Any]]:
        """The exit code and the report of the gate, as JSON."""
        generated = self.run("buf", "generate")
        assert generated.returncode == 0, generated.stderr
        done = self.run("wireproof", "gate", "--format", "json", *options)
        assert "Traceback" not in done.stderr
        return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """The tree as it stands, committed on main of a repository with no past."""
    root: Path = tmp_path_factory.mktemp("prepared")
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", "-z"],
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    for command in (["init", "-qb", "main"], ["add", "-A"], [*identity, "commit", "-qm", "all"]):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    shutil.copytree(ROOT / "third_party", root / "third_party")
    return root


@pytest.fixture(scope="session")
def pristine(prepared) -> Clone:
    """A clone that nobody changes."""
    return Clone(prepared)


@pytest.fixture
def clone(prepared, tmp_path) -> Clone:
    root = tmp_path / "clone"
    shutil.copytree(prepared, root)
    return Clone(root)


@pytest.fixture
def changed(clone: Clone) -> Callable[..., Clone]:
    """The clone, with a text in one of its files replaced."""

    def change(file: str, old: str, new: str) -> Clone:
        clone.replace(file, old, new)
        return clone

    return change
