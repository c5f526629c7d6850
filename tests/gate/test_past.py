"""The gate and all releases: what came back is this change's doing, or was shipped before."""

from __future__ import annotations

from pathlib import Path

from tests.cases.compiled import compiled
from wireproof.gate.past import of_all_releases
from wireproof.schema.release import write_release
from wireproof.schema.schema import Schema

KEPT = "message M { string a = 1; int32 b = 2; }"
GONE = "message M { string a = 1; }"
REUSED = "message M { string a = 1; string c = 2; }"


def schema(folder: Path, name: str, text: str) -> Schema:
    home = folder / name
    home.mkdir()
    (home / "m.proto").write_text(f'syntax = "proto3";\npackage t;\n{text}')
    return compiled(home, "m.proto")


def found(folder: Path, releases: list[str], head: str) -> list[tuple[str, str, str]]:
    for number, text in enumerate(releases, 1):
        write_release(folder, f"{number}.0.0", schema(folder, f"v{number}", text).image())
    heads = {"schemas": schema(folder, "head", head)}
    return [(module, f.id, f.promised) for module, f in of_all_releases(folder, heads)]


def test_a_number_that_an_old_release_had_is_not_free(tmp_path):
    """
    The last release has dropped it, so neither it nor the merge base could tell.
    """
    assert found(tmp_path, [KEPT, GONE], REUSED) == [
        ("schemas", "FIELD_NUMBER_REUSED_LATER", "int32 b = 2 in release:1.0.0")
    ]


def test_a_reuse_that_was_released_is_no_longer_told(tmp_path):
    """
    Release 3 gave the number away; the work tree only kept it so.
    """
    assert found(tmp_path, [KEPT, GONE, REUSED], REUSED) == []


def test_one_release_is_no_history(tmp_path):
    """
    Two versions show their differences themselves.
    """
    assert found(tmp_path, [KEPT], REUSED) == []
