"""What buf is told not to judge, nobody judges in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_buf import OLD, WITHOUT
from wireproof.rules.history import compare_sources
from wireproof.schema.breaking import RULES, breaking_config
from wireproof.schema.buf import run_buf

CONFIGS = {
    "breaking: {use: [WIRE_JSON]}": [],
    "breaking: {use: [FILE], except: [FIELD_NO_DELETE]}": [],
    "breaking: {use: [FILE], ignore: [shop]}": [],
    "breaking: {use: [FILE], ignore_only: {FIELD_NO_DELETE: [shop/m.proto]}}": [],
    "breaking: {use: [FILE], ignore_unstable_packages: true}": ["FIELD_REMOVED"],
    "breaking: {use: [FILE]}": ["FIELD_REMOVED"],
    "breaking: {use: [FILE, WIREPROOF_EXTRA]}": ["FIELD_REMOVED"],
    "breaking: {use: [WIREPROOF]}": ["FIELD_REMOVED"],
    "lint: {use: [STANDARD]}": ["FIELD_REMOVED"],
}


@pytest.mark.parametrize(("config", "expected"), CONFIGS.items(), ids=CONFIGS)
def test_the_configuration_of_buf_is_honoured(tmp_path: Path, config: str, expected: list[str]):
    """
    What a module told buf not to judge, we do not judge in buf's place.
    """
    for side, body in (("old", OLD), ("new", WITHOUT)):
        folder = tmp_path / side / "shop"
        folder.mkdir(parents=True)
        (folder / "m.proto").write_text(f'syntax = "proto3";\npackage shop;\n{body}')
        (folder.parent / "buf.yaml").write_text(f"version: v2\n{config}\n")
    findings = compare_sources([str(tmp_path / "old"), str(tmp_path / "new")]).findings
    assert [f.id for f in findings] == expected


def test_what_buf_cannot_see_is_judged_whatever_it_is_told(tmp_path: Path):
    """
    HTTP paths are no business of buf.
    """
    for side, path in (("old", "/v1/x"), ("new", "/v2/x")):
        folder = tmp_path / side
        folder.mkdir()
        option = f'option (google.api.http) = {{get: "{path}"}};'
        (folder / "m.proto").write_text(
            'syntax = "proto3";\npackage shop;\nimport "google/api/annotations.proto";\n'
            f"message M {{}}\nservice S {{ rpc Get(M) returns (M) {{ {option} }} }}\n"
        )
        (folder / "buf.yaml").write_text("version: v2\nbreaking: {use: [WIRE]}\n")
    findings = compare_sources([str(tmp_path / "old"), str(tmp_path / "new")]).findings
    assert [f.id for f in findings] == ["HTTP_BINDING_REMOVED"]


def test_unstable_packages_are_those_that_buf_calls_so():
    """
    v1alpha1, v1beta2, v1p1alpha1 and v1test are; v1 is not.
    """
    config = breaking_config({"ignore_unstable_packages": True})
    assert config
    judged = {
        package: config.judges("FIELD_NO_DELETE", "m.proto", package)
        for package in ("a.v1", "a.v1alpha1", "a.v1beta2", "a.v1p1alpha1", "a.v1test", "a.vital")
    }
    assert [name for name, holds in judged.items() if holds] == ["a.v1", "a.vital"]


def test_the_catalogue_of_rules_is_that_of_the_installed_buf():
    """
    A newer buf that knows more rules makes this fail, so that the table follows.
    """
    listed = run_buf("config", "ls-breaking-rules", "--version", "v2").stdout.decode()
    rows = [line.split("  ") for line in listed.splitlines()[1:]]
    known = {row[0].strip(): {c.strip() for c in _categories(row)} for row in rows if row[0]}
    assert known == {rule: set(categories) for rule, categories in RULES.items()}


def _categories(row: list[str]) -> list[str]:
    return next(cell for cell in row[1:] if cell.strip()).split(",")


WORKSPACES = {
    "buf.work.yaml": {
        "buf.work.yaml": "version: v1\ndirectories: [a, b]\n",
        "a/buf.yaml": "version: v1\nbreaking: {use: [WIRE]}\n",
        "b/buf.yaml": "version: v1\nbreaking: {use: [FILE]}\n",
    },
    "buf.yaml v2": {
        "buf.yaml": "version: v2\nmodules:\n"
        "  - {path: a, breaking: {use: [WIRE]}}\n  - {path: b}\n",
    },
}


@pytest.mark.parametrize("files", WORKSPACES.values(), ids=WORKSPACES)
def test_every_module_of_a_workspace_has_its_own_configuration(
    tmp_path: Path, files: dict[str, str]
):
    """
    The same change in two modules is judged as each of them asked.
    """
    for side, body in (("old", OLD), ("new", WITHOUT)):
        for name, text in files.items():
            (tmp_path / side / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / side / name).write_text(text)
        for module in ("a", "b"):
            proto = tmp_path / side / module / f"{module}.proto"
            proto.parent.mkdir(parents=True, exist_ok=True)
            proto.write_text(f'syntax = "proto3";\npackage {module};\n{body}')
    findings = compare_sources([str(tmp_path / "old"), str(tmp_path / "new")]).findings
    assert [(f.id, f.subject, f.module) for f in findings] == [("FIELD_REMOVED", "b.M.b", "b")]
