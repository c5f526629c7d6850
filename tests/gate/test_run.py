"""All stages together: what is said of waivers, and of stages that could not run."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.schema.repos import committed, shop
from wireproof.cli.gate import gate
from wireproof.gate.config import WAIVERS, Config
from wireproof.gate.run import run_gate
from wireproof.verdict import Waiver, write_waiver

LATER = dt.date(9999, 1, 1)
OVER = dt.date(2020, 1, 1)


@pytest.fixture(autouse=True)
def no_pull_request(monkeypatch):
    monkeypatch.delenv("GITHUB_BASE_REF", raising=False)


def waived(folder: Path, fingerprint: str, until: dt.date) -> None:
    write_waiver(folder / WAIVERS, Waiver(fingerprint, "nobody reads it", "ada", until))


def of_waivers(folder: Path, against: str | None = None) -> list[tuple[str, str]]:
    """Rule and file of what the gate says of waivers."""
    stages = run_gate(Config(folder), against=against).stages
    found = [finding for stage in stages if stage.name == "waivers" for finding in stage.findings]
    return [(f.id, f.location.file) for f in found if f.location]


def test_a_waiver_that_covers_nothing_is_told_with_its_file(tmp_path):
    """
    By its path from the root, where an annotation can point at it.
    """
    committed(shop(tmp_path))
    waived(tmp_path, "0" * 12, LATER)
    path = str(WAIVERS / f"{'0' * 12}.yaml")
    assert of_waivers(tmp_path, against="git:main") == [("WAIVER_UNUSED", path)]


def test_a_waiver_is_not_called_unused_where_a_stage_could_not_run(tmp_path):
    """
    What it covers may only not have been looked for; a day that is over needs no look.
    """
    shop(tmp_path)
    waived(tmp_path, "0" * 12, LATER)
    waived(tmp_path, "1" * 12, OVER)
    path = str(WAIVERS / f"{'1' * 12}.yaml")
    assert of_waivers(tmp_path) == [("WAIVER_EXPIRED", path)]


def test_one_reason_is_told_once_for_all_stages_that_it_stops(tmp_path):
    """
    Breaks and promises are compared together, and lack the same base.
    """
    result = CliRunner().invoke(gate, ["--root", str(shop(tmp_path))], standalone_mode=False)
    told = [line for line in result.stderr.splitlines() if line.startswith("wireproof: ")]
    assert [line.partition(": no base")[0] for line in told] == ["wireproof: breaking, promises"]
