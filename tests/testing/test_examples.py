"""Failures are kept, and tried first by the next run: locally, and shared where that is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis.database import (
    DirectoryBasedExampleDatabase,
    MultiplexedDatabase,
)

from contract_tests.redis_server import redis_server
from tests.cli.test_test import image, run
from tests.testing.test_fuzzing import Long
from tests.testing.zoo import open_zoo
from wireproof.errors import MalformedFile
from wireproof.gate.config import read_config
from wireproof.testing.examples import Examples, UnusableExamples, database

__all__ = ["image"]  # a fixture


def ids(image: str, capsys: Any, *words: str) -> list[str]:
    """What a run by the command line finds."""
    drawn = ("--phases", "examples,fuzzing", "--method", "AddBeast", "--format", "json")
    with open_zoo(Long) as (address, _):
        run(address, "--schema", image, *drawn, *words)
    return [finding["id"] for finding in json.loads(capsys.readouterr().out)["findings"]]


def test_the_next_run_tries_first_what_the_last_one_found(image, tmp_path, monkeypatch, capsys):
    """
    By the command line alone, in the folder that it is run in; the third run is told not to look.
    """
    monkeypatch.chdir(tmp_path)
    assert ids(image, capsys, "--max-calls", "300") == ["SERVER_FAULT"]
    assert ids(image, capsys, "--max-calls", "3", "--seed", "5") == ["SERVER_FAULT"]
    assert ids(image, capsys, "--max-calls", "3", "--seed", "5", "--examples", "") == []


@pytest.mark.system
def test_two_machines_share_their_failures_through_redis(image, tmp_path, monkeypatch, capsys):
    """
    What one has found another tries first, though their folders have nothing in common.

    A third, which is told of no Redis, would need more calls.
    """
    with redis_server() as shared:
        for name, said in (("one", shared.url), ("two", shared.url), ("three", "")):
            folder = tmp_path / name
            folder.mkdir()
            (folder / "wireproof.yaml").write_text(f"examples: {{folder: kept, redis: '{said}'}}\n")
        monkeypatch.chdir(tmp_path / "one")
        assert ids(image, capsys, "--max-calls", "300") == ["SERVER_FAULT"]
        monkeypatch.chdir(tmp_path / "two")
        assert ids(image, capsys, "--max-calls", "3", "--seed", "5") == ["SERVER_FAULT"]
        monkeypatch.chdir(tmp_path / "three")
        assert ids(image, capsys, "--max-calls", "3", "--seed", "5") == []


def test_the_folder_is_the_one_that_is_said(tmp_path):
    """
    From the root of the repository.
    """
    kept = database(Examples(folder="kept"), tmp_path)
    assert isinstance(kept, DirectoryBasedExampleDatabase)
    assert kept.path == tmp_path / "kept"
    assert database(Examples(folder=""), tmp_path) is None


def test_a_shared_database_stands_beside_the_local_one(tmp_path, monkeypatch):
    """
    Read from the artifact of CI, written to the folder alone.
    """
    monkeypatch.setenv("GITHUB_TOKEN", "none")
    kept = database(Examples(github="owner/repository"), tmp_path)
    assert isinstance(kept, MultiplexedDatabase)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (Examples(github="repository"), "OWNER/REPOSITORY"),
        (Examples(redis="redis://127.0.0.1:1"), "cannot use examples.redis"),
        (Examples(redis="nonsense"), "cannot use examples.redis"),
    ],
)
def test_a_database_that_cannot_be_used_is_told(said, sentence, tmp_path):
    """
    Before the first call.
    """
    with pytest.raises(UnusableExamples, match=sentence):
        database(said, tmp_path)


def test_the_configuration_says_where(tmp_path: Path):
    """
    In wireproof.yaml, every key checked.
    """
    path = tmp_path / "wireproof.yaml"
    path.write_text("examples: {folder: kept, github: a/b}\n")
    said = Examples(**read_config(tmp_path).examples)
    assert said == Examples(folder="kept", github="a/b")
    path.write_text("examples: {foldr: kept}\n")
    with pytest.raises(MalformedFile, match="folder"):
        read_config(tmp_path)
