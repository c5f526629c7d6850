"""The real buf with the plugin in its buf.yaml."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.buf_plugin.support import PLUGIN
from wireproof.schema.buf import buf_path

OLD = """syntax = "proto3";
package shop.v1;

message Order {
  int64 total = 1;
  string note = 2;
}
"""


class Workspace:
    """A buf module whose buf.yaml names the plugin."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.proto = folder / "shop/v1/order.proto"
        self.proto.parent.mkdir(parents=True)
        self.proto.write_text(OLD)

    def configured(self, use: list[str], **options: str) -> None:
        plugin = {"plugin": str(PLUGIN), "options": options}
        config = {"version": "v2", "breaking": {"use": use}, "plugins": [plugin]}
        (self.folder / "buf.yaml").write_text(json.dumps(config))

    def buf(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [buf_path(), *args], cwd=self.folder, capture_output=True, text=True, check=False
        )

    def breaking(self) -> list[dict[str, object]]:
        done = self.buf("breaking", "--against", "old.binpb", "--error-format=json")
        assert done.returncode in (0, 100), done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path)
    made.configured(["WIREPROOF"])
    assert made.buf("build", "-o", "old.binpb").returncode == 0
    return made


def test_findings_come_with_file_and_line(workspace):
    """
    `buf breaking` prints ours as it prints its own.
    """
    workspace.proto.write_text(OLD.replace("int64 total", "int32 total"))
    (found,) = workspace.breaking()
    assert (found["type"], found["path"]) == (
        "WIREPROOF_FIELD_TYPE_CHANGED",
        "shop/v1/order.proto",
    )
    assert (found["start_line"], found["start_column"]) == (5, 3)
    assert "08 80 80 80 80 10" in str(found["message"])


def test_they_stand_beside_bufs_own(workspace):
    """
    Both engines in one run, and the run fails as buf fails.
    """
    workspace.configured(["FILE", "WIREPROOF"])
    workspace.proto.write_text(OLD.replace("  string note = 2;\n", ""))
    assert {f["type"] for f in workspace.breaking()} == {
        "FIELD_NO_DELETE",
        "WIREPROOF_FIELD_REMOVED",
    }


def test_a_rule_says_what_buf_lets_pass(workspace):
    """
    JSON writes the first name of a number: a new alias in front is news to old readers.
    """
    enum = OLD + "enum State {\n  option allow_alias = true;\n  A = 0;\n  B = 0;\n  C = 1;\n}\n"
    workspace.proto.write_text(enum)
    workspace.buf("build", "-o", "old.binpb")
    workspace.configured(["WIRE", "WIREPROOF_ENUM_VALUE_WRITTEN_NAME_CHANGED"])
    workspace.proto.write_text(enum.replace("  A = 0;\n  B = 0;\n", "  Z = 0;\n  A = 0;\n"))
    (found,) = workspace.breaking()
    assert found["type"] == "WIREPROOF_ENUM_VALUE_WRITTEN_NAME_CHANGED"


def test_one_rule_can_be_ignored_as_any_rule(workspace):
    """
    `except` and `ignore_only` of buf.yaml know our ids.
    """
    config = json.loads((workspace.folder / "buf.yaml").read_text())
    config["breaking"]["ignore_only"] = {"WIREPROOF_FIELD_TYPE_CHANGED": ["shop/v1"]}
    (workspace.folder / "buf.yaml").write_text(json.dumps(config))
    workspace.proto.write_text(OLD.replace("int64 total", "int32 total"))
    assert workspace.breaking() == []


def test_a_wrong_option_is_told_by_buf(workspace):
    """
    One sentence on stderr that says what would be right.
    """
    workspace.configured(["WIREPROOF"], mode="backwards")
    workspace.proto.write_text(OLD.replace("int64 total", "int32 total"))
    done = workspace.buf("breaking", "--against", "old.binpb")
    assert done.returncode not in (0, 100)
    assert "did you mean backward?" in done.stderr


def linted(workspace: Workspace, use: list[str]) -> list[dict[str, object]]:
    config = json.loads((workspace.folder / "buf.yaml").read_text())
    config["lint"] = {"use": use}
    (workspace.folder / "buf.yaml").write_text(json.dumps(config))
    done = workspace.buf("lint", "--error-format=json")
    assert done.returncode in (0, 100), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_buf_lint_runs_with_the_plugin_configured(workspace):
    """
    A sound file is told nothing, with or without our rules.
    """
    assert workspace.buf("lint").returncode == 0
    assert linted(workspace, ["STANDARD", "WIREPROOF_LINT"]) == []


def test_buf_lint_shows_our_faults_on_their_lines(workspace):
    """
    A deprecated field without a word about its successor, which buf does not look at.
    """
    workspace.proto.write_text(OLD.replace("total = 1", "total = 1 [deprecated = true]"))
    (found,) = linted(workspace, ["STANDARD", "WIREPROOF_LINT"])
    assert (found["type"], found["start_line"]) == ("WIREPROOF_DEPRECATED_WITHOUT_SUCCESSOR", 5)
    assert "shop.v1.Order.total is deprecated" in str(found["message"])
    assert linted(workspace, ["STANDARD"]) == []


def test_buf_lists_our_rules(workspace):
    """
    `buf config ls-breaking-rules` tells what may stand in buf.yaml.
    """
    done = workspace.buf("config", "ls-breaking-rules", "--format=json")
    assert '"WIREPROOF_FIELD_REMOVED"' in done.stdout
