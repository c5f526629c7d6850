"""`wireproof openapi` at a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.openapi.support import PROTOS, document
from wireproof.cli import main


def run(*arguments: str) -> int:
    """The exit code."""
    with pytest.raises(SystemExit) as ended:
        main(["openapi", *arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_json_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """
    And nothing else does: what is left out is said on stderr.
    """
    assert run(str(PROTOS)) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == document().content
    assert said.err.count("wireproof: left out library.v1.Library.Probe") == 3


def test_yaml_goes_to_a_file_that_is_called_so(tmp_path: Path) -> None:
    """
    The same document, without anchors.
    """
    path = tmp_path / "openapi.yaml"
    assert run(str(PROTOS), "-o", str(path)) == 0
    assert yaml.safe_load(path.read_text()) == document().content
    assert "&id" not in path.read_text()


def test_a_schema_without_bindings_could_not_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    An empty document would look like an interface.
    """
    (tmp_path / "a.proto").write_text('syntax = "proto3";\npackage a;\nmessage M {}\n')

    assert run(str(tmp_path)) == 2
    assert "has an HTTP binding; annotate them with google.api.http" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """
    In one sentence.
    """
    assert run(str(PROTOS), "-o", "/no/such/folder/o.json") == 2
    assert "cannot write /no/such/folder/o.json: No such file" in capsys.readouterr().err


def test_a_document_is_checked_against_its_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    As it was written it passes; changed or missing it does not, and is left as it is.
    """
    path = tmp_path / "openapi.yaml"
    assert run(str(PROTOS), "-o", str(path), "--check") == 2
    assert f"there is no {path} yet" in capsys.readouterr().err

    run(str(PROTOS), "-o", str(path))
    assert run(str(PROTOS), "-o", str(path), "--check") == 0
    path.write_text("openapi: 3.1.0\n")
    assert run(str(PROTOS), "-o", str(path), "--check") == 1
    assert f"{path} is not what {PROTOS} says" in capsys.readouterr().err
    assert path.read_text() == "openapi: 3.1.0\n"
    assert run(str(PROTOS), "--check") == 2
