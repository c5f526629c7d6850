"""`wireproof lint`: any source, every format, policy and waivers, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.schema.repos import committed, write
from wireproof.cli.lint import lint

FAULTY = """syntax = "proto3";
package shop.v1;
import "buf/validate/validate.proto";
message Get {
  string order_id = 1 [(buf.validate.field).string.min_len = 9, (buf.validate.field).string.max_len = 3];
}
message order {}
"""  # noqa: E501 - as people write it
SOUND = """syntax = "proto3";
package shop.v1;
message Order {
  string order_id = 1;
}
"""


def run(*args: str) -> Result:
    return CliRunner().invoke(lint, args, standalone_mode=False)


def ids(result: Result) -> list[str]:
    return sorted(finding["id"] for finding in json.loads(result.output)["findings"])


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = write(tmp_path, shop__v1__faulty_proto=FAULTY, shop__v1__sound_proto=SOUND)
    monkeypatch.chdir(folder)
    return folder


def test_buf_s_findings_and_ours_are_one_report(shop: Path):
    """
    Without a buf.yaml the standard rules of buf apply, as with `buf lint` itself.
    """
    result = run("--format", "json")
    assert ids(result) == ["MESSAGE_PASCAL_CASE", "VALIDATION_CONTRADICTORY"]
    assert result.return_value == 1
    (ours,) = (f for f in json.loads(result.output)["findings"] if "wireproof" in f["engines"])
    assert (ours["engines"], ours["buf"]) == (["buf", "wireproof"], ["PROTOVALIDATE"])
    assert ours["subject"] == "shop.v1.Get.order_id"
    assert ours["location"] == {"file": "shop/v1/faulty.proto", "line": 5, "column": 3}


def test_buf_yaml_is_honoured(shop: Path):
    """
    What a team excepted from buf's rules it excepted.
    """
    (shop / "buf.yaml").write_text(
        "version: v2\nlint: {use: [STANDARD], except: [MESSAGE_PASCAL_CASE]}\n"
    )
    assert ids(run("--format", "json")) == ["VALIDATION_CONTRADICTORY"]


def test_paths_of_a_module_count_from_its_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """
    buf.yaml v2 names ignored paths from where it stands, and an image has them from the module.
    """
    folder = write(tmp_path, proto__shop__v1__faulty_proto=FAULTY)
    (folder / "buf.yaml").write_text(
        "version: v2\nmodules: [{path: proto}]\nlint: {ignore: [proto/shop/v1/faulty.proto]}\n"
    )
    monkeypatch.chdir(folder)
    assert ids(run("--format", "json")) == ["VALIDATION_CONTRADICTORY"]
    assert ids(run("proto", "--format", "json")) == ["VALIDATION_CONTRADICTORY"]


def test_a_git_ref_is_linted_as_it_was(shop: Path):
    """
    The work tree may be sound by now.
    """
    committed(shop)
    (shop / "shop/v1/faulty.proto").unlink()
    assert run("--format", "json").return_value == 0
    assert ids(run("git:main", "--format", "json")) == [
        "MESSAGE_PASCAL_CASE",
        "VALIDATION_CONTRADICTORY",
    ]


def test_policy_decides_what_stops(shop: Path):
    """
    Severities and matters of taste come from wireproof.yaml.
    """
    (shop / "wireproof.yaml").write_text(
        "severities: {VALIDATION_CONTRADICTORY: warning, MESSAGE_PASCAL_CASE: info}\n"
    )
    assert run("--format", "json").return_value == 0
    assert run("--format", "json", "--fail-on", "warning").return_value == 1


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("text", "VALIDATION_CONTRADICTORY (source)\n  shop.v1.Get.order_id accepts no value"),
        ("markdown", "## Wireproof lint: failed"),
        ("github", "::error file=shop/v1/faulty.proto,line=5,col=3,title=VALIDATION_CONTRADICTORY"),
    ],
)
def test_every_format_tells_what_and_where(shop: Path, form: str, told: str):
    assert told in run("--format", form).output


def test_a_rule_that_nobody_knows_is_named(shop: Path):
    """
    The closest known one is offered.
    """
    result = run("--use", "REQUEST_UNBUONDED")
    assert "REQUEST_UNBOUNDED" in str(result.exception)
