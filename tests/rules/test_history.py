"""More than two versions: each finding names the versions that it is about, and is told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.compiled import compiled
from wireproof.finding import Finding, Severity
from wireproof.report.diff import diff_json, diff_text
from wireproof.rules.engine import Comparison
from wireproof.rules.history import compare_history, compare_sources
from wireproof.schema.schema import Schema
from wireproof.verdict import judge

KEPT = "message M { string a = 1; int32 b = 2; }"
GONE = "message M { string a = 1; }"
REUSED = "message M { string a = 1; string c = 2; }"


@pytest.fixture
def history(tmp_path: Path):
    """The versions v1, v2, … of one file, compared."""

    def compared(*texts: str, **options) -> Comparison:
        versions = [version(tmp_path, number, text) for number, text in enumerate(texts, 1)]
        return compare_history(versions, **{"engines": ("wireproof",), **options})

    return compared


def version(folder: Path, number: int, text: str) -> Schema:
    home = folder / f"v{number}"
    home.mkdir(exist_ok=True)
    (home / "m.proto").write_text(f'syntax = "proto3";\npackage t;\n{text}')
    schema = compiled(home, "m.proto")
    return Schema(source=f"release:{number}.0.0", own=schema.own, packed=schema.packed)


def one(comparison: Comparison, rule: str) -> Finding:
    (found,) = [f for f in comparison.findings if f.id == rule]
    return found


def ids(comparison: Comparison) -> list[str]:
    return [f.id for f in comparison.findings]


def errors(comparison: Comparison) -> list[str]:
    return [f.id for f in comparison.findings if f.severity is Severity.ERROR]


def test_a_reuse_names_all_three_versions(history):
    """
    Who promised the number, who dropped it, and who has given it away.
    """
    found = one(history(KEPT, GONE, GONE, REUSED), "FIELD_NUMBER_REUSED_LATER")
    assert found.promised == "int32 b = 2 in release:1.0.0"
    assert found.found == "string c = 2 in release:4.0.0, gone in release:2.0.0"


def test_the_first_version_that_had_it_speaks_for_the_others(history):
    """
    Two releases with the same field make one finding.
    """
    comparison = history(KEPT, KEPT, GONE, REUSED)
    assert one(comparison, "FIELD_NUMBER_REUSED_LATER").promised.endswith("release:1.0.0")
    assert ids(comparison) == ["FIELD_NUMBER_REUSED_LATER"]


def test_each_meaning_that_the_number_had_is_told(history):
    """
    Before it was dropped the number changed its field: data of both times exists.
    """
    comparison = history(KEPT, "message M { string a = 1; bool x = 2; }", GONE, REUSED)
    promised = [f.promised for f in comparison.findings if f.id == "FIELD_NUMBER_REUSED_LATER"]
    assert promised == ["int32 b = 2 in release:1.0.0", "bool x = 2 in release:2.0.0"]


def test_the_witness_was_written_by_one_version_and_read_by_the_other(history):
    """
    Number 2, a varint: what release 4 has there is a string, so nothing of it is read.
    """
    found = one(history(KEPT, GONE, GONE, REUSED), "FIELD_NUMBER_REUSED_LATER")
    assert found.witness is not None
    assert (found.witness.writer, found.witness.bytes) == ("old", "1001")
    assert found.witness.note == "old is release:1.0.0, new is release:4.0.0"


def test_without_a_gap_it_is_the_change_of_two_versions(history):
    """
    What was renamed in one step is a rename, however long the history.
    """
    comparison = history(KEPT, KEPT, REUSED.replace("string c", "int32 c"))
    assert set(ids(comparison)) == {"FIELD_RENAMED"}


def test_a_promise_of_a_version_between_says_so(history):
    """
    The field came and went: only release 2 promised it.
    """
    comparison = history(GONE, KEPT, "message M { string a = 1; reserved 2; reserved 'b'; }")
    assert one(comparison, "FIELD_REMOVED").message.endswith("(promised by release:2.0.0)")


def test_registry_modes_are_transitive(history):
    """
    Each step is compatible backward; the first release's data is not readable by the last.
    """
    assert errors(history(KEPT, GONE, mode="backward")) == []
    assert errors(history(GONE, REUSED, mode="backward")) == []
    assert errors(history(KEPT, GONE, REUSED, mode="backward")) == ["FIELD_NUMBER_REUSED_LATER"]


def test_what_buf_said_of_two_versions_is_kept(history):
    """
    Where buf's word counts alone, it counts for a reuse as well.
    """
    comparison = history(
        KEPT, GONE, "message M { string a = 1; string b = 2; }", engines=("buf", "wireproof")
    )
    found = one(comparison, "FIELD_NUMBER_REUSED_LATER")
    assert (found.engines, found.buf) == (("buf", "wireproof"), ("FIELD_SAME_TYPE",))


def test_the_reuse_makes_the_version_a_major_one(history):
    """
    The bump follows from the whole history, the changes say why.
    """
    comparison = history(KEPT, GONE, REUSED)
    (change,) = [c for c in comparison.changes if c.kind == "FieldNumberReusedLater"]
    assert comparison.bump == comparison.bump_of(change) == "major"


def test_the_report_names_every_version_in_order(history):
    """
    Text shows the way; the JSON document stays that of two versions.
    """
    comparison = history(KEPT, GONE, REUSED)
    verdict = judge(comparison.findings)
    first = diff_text(comparison, verdict).splitlines()[0]
    assert first == "release:1.0.0 → release:2.0.0 → release:3.0.0"
    document = diff_json(comparison, verdict)
    assert (document["old"]["source"], document["new"]["source"]) == (
        "release:1.0.0",
        "release:3.0.0",
    )


def test_sources_are_loaded_as_a_history(tmp_path):
    """
    Three folders on the command line, oldest first.
    """
    for number, text in enumerate((KEPT, GONE, REUSED), 1):
        version(tmp_path, number, text)
    comparison = compare_sources(["v1", "v2", "v3"], engines=("wireproof",), root=tmp_path)
    assert one(comparison, "FIELD_NUMBER_REUSED_LATER").promised == "int32 b = 2 in v1"
