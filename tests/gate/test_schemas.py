"""The two sides of the gate's comparison, in repositories of every shape."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from wireproof.errors import WireproofError
from wireproof.gate.base import NoBase
from wireproof.gate.config import Config
from wireproof.gate.schemas import Compared, compare_all
from wireproof.schema.release import write_release
from wireproof.schema.source import load

ORDER = """\
syntax = "proto3";
package shop.v1;
message Order {
  int64 total = 1;
  string note = 2;
}
"""
STOCK = """\
syntax = "proto3";
package stock.v1;
message Item {
  int64 count = 1;
}
"""


@pytest.fixture(autouse=True)
def no_pull_request(monkeypatch):
    monkeypatch.delenv("GITHUB_BASE_REF", raising=False)


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def commit(root: Path) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    for command in (["add", "-A"], [*identity, "commit", "-qm", "a change"]):
        subprocess.run(["git", "-C", str(root), *command], check=True)


def freeze(root: Path, version: str) -> None:
    write_release(root, version, load(".", root=root).image())


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-qb", "main", str(tmp_path)], check=True)
    write(tmp_path, "orders/shop/v1/order.proto", ORDER)
    write(tmp_path, "stock/stock/v1/item.proto", STOCK)
    write(tmp_path, "buf.yaml", "version: v2\nmodules: [{path: orders}, {path: stock}]\n")
    commit(tmp_path)
    return tmp_path


def both(repo: Path) -> Config:
    return Config(repo, modules=("orders", "stock"))


def found(compared: Compared) -> set[tuple[str, str, str]]:
    errors = (f for f in compared.findings if f.severity == "error")
    return {(f.module, f.id, f.subject) for f in errors}


def test_every_module_is_compared_with_itself_at_the_base(repo):
    write(repo, "stock/stock/v1/item.proto", STOCK.replace("int64 count = 1", "string count = 1"))
    compared = compare_all(both(repo), None)
    assert found(compared) == {("stock", "FIELD_TYPE_CHANGED", "stock.v1.Item.count")}
    assert compared.bump == "major"


def test_a_release_holds_all_modules_together(repo):
    """Neither module is missing from the other's comparison with the one image."""
    freeze(repo, "1.0.0")
    commit(repo)
    assert found(compare_all(both(repo), None)) == set()


def test_what_slipped_in_before_is_still_held_against_the_release(repo):
    """The merge base already holds the break; the released clients do not know that."""
    freeze(repo, "1.0.0")
    commit(repo)
    write(repo, "stock/stock/v1/item.proto", STOCK.replace("int64 count = 1", "string count = 1"))
    commit(repo)
    write(repo, "README.md", "harmless")
    compared = compare_all(both(repo), None)
    assert {(rule, subject) for _, rule, subject in found(compared)} == {
        ("FIELD_TYPE_CHANGED", "stock.v1.Item.count")
    }
    assert compared.bump == "none"  # of the change itself


def test_a_module_that_is_new_breaks_nobody(repo):
    write(repo, "parcels/parcel/v1/parcel.proto", STOCK.replace("stock", "parcel"))
    config = Config(repo, modules=("orders", "stock", "parcels"))
    write(
        repo,
        "buf.yaml",
        "version: v2\nmodules: [{path: orders}, {path: stock}, {path: parcels}]\n",
    )
    compared = compare_all(config, None)
    assert found(compared) == set()
    assert compared.bump == "minor"


def test_a_base_before_the_first_proto_promised_nothing(tmp_path):
    """The pull request that brings the protos is the first version, not a gate out of order."""
    subprocess.run(["git", "init", "-qb", "main", str(tmp_path)], check=True)
    write(tmp_path, "README.md", "soon")
    commit(tmp_path)
    write(tmp_path, "shop/v1/order.proto", ORDER)
    compared = compare_all(Config(tmp_path), None)
    assert (compared.findings, compared.bump) == ((), "minor")
    assert [side.words for side in compared.bases] == [
        "merge base with main, before the first .proto file"
    ]


def test_a_first_commit_needs_a_base_by_name(repo):
    with pytest.raises(NoBase, match="first commit"):
        compare_all(both(repo), None)


def test_both_digests_are_named(repo):
    write(repo, "README.md", "harmless")
    compared = compare_all(Config(repo, modules=("orders",)), None)
    assert [side.digest for side in compared.bases] == [compared.head.digest]
    assert compared.head.digest == load("orders", root=repo).digest


def test_a_module_that_is_not_there_is_named(repo):
    write(repo, "README.md", "harmless")
    with pytest.raises(WireproofError, match="nowhere"):
        compare_all(Config(repo, modules=("nowhere",)), None)
