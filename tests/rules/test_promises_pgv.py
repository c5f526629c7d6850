"""PGV's rules, judged like those of protovalidate that say the same."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.cases.compiled import compiled
from wireproof.finding import Evidence
from wireproof.rules import compare
from wireproof.schema.schema import Schema

# As much of validate/validate.proto as the cases need, under the numbers that it has there.
PGV = """
syntax = "proto2";
package validate;
import "google/protobuf/descriptor.proto";
import "google/protobuf/duration.proto";
extend google.protobuf.MessageOptions { optional bool disabled = 1071; }
extend google.protobuf.OneofOptions { optional bool required = 1071; }
extend google.protobuf.FieldOptions { optional FieldRules rules = 1071; }
message FieldRules {
  optional MessageRules message = 17;
  oneof type {
    Int32Rules int32 = 3;
    StringRules string = 14;
    EnumRules enum = 16;
    RepeatedRules repeated = 18;
    DurationRules duration = 21;
  }
}
message Int32Rules {
  optional int32 const = 1;
  optional int32 lt = 2;
  optional int32 lte = 3;
  optional int32 gt = 4;
  optional int32 gte = 5;
  repeated int32 in = 6;
  optional bool ignore_empty = 8;
}
message StringRules {
  optional uint64 min_len = 2;
  optional uint64 max_len = 3;
  optional string pattern = 6;
  repeated string in = 10;
  oneof well_known { bool email = 12; bool hostname = 13; KnownRegex well_known_regex = 24; }
  optional bool strict = 25 [default = true];
  optional bool ignore_empty = 26;
}
enum KnownRegex { UNKNOWN = 0; HTTP_HEADER_NAME = 1; HTTP_HEADER_VALUE = 2; }
message EnumRules { optional bool defined_only = 2; }
message MessageRules { optional bool skip = 1; optional bool required = 2; }
message RepeatedRules {
  optional uint64 min_items = 1;
  optional bool unique = 3;
  optional FieldRules items = 4;
}
message DurationRules {
  optional bool required = 1;
  optional google.protobuf.Duration lt = 3;
}
"""
HEAD = """
syntax = "proto3";
package t;
import "validate/validate.proto";
import "google/protobuf/duration.proto";
message E {}
enum Colour { NONE = 0; RED = 1; }
message Part { string s = 1 [(validate.rules).string.min_len = 2]; }
"""
NARROWED, WIDENED = "VALIDATION_NARROWED", "VALIDATION_WIDENED"


@cache
def schema(body: str) -> Schema:
    with TemporaryDirectory() as folder:
        (Path(folder) / "validate").mkdir()
        (Path(folder) / "validate/validate.proto").write_text(PGV)
        (Path(folder) / "a.proto").write_text(HEAD + body)
        return compiled(Path(folder), "a.proto", "validate/validate.proto")


def field(kind: str, rules: str, option: str = "") -> str:
    options = f" [(validate.rules).{rules}]" if rules else ""
    return (
        f"message M {{ {option} {kind} a = 1{options}; }} service S {{ rpc Get(M) returns (E); }}"
    )


@pytest.mark.parametrize(
    ("kind", "old", "new", "wanted"),
    [
        ("int32", "int32.gt = 0", "int32.gte = 1", []),
        ("int32", "int32.gt = 0", "int32.gt = 1", [NARROWED]),
        ("int32", "int32 = {gt: 5, lt: 0}", "int32 = {gte: 6, lte: -1}", []),
        ("int32", "int32 = {in: [1]}", "int32 = {in: [1, 2]}", [WIDENED]),
        ("int32", "int32 = {gt: 2, ignore_empty: true}", "int32.gt = 2", [NARROWED]),
        ("string", "string.min_len = 2", "string.min_len = 3", [NARROWED]),
        ("string", 'string.pattern = "[a-c]+"', 'string.pattern = "(a|b|c)+"', []),
        ("string", 'string.pattern = "^[a-c]+$"', 'string.pattern = "^[a-b]+$"', [NARROWED]),
        ("string", "string.email = true", "string.hostname = true", [NARROWED, WIDENED]),
        ("string", "", "string.email = true", [NARROWED]),
        ("string", "", "string.well_known_regex = HTTP_HEADER_NAME", [NARROWED]),
        ("string", "string.well_known_regex = HTTP_HEADER_VALUE", "", [WIDENED]),
        ("string", "", "string.well_known_regex = UNKNOWN", []),
        (
            "string",
            "string = {well_known_regex: HTTP_HEADER_NAME, strict: false}",
            "string = {well_known_regex: HTTP_HEADER_VALUE, strict: false}",
            [],
        ),
        ("Colour", "enum.defined_only = true", "", [WIDENED]),
        ("repeated string", "repeated.unique = true", "", [WIDENED]),
        (
            "repeated string",
            "repeated.items.string.min_len = 1",
            "repeated.items.string.min_len = 2",
            [NARROWED],
        ),
        ("Part", "message.required = true", "", [WIDENED]),
        ("google.protobuf.Duration", "", "duration.required = true", [NARROWED]),
        (
            "google.protobuf.Duration",
            "duration.lt = {seconds: 5}",
            "duration.lt = {seconds: 4}",
            [NARROWED],
        ),
    ],
)
def test_rules_of_pgv_are_judged_by_their_values(kind: str, old: str, new: str, wanted: list[str]):
    """
    A value is shown for each that differs.
    """
    findings = compare(
        schema(field(kind, old)), schema(field(kind, new)), engines=("wireproof",)
    ).findings
    assert [f.id for f in findings] == wanted
    assert all(f.evidence is Evidence.PROVEN for f in findings)


def test_a_message_whose_validation_is_off_asks_for_nothing():
    """
    `disabled` passes over every rule of the message.
    """
    off = "option (validate.disabled) = true;"
    old, new = (field("int32", f"int32.gt = {n}", off) for n in (0, 5))
    assert compare(schema(old), schema(new), engines=("wireproof",)).findings == ()


def test_to_switch_validation_on_asks_for_every_rule():
    """
    Values that no rule was applied to are refused.
    """
    off = field("int32", "int32.gt = 5", "option (validate.disabled) = true;")
    on = field("int32", "int32.gt = 5")
    findings = compare(schema(off), schema(on), engines=("wireproof",)).findings
    assert [(f.id, f.subject) for f in findings] == [(NARROWED, "t.M")]


def test_a_oneof_may_start_to_ask_for_a_branch():
    """
    PGV says so in the oneof.
    """
    body = (
        "message M {{ oneof one {{ {} string a = 1; int32 b = 2; }} }}"
        "service S {{ rpc Get(M) returns (E); }}"
    )
    old, new = body.format(""), body.format("option (validate.required) = true;")
    (finding,) = compare(schema(old), schema(new), engines=("wireproof",)).findings
    assert (finding.id, finding.found) == (NARROWED, "validate.required = true")


def test_a_header_that_need_not_be_strict_may_be_empty():
    """
    Then PGV asks for no more than no zero byte and no line break, of names and values alike.
    """
    lenient = "string = {well_known_regex: HTTP_HEADER_NAME, strict: false}"
    old = "message M {} service S { rpc Get(M) returns (E); }"
    assert (
        compare(schema(old), schema(field("string", lenient)), engines=("wireproof",)).findings
        == ()
    )
