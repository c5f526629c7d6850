from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wireproof.cli import main

HEAD = 'syntax = "proto3";\npackage shop.v1;\n'
OLD = "message Order {\n  int64 total = 1;\n}\n"


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """old.proto, and new.proto with the total narrowed."""
    (tmp_path / "old.proto").write_text(HEAD + OLD)
    (tmp_path / "new.proto").write_text(HEAD + OLD.replace("int64", "int32"))
    (tmp_path / "more.proto").write_text(HEAD + OLD.replace("}", "  string note = 2;\n}"))
    (tmp_path / "comment.proto").write_text(f"{HEAD}// An order.\n{OLD}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(["diff", *args])
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_document_is_the_one_that_others_script_against(
    versions: Path, capsys: pytest.CaptureFixture[str]
):
    """
    Keys and shapes are fixed; what they say follows from int64 read as int32.
    """
    assert run("old.proto", "new.proto", "--format", "json") == 1
    said = document(capsys)
    (finding,) = said.pop("findings")
    digests = said["old"].pop("digest"), said["new"].pop("digest")
    assert all(digest.startswith("sha256:") for digest in digests)
    assert said == {
        "format_version": 1,
        "old": {"source": "old.proto"},
        "new": {"source": "new.proto"},
        "mode": "rpc",
        "profile": "bytes",
        "verdict": "breaking",
        "bump": "major",
        "changes": [
            {
                "kind": "FieldTypeChanged",
                "subject": "shop.v1.Order.total",
                "words": "type changed from int64 to int32",
                "bump": "major",
            }
        ],
    }
    for words in ("message", "why", "fix", "fingerprint"):
        assert finding.pop(words)
    assert finding == {
        "id": "FIELD_TYPE_CHANGED",
        "buf": ["FIELD_SAME_TYPE"],
        "engines": ["buf", "wireproof"],
        "surfaces": ["wire", "json", "source"],
        "breaks": ["old-client", "new-client", "stored", "source", "rest"],
        "module": "",
        "subject": "shop.v1.Order.total",
        "promised": "int64",
        "found": "int32",
        "severity": "error",
        "location": {"file": "new.proto", "line": 4, "column": 3},
        "evidence": "proven",
        "witness": {
            "writer": "old",
            "reader": "new",
            "bytes": "088080808010",
            "written": {"total": "4294967296"},
            "read": {},
        },
        "consumers": [],
        "waived": None,
    }


@pytest.mark.parametrize(("new", "bump"), [("more.proto", "minor"), ("comment.proto", "none")])
def test_what_breaks_nothing_ends_0(
    versions: Path, capsys: pytest.CaptureFixture[str], new: str, bump: str
):
    """
    A field added makes a minor version, a comment none.
    """
    assert run("old.proto", new, "--format", "json") == 0
    said = document(capsys)
    assert (said["verdict"], said["bump"], said["findings"]) == ("compatible", bump, [])


def test_the_text_says_what_where_and_what_to_do(
    versions: Path, capsys: pytest.CaptureFixture[str]
):
    assert run("old.proto", "new.proto") == 1
    said = capsys.readouterr().out
    assert "new.proto:4:3: error FIELD_TYPE_CHANGED (wire, json, source)" in said
    assert "08 80 80 80 80 10: old writes" in said
    assert "Keep the field and add another under an unused number." in said
    assert said.rstrip().endswith("version: major")


def test_a_direction_may_be_asked_for(versions: Path):
    """
    Old readers see every value that new writers of 32 bits write.
    """
    assert run("old.proto", "new.proto", "--mode", "backward") == 1
    assert run("old.proto", "new.proto", "--mode", "forward") == 0


def test_surfaces_may_be_chosen(versions: Path, capsys: pytest.CaptureFixture[str]):
    assert run("old.proto", "new.proto", "--surface", "source", "--format", "json") == 1
    (finding,) = document(capsys)["findings"]
    assert (finding["surfaces"], finding["breaks"]) == (["source"], ["source"])


def test_the_threshold_may_be_lowered(versions: Path):
    """
    What only warns stops a change where the user says so.
    """
    (versions / "reserved.proto").write_text(HEAD + OLD.replace("}", "  reserved 7;\n}"))
    args = ("reserved.proto", "old.proto", "--engine", "wireproof")
    assert run(*args) == 0
    assert run(*args, "--fail-on", "warning") == 1


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("old.proto",), "at least two sources"),
        (("old.proto", "gone.proto"), "no such file or folder"),
        (("old.proto", "git:main"), "no git repository"),
        (("old.proto", "new.proto", "--surface", "wires"), "did you mean wire?"),
        (("old.proto", "new.proto", "--mode", "sideways"), "sideways"),
    ],
)
def test_what_cannot_run_ends_2_with_a_sentence(
    versions: Path, capsys: pytest.CaptureFixture[str], args: tuple[str, ...], words: str
):
    """
    One clear sentence on stderr, nothing on stdout, no traceback.
    """
    assert run(*args) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_more_than_two_sources_are_a_history(versions: Path, capsys: pytest.CaptureFixture[str]):
    """
    A number that came back after a gap as something else breaks what was written before it.
    """
    bodies = ["string a = 1; int32 b = 2;", "string a = 1;", "string a = 1; bytes c = 2;"]
    names = [f"v{i}.proto" for i in range(3)]
    for name, body in zip(names, bodies, strict=True):
        (versions / name).write_text(f"{HEAD}message M {{ {body} }}\n")
    assert run(*names, "--format", "json", "--engine", "wireproof") == 1
    ids = [finding["id"] for finding in document(capsys)["findings"]]
    assert "FIELD_NUMBER_REUSED_LATER" in ids
