"""What buf.validate says is read as buf/validate/validate.proto defines it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.compiled import compiled as from_folder
from tests.values.corpus import compiled, corpus
from wireproof.schema.constraints import (
    FieldConstraints,
    Ignore,
    OneOf,
    constraints_of,
    rule_ids,
)


def rules(message: str, field: str) -> FieldConstraints:
    schema = corpus()
    return constraints_of(schema).field(schema.message(message).fields_by_name[field])


# As the `predefined` CEL of each rule in buf/validate/validate.proto names it.
IDS = [
    ("corpus.numbers.Int32Numbers", "constant", ("int32.const",)),
    ("corpus.numbers.Sint64Numbers", "below", ("sint64.lt",)),
    ("corpus.numbers.Fixed32Numbers", "at_least", ("fixed32.gte",)),
    ("corpus.numbers.Int32Numbers", "between", ("int32.gt_lt",)),
    ("corpus.numbers.Int32Numbers", "outside", ("int32.gt_lt_exclusive",)),
    ("corpus.numbers.DoubleNumbers", "around", ("double.gte_lte_exclusive",)),
    ("corpus.numbers.FloatNumbers", "half_open", ("float.gte_lt",)),
    ("corpus.numbers.FloatNumbers", "open_half", ("float.gt_lte_exclusive",)),
    ("corpus.numbers.FloatNumbers", "finite", ("float.finite",)),
    ("corpus.numbers.Uint64Numbers", "both", ("uint64.not_in", "uint64.gt_lt")),
    ("corpus.numbers.Int32Numbers", "ignored", ()),
    ("corpus.texts.Formats", "email", ("string.email", "string.email_empty")),
    ("corpus.texts.Formats", "uri_ref", ("string.uri_ref",)),
    ("corpus.texts.Formats", "header_value", ("string.well_known_regex.header_value",)),
    (
        "corpus.texts.Formats",
        "loose_name",
        ("string.well_known_regex.header_name", "string.well_known_regex.header_name_empty"),
    ),
    ("corpus.texts.Octets", "ip", ("bytes.ip", "bytes.ip_empty")),
    ("corpus.shapes.Scalars", "needed", ("required", "enum.defined_only")),
    ("corpus.shapes.Lists", "at_least", ("repeated.min_items",)),
    ("corpus.shapes.Lists", "colors", ("repeated.unique",)),
    ("corpus.shapes.WellKnown", "outside", ("duration.gt_lt_exclusive",)),
    ("corpus.shapes.WellKnown", "past", ("timestamp.lt_now",)),
    ("corpus.shapes.WellKnown", "any_but", ("any.not_in",)),
    ("corpus.shapes.WellKnown", "mask_of", ("field_mask.in",)),
    ("corpus.messages.FieldExpressions", "even", ("even",)),
    ("corpus.messages.FieldExpressions", "shouted", ("string.shout",)),
]  # fmt: skip


@pytest.mark.parametrize(("message", "field", "ids"), IDS)
def test_a_rule_has_the_id_that_protovalidate_reports(message, field, ids):
    """
    Findings name rules as protovalidate names them, ranges joined as it joins them.
    """
    assert set(rule_ids(rules(message, field))) == set(ids)


def test_required_says_nothing_of_an_item():
    """
    An item cannot be missing.
    """
    needed = FieldConstraints(required=True)
    assert rule_ids(needed) == ("required",)
    assert rule_ids(needed, inside=True) == ()


def test_rules_of_items_keys_and_values_are_read():
    """
    Rules nest as deep as lists and maps do.
    """
    colors = rules("corpus.shapes.Maps", "colors")
    assert colors.keys is not None
    assert colors.values is not None
    assert (colors.keys.kind, colors.keys.rule("gte")) == ("uint32", 10)
    assert (colors.values.kind, colors.values.rule("defined_only")) == ("enum", True)
    items = rules("corpus.shapes.Lists", "loose").items
    assert items is not None
    assert items.ignore is Ignore.IF_ZERO_VALUE


def test_a_predefined_rule_brings_its_expression():
    """
    Rules of a schema's own are extensions, found in the schema's own pool.
    """
    [shout] = rules("corpus.messages.FieldExpressions", "shouted").predefined
    assert shout.name == "corpus.messages.shout"
    assert [cel.expression for cel in shout.cel] == ["!rule || this == this.upperAscii()"]


def test_message_rules_are_read():
    """
    CEL with and without an id, and oneofs over plain fields.
    """
    schema = corpus()
    known = constraints_of(schema)
    expressions = known.message(schema.message("corpus.messages.Expressions"))
    assert [cel.id for cel in expressions.cel] == [
        "start_before_end",
        "sum",
        "this.password == this.confirmation",
    ]
    choice = known.message(schema.message("corpus.messages.ExactlyOne"))
    assert choice.oneofs == (OneOf(("by_name", "by_number"), required=True),)
    declared = schema.message("corpus.messages.Choices").oneofs_by_name
    assert known.oneof_required(declared["needed"])
    assert not known.oneof_required(declared["free"])


def test_a_schema_without_buf_validate_has_no_rules():
    """
    Most schemas promise nothing; that is no error.
    """
    schema = compiled("plain.proto")
    plain = schema.message("corpus.plain.Plain")
    known = constraints_of(schema)
    assert all(known.field(field) == FieldConstraints() for field in plain.fields)
    assert known.message(plain).cel == ()
    assert not known.oneof_required(plain.oneofs_by_name["t"])


# As much of buf/validate/validate.proto as the test needs, in the words of three of its releases.
OLD = """
syntax = "proto2";
package buf.validate;
import "google/protobuf/descriptor.proto";
extend google.protobuf.FieldOptions {{ optional FieldConstraints field = 1159; }}
message Constraint {{ optional string id = 1; optional string message = 2; }}
message StringRules {{ optional uint64 min_len = 2; }}
message FieldConstraints {{
  repeated Constraint cel = 23;
  optional bool required = 25;
  {declared}
  oneof type {{ StringRules string = 14; }}
}}
"""
USER = """
syntax = "proto3";
package t;
import "buf/validate/validate.proto";
message M {{ string a = 1 [(buf.validate.field) = {{string: {{min_len: 2}} {said}}}]; }}
"""
SWITCHES = "optional bool skipped = 24; optional bool ignore_empty = 26;"
NAMED = """
optional Ignore ignore = 27;
enum Ignore { UNSPECIFIED = 0; EMPTY = 1; DEFAULT = 2; ALWAYS = 3; }
"""


@pytest.mark.parametrize(
    ("declared", "said", "ignore"),
    [
        (SWITCHES, "", Ignore.UNSPECIFIED),
        (SWITCHES, "skipped: true", Ignore.ALWAYS),
        (SWITCHES, "ignore_empty: true", Ignore.IF_ZERO_VALUE),
        (NAMED, "ignore: EMPTY", Ignore.IF_ZERO_VALUE),
        (NAMED, "ignore: DEFAULT", Ignore.IF_ZERO_VALUE),
        (NAMED, "ignore: ALWAYS", Ignore.ALWAYS),
    ],
)
def test_older_releases_of_buf_validate_are_read(
    tmp_path: Path, declared: str, said: str, ignore: Ignore
):
    """
    Many schemas still vendor one of them.
    """
    (tmp_path / "buf/validate").mkdir(parents=True)
    (tmp_path / "buf/validate/validate.proto").write_text(OLD.format(declared=declared))
    (tmp_path / "m.proto").write_text(USER.format(said=said))
    schema = from_folder(tmp_path, "m.proto")
    found = constraints_of(schema).field(schema.message("t.M").fields_by_name["a"])
    assert (found.kind, found.rule("min_len"), found.ignore) == ("string", 2, ignore)
