"""Rules of protoc-gen-validate, read as rules of buf.validate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.values.corpus import compiled, corpus
from wireproof.schema.pgv import translated
from wireproof.schema.schema import Schema
from wireproof.values import gaps, invalid, valid, violations

PROTOS = Path(__file__).parent / "pgv"


def legacy() -> Schema:
    return translated(compiled("legacy_rules.proto", folder=PROTOS))


# Each rule of the file, broken, and what protovalidate calls it.
BROKEN = [
    ({"email": "nobody"}, ("email", "string.email")),
    ({"nick": "ab"}, ("nick", "string.min_len")),
    ({"age": 17}, ("age", "int32.gte_lt")),
    ({"tags": ["aa", "aa"]}, ("tags", "repeated.unique")),
    ({"tags": ["a"]}, ("tags[0]", "string.min_len")),
    ({"parts": {"A": {"name": "a"}}}, ('parts["A"]', "string.pattern")),
    ({"needed": {"name": ""}}, ("needed.name", "string.min_len")),
]


def account(schema: Schema, **changed: Any) -> Any:
    good: dict[str, Any] = {
        "email": "a@example.com",
        "age": 18,
        "tags": ["aa"],
        "wait": {"seconds": 1},
        "needed": {"name": "a"},
        "phone": "1",
    }
    return schema.message_class("corpus.pgv.Account")(**(good | changed))


@pytest.mark.parametrize(("changed", "broken"), BROKEN)
def test_a_rule_of_pgv_is_held(changed, broken):
    """
    Nearly the same names, the same meaning.
    """
    schema = legacy()
    assert violations(schema, account(schema)) == ()
    found = violations(schema, account(schema, **changed))
    assert [(fault.path, fault.rule) for fault in found] == [broken]


def test_required_skipped_and_empty_are_kept_apart():
    """
    Required messages and oneofs, skipped messages, ignored empties.
    """
    schema = legacy()
    bare = schema.message_class("corpus.pgv.Account")(
        email="a@example.com", age=18, tags=["aa"], skipped={"name": ""}
    )
    found = {(fault.path, fault.rule) for fault in violations(schema, bare)}
    assert found == {("contact", "required"), ("wait", "required"), ("needed", "required")}


def test_disabled_messages_promise_nothing():
    """
    `validate.disabled` turns the rules of a message off.
    """
    schema = legacy()
    assert violations(schema, schema.message_class("corpus.pgv.Off")()) == ()


def test_values_are_constructed_from_rules_of_pgv():
    """
    One kind of rules serves everything above.
    """
    schema = legacy()
    descriptor = schema.message("corpus.pgv.Account")
    assert violations(schema, valid(schema, descriptor)) == ()
    assert all(not one.implied for one in invalid(schema, descriptor))
    assert gaps(schema, descriptor) == ()


def test_a_schema_without_such_rules_stays_itself():
    """
    Nothing to translate, nothing changed.
    """
    assert translated(corpus()) is corpus()
