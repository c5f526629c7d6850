"""Every kind of validation rule, narrowed, widened, or only written otherwise.

What is expected follows from what buf/validate/validate.proto says of each rule. All rows are
compared in one go, each in a message of its own.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.cases.compiled import compiled
from tests.rules import validation_expressions, validation_texts, validation_values
from tests.rules.validation_row import BOTH, NARROWED, SAME, WIDENED
from wireproof.finding import Evidence, Finding
from wireproof.rules import compare

ROWS = (*validation_values.ROWS, *validation_texts.ROWS, *validation_expressions.ROWS)
HEAD = """
syntax = "proto3";
package t;
import "buf/validate/validate.proto";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "own.proto";
enum Colour { NONE = 0; RED = 1; BLUE = 2; }
message Part { int32 from = 1; int32 to = 2; }
"""
OWN = """
syntax = "proto2";
package t;
import "buf/validate/validate.proto";
extend buf.validate.Int32Rules {
  optional bool even = 9161 [(buf.validate.predefined).cel = {
    id: "even", expression: "this % 2 == 0"
  }];
  optional int32 least = 9162 [(buf.validate.predefined).cel = {
    id: "least", expression: "this >= rule"
  }];
}
"""


def _rules(written: str) -> str:
    """`a = 1, b = 2` as options of a field (commas inside of braces and quotes stay)."""
    parts, depth, quoted = [""], 0, False
    for letter in written:
        quoted ^= letter == '"' and not parts[-1].endswith("\\")
        depth += (letter in "{[") - (letter in "}]") if not quoted else 0
        if letter == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    options = [f"(buf.validate.field).{_named(part.strip())}" for part in parts if part.strip()]
    return f" [{', '.join(options)}]" if options else ""


def _named(part: str) -> str:
    return part.replace("(even)", "(t.even)").replace("(least)", "(t.least)")


def _source(side: int) -> str:
    messages = (
        f"message M{index} {{ {row[0]} a = 1{_rules(row[side])}; }}\n"
        for index, row in enumerate(ROWS)
    )
    rpcs = (f"rpc R{index}(M{index}) returns (Part);\n" for index in range(len(ROWS)))
    return f"{HEAD}{''.join(messages)}service S {{ {''.join(rpcs)} }}\n"


@cache
def _findings() -> dict[str, list[Finding]]:
    """The findings of every row by the subject."""
    schemas = []
    for side in (1, 2):
        with TemporaryDirectory() as folder:
            (Path(folder) / "a.proto").write_text(_source(side))
            (Path(folder) / "own.proto").write_text(OWN)
            schemas.append(compiled(Path(folder), "a.proto", "own.proto"))
    found: dict[str, list[Finding]] = {}
    for finding in compare(schemas[0], schemas[1], engines=("wireproof",)).findings:
        found.setdefault(finding.subject, []).append(finding)
    return found


@pytest.mark.parametrize("index", range(len(ROWS)), ids=[f"{a}: {b} → {c}" for a, b, c, _ in ROWS])
def test_a_change_of_rules_is_judged_by_the_values_that_it_concerns(index: int):
    """
    Narrowed, widened, both or neither; where values differ, one of them is shown.
    """
    found = _findings().get(f"t.M{index}.a", [])
    wanted = {
        SAME: [],
        NARROWED: ["VALIDATION_NARROWED"],
        WIDENED: ["VALIDATION_WIDENED"],
        BOTH: ["VALIDATION_NARROWED", "VALIDATION_WIDENED"],
    }
    assert [f.id for f in found] == wanted[ROWS[index][3]]
    assert {f.evidence for f in found} <= {Evidence.PROVEN}


def test_releases_of_buf_validate_in_several_files_are_tried_as_well(tmp_path: Path):
    """
    Validators know its symbols from one file, whatever a schema vendors.
    """
    rules = """
    syntax = "proto2";
    package buf.validate;
    import "google/protobuf/descriptor.proto";
    import "buf/validate/expression.proto";
    extend google.protobuf.FieldOptions { optional FieldConstraints field = 1159; }
    message Int32Rules { optional int32 gt = 4; }
    message FieldConstraints { repeated Constraint cel = 23; optional Int32Rules int32 = 3; }
    """
    words = 'syntax = "proto3"; package buf.validate;'
    user = """
    syntax = "proto3";
    package t;
    import "buf/validate/validate.proto";
    message M { int32 a = 1 [(buf.validate.field).int32.gt = %d]; }
    message E {}
    service S { rpc Get(M) returns (E); }
    """
    for side, least in (("old", 3), ("new", 5)):
        folder = tmp_path / side / "buf/validate"
        folder.mkdir(parents=True)
        (folder / "validate.proto").write_text(rules)
        (folder / "expression.proto").write_text(
            words + "message Constraint { string id = 1; } message Violations {}"
        )
        (tmp_path / side / "m.proto").write_text(user % least)
    sides = [compiled(tmp_path / side, "m.proto") for side in ("old", "new")]
    (finding,) = compare(*sides, engines=("wireproof",)).findings
    assert (finding.id, finding.evidence) == ("VALIDATION_NARROWED", Evidence.PROVEN)


def moved(tmp_path: Path, old: str, new: str) -> tuple[Finding, ...]:
    """What is found where rules of a field became one of its message."""
    body = 'syntax = "proto3"; package t; import "buf/validate/validate.proto";'
    calls = "message E {} service S { rpc Get(M) returns (E); }"
    for side, message in (("old", old), ("new", new)):
        (tmp_path / side).mkdir()
        (tmp_path / side / "m.proto").write_text(f"{body} message M {{ {message} }} {calls}")
    sides = [compiled(tmp_path / side, "m.proto") for side in ("old", "new")]
    return compare(*sides, engines=("wireproof",)).findings


def test_what_other_rules_forbade_shows_no_break(tmp_path: Path):
    """
    Old clients always set `a`, so none of their requests lacks both.
    """
    rule = (
        'option (buf.validate.message).cel = {id: "c", expression: "has(this.a) || has(this.b)"};'
    )
    found = moved(
        tmp_path,
        "optional string a = 1 [(buf.validate.field).required = true];",
        f"{rule} optional string a = 1; optional string b = 2;",
    )
    assert [(f.id, f.evidence) for f in found if f.subject == "t.M"] == [
        ("VALIDATION_NARROWED", Evidence.UNPROVEN)
    ]


def test_a_message_with_fields_of_the_other_version_shows_no_break(tmp_path: Path):
    """
    Old clients cannot set `b`, which they do not know.
    """
    rule = 'option (buf.validate.message).cel = {id: "c", expression: "!(this.a && this.b)"};'
    found = moved(tmp_path, "bool a = 1;", f"{rule} bool a = 1; bool b = 2;")
    assert [f.evidence for f in found if f.subject == "t.M"] == [Evidence.UNPROVEN]
