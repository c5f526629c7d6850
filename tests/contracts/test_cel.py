"""CEL with protovalidate's semantics, over messages of any schema."""

from typing import Any

import pytest

from tests.contracts.support import cel, compiled, message
from wireproof.contracts.cel import Cel, Uncompilable
from wireproof.schema.schema import Schema

ITEM: dict[str, Any] = {
    "id": "a",
    "price": "-9223372036854775808",
    "serial": "18446744073709551615",
    "color": "COLOR_BLUE",
    "tags": ["x", "y"],
    "parts": {"wheel": {"size": 3}},
    "madeAt": "2027-01-31T12:00:00Z",
    "label": "l",
    "stock": 0,
    "note": "n",
}


@pytest.mark.parametrize(
    "expression",
    [
        "this.id == 'a'",
        "this.price == -9223372036854775808",
        "this.serial == 18446744073709551615u",
        "this.color == 2",
        "this.color in [1, 2]",
        "has(this.made_at) && has(this.stock) && !has(this.box)",
        "this.made_at > timestamp('2027-01-31T11:59:59Z') && this.made_at.getFullYear() == 2027",
        "this.tags == ['x', 'y'] && this.tags.exists(t, t == 'y')",
        "this.parts['wheel'].size == 3",
        "this.note == 'n'",
        "this.id.matches('^[a-z]$')",
        "this.box.side == ''",
        "this.id == 'a' ? '' : 'it must be a'",
        "this.made_at < now",
    ],
)
def test_an_expression_that_holds_has_no_failure(expression):
    """Numbers of 64 bits, enums by number, presence, times, wrappers, protovalidate's functions."""
    late = ITEM | {"madeAt": "1999-01-31T12:00:00Z"} if "now" in expression else ITEM
    assert cel().failure(expression, message("Item", **late)) == ""


@pytest.mark.parametrize(
    ("expression", "failure"),
    [
        ("this.id == 'b'", "false"),
        ("has(this.box)", "false"),
        ("this.id == 'b' ? '' : 'it must be b'", "it must be b"),
        ("this.parts['door'].size == 3", 'error evaluating: Key not found in map : "door"'),
        ("this.tags[2] == 'z'", "error evaluating: Index error: index=2 size=2"),
        ("this.price / 0 == 1", "error evaluating: divide by zero"),
    ],
)
def test_an_expression_that_does_not_hold_says_why(expression, failure):
    """False, its own text, or why it cannot be evaluated."""
    assert cel().failure(expression, message("Item", **ITEM)) == failure


def test_an_empty_message_is_judged_too():
    """Nothing set is the very thing that expectations must notice."""
    assert cel().failure("this.id == 'a'", message("Item")) == "false"
    assert cel().failure("this.id == ''", message("Item")) == ""


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("this.id ==", "Syntax error"),
        ("frobnicate(this.id)", "overload"),
        ("this.tags.exists(t, )", "Syntax error"),
        ("1", "it answers neither true or false nor a text"),
        ("this.stock", "it answers neither true or false nor a text"),
    ],
)
def test_what_does_not_compile_is_refused(expression, reason):
    """With the compiler's first complaint, in one line."""
    with pytest.raises(Uncompilable) as refused:
        cel().compile(expression, message("Item").DESCRIPTOR)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_rules_of_the_message_itself_are_not_asked():
    """A contract judges what it names; a reply that breaks its own rules is another's business."""
    source = """
    syntax = "proto3";
    package shop.v1;
    message Ruled { string id = 1; }
    """
    plain = compiled(source)
    (file,) = (f for f in plain.files if f.name == "shop.proto")
    # (buf.validate.field).required = true, by hand: no import of buf/validate is needed.
    file.message_type[0].field[0].options.ParseFromString(b"\xba\x48\x03\xc8\x01\x01")
    ruled = Schema([file], source="ruled", own=frozenset({"shop.proto"}))
    assert Cel(ruled).failure("this.id == ''", message("Ruled", schema=ruled)) == ""


def test_two_versions_of_a_message_keep_apart():
    """The same expression over the same name, and each sees its own fields."""
    old = compiled('syntax = "proto3"; package shop.v1; message M { int32 a = 1; }')
    new = compiled('syntax = "proto3"; package shop.v1; message M { string a = 1; }')
    for schema, value, other in ((old, 5, 6), (new, "5", "6")):
        evaluator = Cel(schema)
        expression = f"this.a == {value!r}"
        assert evaluator.failure(expression, message("M", schema=schema, a=value)) == ""
        assert evaluator.failure(expression, message("M", schema=schema, a=other)) == "false"


def test_a_schema_may_bring_its_own_google_rpc():
    """Another version of it, in a file of another name."""
    source = """
    syntax = "proto3";
    package google.rpc;
    message ErrorInfo { string reason = 1; }
    message Status { int32 code = 1; }
    message Reply { ErrorInfo info = 1; }
    """
    schema = compiled(source)
    evaluator = Cel(schema)
    assert "error_info" in evaluator.status.fields_by_name
    reply = schema.message_class("google.rpc.Reply")()
    assert evaluator.failure("this.info.reason == ''", reply) == ""
