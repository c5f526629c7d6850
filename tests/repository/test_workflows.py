"""What the repository says of itself is true."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_hash(path):
    uses = re.findall(r"uses: (\S+)", path.read_text())
    assert [u for u in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", u)] == []
    assert uses


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_permissions_are_none_unless_a_job_asks(path):
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {}
    asked = [job.get("permissions", {}) for job in workflow["jobs"].values()]
    assert all(right == "read" for rights in asked for right in rights.values())


def test_the_gate_runs_on_the_pythons_that_the_package_promises():
    workflow = yaml.safe_load((ROOT / ".github/workflows/gate.yml").read_text())
    tested = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    pattern = r"Programming Language :: Python :: (3\.\d+)$"
    promised = [m[1] for c in PROJECT["classifiers"] if (m := re.match(pattern, c))]
    assert tested == promised


def test_the_gate_fetches_the_whole_history():
    """A shallow clone has no merge base."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/gate.yml").read_text())
    checkout = workflow["jobs"]["gate"]["steps"][0]
    assert checkout["with"]["fetch-depth"] == 0


def test_the_lock_holds_hashes_and_no_address():
    lock = (ROOT / "requirements.lock").read_text()
    pins = re.findall(r"^[\w.-]+==\S+", lock, re.M)
    assert len(pins) > 20
    assert lock.count("--hash=sha256:") >= len(pins)
    assert "://" not in lock


def test_every_dependency_is_locked():
    lock = (ROOT / "requirements.lock").read_text().lower()
    names = [re.split(r"[><=\[ ]", d)[0].lower() for d in PROJECT["dependencies"]]
    assert [name for name in names if f"{name}==" not in lock] == []
