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
from wireproof.finding import Evidence, Finding
from wireproof.rules import compare

SAME, NARROWED, WIDENED, BOTH = "same", "narrowed", "widened", "both"
ROWS = [
    # const
    ("int32", "int32.const = 5", "int32.const = 6", BOTH),
    ("int32", "int32.const = 5", "int32.in = 5", SAME),
    ("int32", "", "int32.const = 5", NARROWED),
    ("string", 'string.const = "a"', 'string.in = "a"', SAME),
    ("string", 'string.const = "a"', 'string = {in: ["a", "b"]}', WIDENED),
    ("bool", "", "bool.const = true", NARROWED),
    ("bool", "bool.const = true", "bool.const = false", BOTH),
    ("bytes", 'bytes.const = "a"', 'bytes.const = "\\xff"', BOTH),
    ("double", "double.const = 1.5", "double = {gte: 1.5, lte: 1.5}", SAME),
    # ranges
    ("int32", "int32.gt = 0", "int32.gte = 1", SAME),
    ("int32", "int32.lte = 9", "int32.lt = 10", SAME),
    ("int32", "int32.lte = 9", "int32.lt = 9", NARROWED),
    ("uint64", "uint64.gte = 0", "", SAME),
    ("uint64", "uint64.lte = 18446744073709551615", "", SAME),
    ("uint64", "", "uint64.lt = 18446744073709551615", NARROWED),
    ("int64", "int64.gt = 9007199254740992", "int64.gt = 9007199254740993", NARROWED),
    ("sint32", "sint32.gte = -5", "sint32.gte = -4", NARROWED),
    ("fixed32", "fixed32.lt = 10", "fixed32.lt = 11", WIDENED),
    ("fixed64", "fixed64.gt = 10", "fixed64.gte = 11", SAME),
    ("sfixed32", "sfixed32.gt = 10", "sfixed32.gte = 12", NARROWED),
    ("sfixed64", "sfixed64.gt = 10", "", WIDENED),
    ("int32", "int32 = {gt: 10, lt: 5}", "int32 = {gte: 11, lte: 4}", SAME),
    ("int32", "int32 = {gt: 10, lt: 5}", "int32 = {gt: 10, lt: 4}", NARROWED),
    ("int32", "int32 = {gt: 10, lt: 5}", "int32 = {gt: 5, lt: 10}", BOTH),
    ("int32", "int32 = {gt: 10, lt: 5}", "", WIDENED),
    ("double", "double.gt = 0", "double.gte = 0", WIDENED),
    ("float", "float.lte = 1", "float.lt = 1", NARROWED),
    ("double", "", "double.finite = true", NARROWED),
    ("float", "float.finite = true", "float.finite = false", WIDENED),
    # lists
    ("int32", "int32 = {in: [1, 2]}", "int32 = {in: [2, 1]}", SAME),
    ("int32", "int32 = {in: [1, 2]}", "int32 = {in: [1]}", NARROWED),
    ("int32", "int32 = {not_in: [7]}", "int32 = {not_in: [7, 8]}", NARROWED),
    ("int32", "int32 = {in: [1, 2, 3]}", "int32 = {gte: 1, lte: 3}", SAME),
    ("int32", "int32 = {gt: 0, in: [5, -5]}", "int32 = {in: [5]}", SAME),
    ("string", 'string = {not_in: ["a"]}', "", WIDENED),
    ("string", 'string = {in: ["a", "b"]}', 'string.pattern = "^[ab]$"', SAME),
    ("bytes", 'bytes = {in: ["a"]}', 'bytes = {in: ["a", "b"]}', WIDENED),
    ("float", "float = {in: [1]}", "float = {in: [2]}", BOTH),
    # lengths
    ("string", "string.len = 5", "string = {min_len: 5, max_len: 5}", SAME),
    ("string", "string.min_len = 1", "string.min_len = 2", NARROWED),
    ("string", "string.min_len = 0", "", SAME),
    ("string", "string.max_len = 9", "string.max_bytes = 9", NARROWED),
    ("string", "string.max_len = 5", "string.max_bytes = 19", BOTH),
    ("string", "string.max_len = 5", "string.max_bytes = 20", WIDENED),
    ("string", "string.max_bytes = 20", "string.max_len = 5", NARROWED),
    ("string", "string.min_len = 5", "string.min_bytes = 20", NARROWED),
    ("string", "string.len_bytes = 9", "string = {min_bytes: 9, max_bytes: 9}", SAME),
    ("string", "string.min_bytes = 2", "string.min_len = 2", NARROWED),
    ("string", "string.max_len = 100000", "string.max_len = 50000", NARROWED),
    ("bytes", "bytes.max_len = 4", "bytes.max_len = 5", WIDENED),
    ("bytes", "bytes.len = 4", "bytes = {min_len: 4, max_len: 4}", SAME),
    # affixes
    ("string", 'string.prefix = "ab"', 'string.prefix = "abc"', NARROWED),
    ("string", 'string.prefix = "ab"', 'string.pattern = "^ab"', SAME),
    ("string", 'string.suffix = "z"', "", WIDENED),
    ("string", 'string.contains = "q"', 'string.pattern = "q"', SAME),
    ("string", 'string.not_contains = "q"', 'string.pattern = "^[^q]*$"', SAME),
    ("string", 'string.not_contains = "q"', 'string.not_contains = "qq"', WIDENED),
    ("bytes", 'bytes.prefix = "\\xff"', 'bytes.prefix = "\\xff\\x00"', NARROWED),
    ("bytes", 'bytes.contains = "a"', "", WIDENED),
    ("bytes", 'bytes.suffix = "a"', 'bytes.suffix = "b"', BOTH),
    # patterns: RE2, unanchored
    ("string", 'string.pattern = "[a-c]+"', 'string.pattern = "(a|b|c)+"', SAME),
    ("string", 'string.pattern = "a|b"', 'string.pattern = "b|a"', SAME),
    ("string", 'string.pattern = "^(?:a)$"', 'string.pattern = "^a$"', SAME),
    ("string", 'string.pattern = "^^a$$"', 'string.pattern = "^a$"', SAME),
    ("string", 'string.pattern = "a+"', 'string.pattern = "a"', SAME),
    ("string", 'string.pattern = "a"', 'string.pattern = "^a$"', NARROWED),
    ("string", 'string.pattern = "^[a-z]+$"', 'string.pattern = "^[a-z0-9]+$"', WIDENED),
    ("string", 'string.pattern = "^\\\\d{3,5}$"', 'string.pattern = "^[0-9]{3,5}$"', SAME),
    ("string", 'string.pattern = "^\\\\d{3,5}$"', 'string.pattern = "^[0-9]{3,4}$"', NARROWED),
    ("string", 'string.pattern = "^.$"', 'string.pattern = "^(?s:.)$"', WIDENED),
    (
        "string",
        'string.pattern = "^[a-z]{1,9}$"',
        'string = {pattern: "^[a-z]+$", max_len: 9}',
        SAME,
    ),
    ("string", 'string.pattern = "\\\\bfoo\\\\b"', 'string.pattern = "foo"', WIDENED),
    (
        "string",
        'string = {pattern: "^[a-z]{3}$", max_len: 9}',
        'string = {pattern: "^[a-z]{3}$", max_len: 5}',
        SAME,
    ),
    ("string", 'string.pattern = "(?i)^a$"', 'string.pattern = "^a$"', NARROWED),
    ("bytes", 'bytes.pattern = "^a"', 'bytes.pattern = "^b"', BOTH),
    # formats
    ("string", "string.email = true", "string.hostname = true", BOTH),
    ("string", "", "string.email = true", NARROWED),
    ("string", "string.uuid = true", "", WIDENED),
    (
        "string",
        "string.uuid = true",
        'string.pattern = "^[[:xdigit:]]{8}-([[:xdigit:]]{4}-){3}[[:xdigit:]]{12}$"',
        SAME,
    ),
    ("string", "string.tuuid = true", 'string.pattern = "^[0-9a-f]{32}$"', NARROWED),
    ("bytes", "bytes.uuid = true", "bytes.len = 16", SAME),
    ("bytes", "bytes.ipv4 = true", "bytes.len = 4", SAME),
    ("bytes", "bytes.ip = true", "bytes = {min_len: 4, max_len: 16}", WIDENED),
    # rules that expressions say
    ("int32", "int32.gt = 0", 'cel = {id: "c", expression: "this > 0"}', SAME),
    ("uint32", 'cel = {id: "c", expression: "3u >= this"}', "uint32.lte = 3", SAME),
    ("string", "string.min_len = 1", 'cel = {id: "c", expression: "this.size() > 0"}', SAME),
    ("string", "string.email = true", 'cel = {id: "c", expression: "this.isEmail()"}', SAME),
    ("string", "string.max_len = 3", 'cel = {id: "c", expression: "this.size() < 3"}', NARROWED),
    (
        "string",
        'string = {in: ["a", "b"]}',
        "cel = {id: 'c', expression: 'this in [\"b\", \"a\"]'}",
        SAME,
    ),
    (
        "repeated string",
        "repeated.min_items = 1",
        'cel = {id: "c", expression: "size(this) > 0"}',
        SAME,
    ),
    ("string", "string.email = false", "", SAME),
    ("string", "string.uuid = true", "string.tuuid = true", BOTH),
    ("string", "string.ip = true", "string.ipv4 = true", NARROWED),
    ("string", "string.ipv6 = true", "string.ip = true", WIDENED),
    ("string", "string.uri = true", "string.uri_ref = true", WIDENED),
    ("string", "string.address = true", "string.hostname = true", NARROWED),
    ("string", "string.ip_with_prefixlen = true", "string.ip_prefix = true", NARROWED),
    ("string", "string.ipv4_with_prefixlen = true", "string.ipv6_with_prefixlen = true", BOTH),
    ("string", "string.ipv4_prefix = true", "string.ipv6_prefix = true", BOTH),
    ("string", "string.host_and_port = true", "string.hostname = true", BOTH),
    (
        "string",
        "string.well_known_regex = KNOWN_REGEX_HTTP_HEADER_NAME",
        "string.well_known_regex = KNOWN_REGEX_HTTP_HEADER_VALUE",
        WIDENED,
    ),
    ("string", "", "string.ulid = true", NARROWED),
    ("bytes", "bytes.ip = true", "bytes.ipv4 = true", NARROWED),
    ("bytes", "bytes.ipv6 = true", "", WIDENED),
    # enums
    ("Colour", "", "enum.defined_only = true", NARROWED),
    ("Colour", "enum.defined_only = true", "enum.defined_only = false", WIDENED),
    ("Colour", "enum = {in: [1, 2]}", "enum = {in: [1]}", NARROWED),
    ("Colour", "enum = {not_in: [0]}", "", WIDENED),
    ("Colour", "enum.defined_only = true", "enum = {in: [0, 1, 2]}", SAME),
    ("Colour", "enum.const = 1", "enum.const = 2", BOTH),
    # lists and maps
    ("repeated string", "repeated.min_items = 1", "repeated.min_items = 2", NARROWED),
    ("repeated string", "repeated.max_items = 1", "repeated.max_items = 2", WIDENED),
    ("repeated string", "", "repeated.unique = true", NARROWED),
    ("repeated int32", "repeated.max_items = 6000", "repeated.max_items = 5000", NARROWED),
    (
        "repeated string",
        "repeated.items.string.min_len = 2",
        "repeated.items.string.min_len = 3",
        NARROWED,
    ),
    (
        "repeated string",
        "repeated = {min_items: 3, items: {string: {min_len: 2}}}",
        "repeated = {min_items: 3, items: {string: {min_len: 3}}}",
        NARROWED,
    ),
    (
        "repeated string",
        "repeated = {min_items: 3, unique: true, items: {string: {max_len: 3}}}",
        "repeated = {min_items: 3, unique: true, items: {string: {max_len: 4}}}",
        WIDENED,
    ),
    ("repeated int32", "repeated.items.int32.gt = 0", "repeated.items.int32.gte = 1", SAME),
    (
        "repeated string",
        'repeated.items.string.pattern = "[a-c]+"',
        'repeated.items.string.pattern = "(a|b|c)+"',
        SAME,
    ),
    ("repeated bool", "repeated.max_items = 3", "repeated.max_items = 2", NARROWED),
    ("map<string, int32>", "map.min_pairs = 1", "map.min_pairs = 2", NARROWED),
    ("map<string, int32>", "map.max_pairs = 10", "map.max_pairs = 20", WIDENED),
    ("map<string, int32>", "map.keys.string.min_len = 1", "map.keys.string.min_len = 2", NARROWED),
    ("map<string, int32>", "map.values.int32.lt = 10", "map.values.int32.lte = 9", SAME),
    ("map<string, int32>", "map.values.int32.lt = 10", "map.values.int32.lt = 9", NARROWED),
    (
        "map<int32, string>",
        "map = {min_pairs: 2, keys: {int32: {gt: 5}}}",
        "map = {min_pairs: 2, keys: {int32: {gt: 4}}}",
        WIDENED,
    ),
    # well-known messages
    ("google.protobuf.Any", 'any = {in: ["type.googleapis.com/a.B"]}', "", WIDENED),
    ("google.protobuf.Any", "", 'any = {not_in: ["type.googleapis.com/a.B"]}', NARROWED),
    (
        "google.protobuf.Duration",
        "duration.lt = {seconds: 5}",
        "duration.lt = {seconds: 4}",
        NARROWED,
    ),
    (
        "google.protobuf.Duration",
        "duration.lt = {seconds: 5}",
        "duration.lte = {seconds: 4, nanos: 999999999}",
        SAME,
    ),
    (
        "google.protobuf.Duration",
        "duration.gt = {seconds: 0}",
        "duration.gte = {seconds: 0}",
        WIDENED,
    ),
    ("google.protobuf.Duration", "", "duration = {in: [{seconds: 3}]}", NARROWED),
    (
        "google.protobuf.Timestamp",
        "timestamp.gt = {seconds: 5}",
        "timestamp.gte = {seconds: 5, nanos: 1}",
        SAME,
    ),
    (
        "google.protobuf.Timestamp",
        "timestamp.gt = {seconds: 5}",
        "timestamp.gt = {seconds: 6}",
        NARROWED,
    ),
    ("google.protobuf.Timestamp", "", "timestamp.lt_now = true", NARROWED),
    ("google.protobuf.Timestamp", "timestamp.gt_now = true", "timestamp.lt_now = true", BOTH),
    (
        "google.protobuf.Timestamp",
        "timestamp.within = {seconds: 3602}",
        "timestamp.within = {seconds: 3600}",
        NARROWED,
    ),
    (
        "google.protobuf.Timestamp",
        "timestamp.within = {seconds: 3600}",
        "timestamp.within = {seconds: 60}",
        NARROWED,
    ),
    (
        "google.protobuf.FieldMask",
        'field_mask = {in: ["a", "b"]}',
        'field_mask = {in: ["a"]}',
        NARROWED,
    ),
    ("google.protobuf.FieldMask", 'field_mask = {not_in: ["a"]}', "", WIDENED),
    ("google.protobuf.StringValue", "string.min_len = 2", "string.min_len = 3", NARROWED),
    ("google.protobuf.Int32Value", "int32.gt = 0", "int32.gte = 1", SAME),
    # presence
    ("string", "", "required = true", NARROWED),
    ("string", "required = true", "string.min_len = 1", SAME),
    ("optional string", "required = true", "string.min_len = 1", BOTH),
    ("Part", "required = true", "", WIDENED),
    ("repeated string", "required = true", "repeated.min_items = 1", SAME),
    # ignore
    ("string", "string.min_len = 2", "string.min_len = 2, ignore = IGNORE_IF_ZERO_VALUE", WIDENED),
    ("string", "string.min_len = 2, ignore = IGNORE_ALWAYS", "", SAME),
    ("string", "string.min_len = 2, ignore = IGNORE_ALWAYS", "string.min_len = 2", NARROWED),
    ("int32", "int32.gt = 2", "int32.gt = 2, ignore = IGNORE_IF_ZERO_VALUE", WIDENED),
    # a field that knows set from unset is passed over where it is unset anyway
    ("optional int32", "int32.gt = 2", "int32.gt = 2, ignore = IGNORE_IF_ZERO_VALUE", SAME),
    # CEL of a field
    (
        "int32",
        'cel = {id: "a", expression: "this > 3"}',
        'cel = {id: "a", expression: "this > 4"}',
        NARROWED,
    ),
    (
        "int32",
        'cel = {id: "a", expression: "this > 3"}',
        'cel = {id: "b", message: "m", expression: "this>3"}',
        SAME,
    ),
    ("int32", "", 'cel = {id: "a", expression: "this % 7 == 0"}', NARROWED),
    ("string", "", 'cel = {id: "a", expression: "this.startsWith(\'ab\')"}', NARROWED),
    ("string", 'cel = {id: "a", expression: "this.startsWith(\'ab\')"}', "", WIDENED),
    ("Part", "", 'cel = {id: "a", expression: "this.from <= this.to"}', NARROWED),
    ("repeated int32", "", 'cel = {id: "a", expression: "this.all(x, x > 2)"}', NARROWED),
    # predefined rules
    ("int32", "int32.(even) = true", "", WIDENED),
    ("int32", "", "int32.(even) = true", NARROWED),
    ("int32", "int32.(least) = 4", "int32.(least) = 5", NARROWED),
    # an example is no rule
    ("string", 'string.example = "a"', 'string.example = "b"', SAME),
]
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
