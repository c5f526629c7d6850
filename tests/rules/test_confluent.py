"""What Confluent's registry says of a change, row by row, each way that it looks.

Expectations are written from its published behaviour: the language guide's "Updating a message
type" for scalars and oneofs, and the names of its own differences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cases.compiled import compiled
from wireproof.changes.versions import Versions
from wireproof.finding import Breaks, Finding, Severity
from wireproof.rules.confluent import findings
from wireproof.rules.confluent_table import SCALARS, TABLES
from wireproof.rules.engine import compare
from wireproof.rules.history import compare_history
from wireproof.schema.fields import _KINDS
from wireproof.schema.schema import Schema

P2, P3 = 'syntax = "proto2";\n', 'syntax = "proto3";\n'
Files = Mapping[str, str]


def schema(folder: Path, files: Files | str) -> Schema:
    """A schema of files; a lone text is `m.proto`, in proto3 unless it says otherwise."""
    folder.mkdir(parents=True)
    files = {"m.proto": files} if isinstance(files, str) else files
    for name, text in files.items():
        (folder / name).write_text(text if text.startswith("syntax") else P3 + text)
    return compiled(folder, *sorted(files))


def told(found: tuple[Finding, ...]) -> list[str]:
    """The kinds of difference that are refused, by name."""
    errors = [f for f in found if f.severity is Severity.ERROR]
    return sorted({f.id.removeprefix("CONFLUENT_") for f in errors})


@pytest.fixture
def versions(tmp_path: Path):
    def of(old: Files | str, new: Files | str) -> Versions:
        return Versions(schema(tmp_path / "old", old), schema(tmp_path / "new", new))

    return of


@dataclass(frozen=True)
class Row:
    name: str
    old: str
    new: str
    backward: str = ""
    """What is refused where new code reads old data; by default nothing."""
    forward: str = ""


def field(declared: str, more: str = "") -> str:
    return f"{more} message M {{ {declared} }}"


def both(name: str, old: str, new: str, refused: str) -> Row:
    return Row(name, old, new, refused, refused)


AB = "message A { int32 x = 1; } message B { int32 x = 1; }"
ENUM = "enum E { ZERO = 0; ONE = 1; }"
BESIDE = field("string a = 1; oneof k { string b = 2; string c = 3; }")
INSIDE = field("oneof k { string a = 1; string b = 2; string c = 3; }")
MOVED = "FIELD_MOVED_TO_EXISTING_ONEOF"

GROUPS = (
    ("int32", "int64"), ("uint32", "int32"), ("int64", "bool"), ("uint32", "E"), ("E", "uint64"),
    ("sint32", "sint64"), ("string", "bytes"), ("fixed32", "sfixed32"), ("sfixed64", "fixed64"),
)  # fmt: skip
STRANGERS = (
    ("int32", "sint32"), ("int32", "string"), ("int64", "fixed64"), ("fixed32", "fixed64"),
    ("float", "double"), ("float", "fixed32"), ("double", "int64"), ("E", "sint32"),
)  # fmt: skip

ROWS = (
    Row("nothing", field("int32 a = 1;"), field("int32 a = 1;")),
    Row("field added", field(""), field("int32 a = 1;")),
    Row("field renamed", field("int32 a = 1;"), field("int32 b = 1;")),
    Row("field renumbered", field("int32 a = 1;"), field("int32 a = 2;")),
    Row("map field removed", field("map<string, string> a = 1;"), field("")),
    Row("messages reordered", "message M {} message N {}", "message N {} message M {}"),
    both("package changed", "package a;" + AB, "package b;" + AB, "PACKAGE_CHANGED"),
    Row("message removed", "message M {} message N {}", "message M {}", "MESSAGE_REMOVED"),
    Row("nested removed", "message M { message N {} }", "message M {}", "MESSAGE_REMOVED"),
    Row("enum removed", ENUM + field(""), field("")),
    Row("enum value removed", ENUM, "enum E { ZERO = 0; }"),
    Row("enum value renamed", ENUM, ENUM.replace("ONE", "ANOTHER")),
    *(
        Row(f"{one} to {other}", field(f"{one} a = 1;", ENUM), field(f"{other} a = 1;", ENUM))
        for one, other in GROUPS
    ),
    *(
        both(
            f"{one} to {other}",
            field(f"{one} a = 1;", ENUM),
            field(f"{other} a = 1;", ENUM),
            "FIELD_SCALAR_KIND_CHANGED",
        )
        for one, other in STRANGERS
    ),
    both(
        "bytes to message", field("bytes a = 1;", AB), field("A a = 1;", AB), "FIELD_KIND_CHANGED"
    ),
    both(
        "message to map",
        field("A a = 1;", AB),
        field("map<int32, int32> a = 1;", AB),
        "FIELD_KIND_CHANGED",
    ),
    both(
        "message to its like",
        field("A a = 1;", AB),
        field("B a = 1;", AB),
        "FIELD_NAMED_TYPE_CHANGED",
    ),
    both(
        "map value",
        field("map<string, int32> a = 1;"),
        field("map<string, string> a = 1;"),
        "FIELD_SCALAR_KIND_CHANGED",
    ),
    Row("map key", field("map<int32, bool> a = 1;"), field("map<int64, bool> a = 1;")),
    both(
        "number repeated",
        field("optional int32 a = 1;"),
        field("repeated int32 a = 1;"),
        "FIELD_NUMERIC_LABEL_CHANGED",
    ),
    both(
        "enum repeated",
        field("optional E a = 1;", ENUM),
        field("repeated E a = 1;", ENUM),
        "FIELD_NUMERIC_LABEL_CHANGED",
    ),
    Row("number without label", field("int32 a = 1;"), field("repeated int32 a = 1;")),
    Row("text repeated", field("optional string a = 1;"), field("repeated bytes a = 1;")),
    Row("message repeated", field("optional A a = 1;", AB), field("repeated A a = 1;", AB)),
    both(
        "number required",
        P2 + field("optional int32 a = 1;"),
        P2 + field("required int32 a = 1;"),
        "FIELD_NUMERIC_LABEL_CHANGED",
    ),
    Row(
        "text required",
        P2 + field("optional string a = 1;"),
        P2 + field("required string a = 1;"),
    ),
    Row(
        "group removed, which the registry does not look at",
        P2 + field("optional group G = 1 { optional int32 x = 1; }"),
        P2 + field(""),
    ),
    Row(
        "group of another content",
        P2 + field("optional group G = 1 { optional int32 x = 1; }"),
        P2 + field("optional group G = 1 { required string x = 1; }"),
    ),
    Row(
        "required added",
        P2 + field(""),
        P2 + field("required string a = 1;"),
        "REQUIRED_FIELD_ADDED",
        "REQUIRED_FIELD_REMOVED",
    ),
    Row(
        "one into a new oneof",
        field("string a = 1; string b = 2;"),
        field("string a = 1; oneof k { string b = 2; }"),
    ),
    Row(
        "one into a new oneof beside a new field",
        field("string a = 1;"),
        field("oneof k { string a = 1; string b = 2; }"),
    ),
    Row(
        "two into a new oneof",
        field("string a = 1; string b = 2;"),
        field("oneof k { string a = 1; string b = 2; }"),
        "MULTIPLE_FIELDS_MOVED_TO_ONEOF",
    ),
    Row("one into a oneof", BESIDE, INSIDE, MOVED),
    Row("one into a oneof that was renamed", BESIDE, INSIDE.replace("oneof k", "oneof j"), MOVED),
    Row(
        "oneof field added",
        field("oneof k { string a = 1; }"),
        field("oneof k { string a = 1; string b = 2; }"),
        forward="ONEOF_FIELD_REMOVED",
    ),
    Row("oneof removed with its field", field("oneof k { string a = 1; }"), field("")),
    Row("oneof renamed", BESIDE, BESIDE.replace("oneof k", "oneof j")),
    both(
        "oneof field of another type",
        field("oneof k { string a = 1; }"),
        field("oneof k { int32 a = 1; }"),
        "FIELD_SCALAR_KIND_CHANGED",
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_change_is_judged_as_the_registry_judges_it(versions, row: Row):
    """
    What is removed backward was added forward: often only one of the two matters.
    """
    compared = versions(row.old, row.new)
    backward, forward = ([row.backward] if row.backward else []), row.forward.split()
    assert told(findings(compared, "backward")) == backward
    assert told(findings(compared, "forward")) == forward
    assert told(findings(compared, "full")) == sorted({*backward, *forward})


# By version: name, old, new, what was refused before 2026-06, what is refused since.
BY_VERSION: tuple[tuple[str, str, str, list[str], list[str]], ...] = (
    ("out of a oneof", INSIDE, BESIDE, ["ONEOF_FIELD_REMOVED"], []),
    (
        "two oneofs made one",
        field("oneof j { string a = 1; } oneof k { string b = 2; }"),
        field("oneof n { string a = 1; string b = 2; }"),
        [],
        [MOVED],
    ),
    (
        "into a oneof and of another type",
        field("string a = 1;"),
        field("oneof k { int32 a = 1; }"),
        [],
        ["FIELD_SCALAR_KIND_CHANGED"],
    ),
)


@pytest.mark.parametrize(
    ("old", "new", "before", "since"),
    [row[1:] for row in BY_VERSION],
    ids=[r[0] for r in BY_VERSION],
)
def test_the_table_has_versions(versions, old, new, before, since):
    """
    In 2026-06 the registry began to follow a field by its number wherever it goes.
    """
    compared = versions(old, new)
    assert told(findings(compared, "backward", TABLES["2024-03"])) == before
    assert told(findings(compared, "backward", TABLES["2026-06"])) == since


IMPORTING = 'import "r.proto"; message M { r.T t = 1; }'
REFERENCE = "package r; message T { int32 x = 1; }"


def imports(reference: str, name: str = "r.proto", text: str = IMPORTING) -> dict[str, str]:
    return {"m.proto": text.replace("r.proto", name), name: reference}


def test_a_reference_that_no_longer_fits_is_refused_where_it_is_used(versions):
    """
    Another file with another version of the type: its structure is compared, and both are told.
    """
    new = imports(REFERENCE.replace("int32", "string"), "s.proto")
    found = findings(versions(imports(REFERENCE), new), "backward")
    assert {(f.id, f.subject) for f in found if f.severity is Severity.ERROR} == {
        ("CONFLUENT_FIELD_SCALAR_KIND_CHANGED", "r.T.x"),
        ("CONFLUENT_FIELD_NAMED_TYPE_CHANGED", "M.t"),
    }


def test_a_reference_from_another_package_fits_by_structure(versions):
    """
    Only the name within its package counts, and what it holds.
    """
    other = imports(
        REFERENCE.replace("package r", "package s"), "s.proto", IMPORTING.replace("r.T", "s.T")
    )
    assert told(findings(versions(imports(REFERENCE), other), "backward")) == []


def test_a_type_that_moves_into_a_reference_is_missing_in_its_file(versions):
    """
    A subject is one file: what it no longer declares was removed. The way back is an addition.
    """
    old = {"m.proto": "message M { T t = 1; } message T { int32 x = 1; }"}
    new = imports(REFERENCE)
    compared = versions(old, new)
    assert told(findings(compared, "backward")) == ["MESSAGE_REMOVED"]
    assert told(findings(compared, "forward")) == []


def test_a_local_type_is_told_once(versions):
    """
    It is compared where it is declared, and not again through every field that holds it.
    """
    old = field("T t = 1; repeated T more = 2;", "message T { int32 x = 1; }")
    assert told(findings(versions(old, old.replace("int32", "string")), "backward")) == [
        "FIELD_SCALAR_KIND_CHANGED"
    ]


def test_recursive_references_end(versions):
    """
    Types that hold themselves and each other are compared once.
    """
    loop = (
        "package r; message T { T self = 1; U other = 2; int32 x = 3; } message U { T back = 1; }"
    )
    compared = versions(imports(loop), imports(loop.replace("int32", "bool")))
    assert told(findings(compared, "full")) == []


def test_a_file_that_is_gone_is_no_new_version(versions):
    """
    The registry is never asked; we say so, and it stops nothing.
    """
    files = {"m.proto": "message M {}", "n.proto": "message N {}"}
    (found,) = findings(versions(files, {"m.proto": "message M {}"}), "backward")
    assert (found.id, found.severity) == ("CONFLUENT_SUBJECT_ENDED", Severity.WARNING)


def test_both_ways_are_one_finding(versions):
    """
    In full mode a change that is refused both ways breaks both readers, and is told once.
    """
    (found,) = findings(versions(field("int32 a = 1;"), field("string a = 1;")), "full")
    assert (found.promised, found.found) == ("int32", "string")
    assert found.breaks == (Breaks.STORED, Breaks.OLD_READER)
    assert found.location is not None
    assert found.location.line == 2


def test_forward_findings_speak_of_the_old_version_first(versions):
    """
    Promised is what was there, whoever writes.
    """
    (found,) = findings(versions(field("int32 a = 1;"), field("string a = 1;")), "forward")
    assert (found.promised, found.found) == ("int32", "string")
    assert found.breaks == (Breaks.OLD_READER,)


def test_every_scalar_kind_has_its_group():
    """
    A kind without a group would end the comparison.
    """
    assert SCALARS.keys() == set(_KINDS.values()) - {"message", "group"}


def test_the_profile_is_transitive_over_a_history(tmp_path):
    """
    Each step adds or removes a field; the last version cannot read the first one's data.
    """
    texts = (field("int32 a = 1;"), field(""), field("string a = 1;"))
    steps = [schema(tmp_path / str(number), text) for number, text in enumerate(texts)]
    assert compare(steps[0], steps[1], mode="backward", profile="confluent").findings == ()
    assert compare(steps[1], steps[2], mode="backward", profile="confluent").findings == ()
    whole = compare_history(steps, mode="backward", profile="confluent")
    assert told(whole.findings) == ["FIELD_SCALAR_KIND_CHANGED"]


def test_it_is_not_held_to_what_happens_to_data(tmp_path):
    """
    The registry lets int64 become int32; under `bytes` that loses the upper half.
    """
    old, new = (
        schema(tmp_path / "a", field("int64 a = 1;")),
        schema(tmp_path / "b", field("int32 a = 1;")),
    )
    assert compare(old, new, mode="backward", profile="confluent").findings == ()
    assert compare(old, new, mode="backward").findings != ()
