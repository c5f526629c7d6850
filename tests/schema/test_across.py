"""Two packages of one API, compared as if one had become the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wireproof.cli import main
from wireproof.errors import UnknownName
from wireproof.rules.history import compare_sources
from wireproof.schema.across import across
from wireproof.schema.source import load

V1 = """syntax = "proto3";
package shop.v1;
import "shop/shared/money.proto";
option go_package = "example.com/shop/v1;shopv1";
option java_package = "com.example.shop.v1";
message Order {
  string order_id = 1;
  shop.shared.Money total = 2;
  Note note = 3;
}
message Note { string text = 1; }
"""
V2 = V1.replace("v1", "v2").replace("order_id", "id").replace("  Note note = 3;\n", "")
MONEY = 'syntax = "proto3";\npackage shop.shared;\nmessage Money { int64 units = 1; }\n'


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name, text in (("v1/order", V1), ("v2/order", V2), ("shared/money", MONEY)):
        file = tmp_path / f"shop/{name}.proto"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "buf.yaml").write_text("version: v2\n")
    return tmp_path


def test_what_differs_between_the_packages_is_told_and_nothing_else(shop):
    """Names of the package, of its folder and in other languages' options are no difference."""
    found = compare_sources(
        [".", "."], root=shop, packages=("shop.v1", "shop.v2"), engines=("wireproof",)
    )
    assert [(change.kind, change.subject) for change in found.changes] == [
        ("FieldRenamed", "shop.v2.Order.order_id"),
        ("FieldRemoved", "shop.v2.Order.note"),
    ]
    assert {"FIELD_RENAMED", "FIELD_REMOVED"} <= {finding.id for finding in found.findings}


def test_a_package_compared_with_itself_is_unchanged(shop):
    """The other packages of the source have no say."""
    found = compare_sources([".", "."], root=shop, packages=("shop.v1", "shop.v1"))
    assert (found.changes, found.findings) == ((), ())


def test_an_unknown_package_is_named_with_those_that_are_there(shop):
    """On either side."""
    schema = load(".", root=shop)
    for pair in (("shop.v3", "shop.v2"), ("shop.v1", "shop.v3")):
        with pytest.raises(UnknownName, match=r"shop\.v3.*shop\.shared.*shop\.v1"):
            across([schema, schema], *pair)


def exit_code(*args: str) -> Any:
    with pytest.raises(SystemExit) as stopped:
        main(["diff", ".", ".", *args])
    return stopped.value.code


def test_the_command_takes_a_map(shop, monkeypatch, capsys):
    """And says what a map is, where it gets something else."""
    monkeypatch.chdir(shop)
    assert exit_code("--map", "shop.v1=shop.v2") == 1
    assert "shop.v2.Order.order_id" in capsys.readouterr().out
    assert exit_code("--map", "shop.v1") == 2
    assert "'shop.v1' does not name two packages, as in api.v1=api.v2" in capsys.readouterr().err
