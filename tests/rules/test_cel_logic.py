"""Expressions that hold of the same values, found by going through every case of them."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import descriptor_pb2

from wireproof.witness.cel_equal import THIS, Form, conjuncts
from wireproof.witness.cel_logic import same

_FIELDS: dict[str, Any] = {
    field.name: field
    for field in descriptor_pb2.FieldDescriptorProto.DESCRIPTOR.fields
    if not field.is_repeated
}
KINDS: dict[str, Any] = {
    "number": _FIELDS["number"],
    "text": _FIELDS["name"],
    "truth": _FIELDS["proto3_optional"],
    "real": descriptor_pb2.UninterpretedOption.DESCRIPTOR.fields_by_name["double_value"],
}
SAME = [
    ("number", "this == 1 || this == 2", "this in [2, 1]"),
    ("number", "this > 0", "this >= 1"),
    ("number", "this > 0 || this < 0", "this != 0"),
    ("number", "this <= 2147483647", "this >= -2147483648"),
    ("text", "this == 'a' || this == 'b'", "this in ['b', 'a']"),
    ("text", "this.size() >= 2 && this.size() < 6", "!(this.size() < 2 || this.size() > 5)"),
    ("text", "this == '' || this.isUri()", "this.size() > 0 ? this.isUri() : true"),
    ("text", "this != '' && this != 'a'", "!(this in ['', 'a'])"),
    ("truth", "this", "this == true"),
    ("real", "this >= 0.0", "this >= 0"),
]
APART = [
    ("number", "this == 1 || this == 2", "this in [1, 2, 3]"),
    ("number", "this > 0", "this >= 0"),
    ("number", "this < 2147483647", "this >= -2147483648"),
    ("text", "this == 'a'", "this.size() == 1"),
    ("text", "this.size() >= 2", "this.size() >= 3"),
    ("text", "this == '' || this.isUri()", "this.isUri()"),
    ("text", "this.isUri() || this.isEmail()", "this.isUri() && this.isEmail()"),
    ("truth", "this", "!this"),
    ("real", "this < 1.0", "!(this >= 1.0)"),
    ("real", "this > 0.0", "this >= 1.0"),
]


@pytest.mark.parametrize(("kind", "one", "other"), SAME)
def test_one_rule_in_two_ways(kind: str, one: str, other: str):
    """
    No value is right by the one and wrong by the other.
    """
    assert _same(kind, one, other)


@pytest.mark.parametrize(("kind", "one", "other"), APART)
def test_two_rules(kind: str, one: str, other: str):
    """
    Some value, or none for all that is known, tells them apart.
    """
    assert not _same(kind, one, other)


def test_what_is_not_known_may_be_so_or_not():
    """
    `a || !a` always holds, and two parts of no known meaning are not the same.
    """
    either = _forms("f(this.a) || !f(this.a)")
    assert same(either, _forms("true"))
    assert not same(either, _forms("f(this.a)"))


def _same(kind: str, one: str, other: str) -> bool:
    floats = kind == "real"
    return same(_forms(one, floats=floats), _forms(other, floats=floats), THIS, KINDS[kind])


def _forms(text: str, *, floats: bool = False) -> frozenset[Form]:
    return conjuncts([text], floats=floats)
