"""The promises of `wireproof.values`, held to every kind of rule."""

from __future__ import annotations

from typing import Any

import pytest
from protovalidate import Validator

from tests.values.corpus import corpus, messages
from wireproof.schema.schema import Schema
from wireproof.values import Goal, coverage, gaps, invalid, reached, universe, valid

IMPOSSIBLE = {
    "corpus.messages.Endless",
    "corpus.messages.Contradiction",
    "corpus.messages.Hopeless",
}
NAMES = [name for name in messages(corpus()) if name not in IMPOSSIBLE]

# What really cannot be reached, with the reason: nothing else may be missing.
GAPS = {
    # The expression reads the field, and unset reads as a value that it refuses.
    "corpus.messages.FieldExpressions": {("inner.rank", "unset")},
    "corpus.messages.Update": {("inner", "unset")},
    "corpus.messages.Failing": {("items", "unset"), ("items[*].price", "unset")},
}
# Rules that no value breaks alone, with the reason.
IMPLIED = {
    # Both are held equal, so both are too short.
    ("corpus.messages.Expressions", "string.min_len"),
    # A text of three letters that lacks the inner one lacks its neighbours.
    ("corpus.texts.Strings", "string.contains"),
    # Empty is no address, and no prefix either.
    ("corpus.texts.Formats", "string.email_empty"),
    ("corpus.texts.Formats", "string.uri_empty"),
    # No price below zero is above it.
    ("corpus.messages.Failing", "int32.gte"),
}


OTHER = Validator()
"""Not the schema's own: the promise is protovalidate's, not ours."""


def found(message):
    """The ids of the violations."""
    return [violation.proto.rule_id for violation in OTHER.collect_violations(message)]


@pytest.mark.parametrize("name", NAMES)
def test_every_case_is_valid(name):
    """
    A case that protovalidate refuses would accuse a service of refusing it.
    """
    schema = corpus()
    cases = list(coverage(schema, schema.message(name)))
    assert [case.message for case in cases if found(case.message)] == []
    assert cases[0].message == valid(schema, schema.message(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_invalid_message_breaks_the_rule_that_it_names(name):
    """
    Just that rule, but for those that come along and are listed.
    """
    schema = corpus()
    for one in invalid(schema, schema.message(name)):
        assert sorted(found(one.message)) == sorted([one.rule, *(f.rule for f in one.implied)])
        assert not one.implied or (name, one.rule) in IMPLIED, one


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_reached_but_the_impossible(name):
    """
    Each field set and unset, each enum value, each branch, both sides of each rule.
    """
    schema = corpus()
    missing = gaps(schema, schema.message(name))
    assert {(gap.goal.path, gap.goal.aspect) for gap in missing} == GAPS.get(name, set())
    assert all(gap.reason for gap in missing)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_reached_belongs_to_the_universe(name):
    """
    Coverage is a share: nothing may be counted that is not in the whole.
    """
    schema = corpus()
    descriptor = schema.message(name)
    whole = universe(schema, descriptor)
    for case in coverage(schema, descriptor):
        mine = reached(schema, case.message)
        assert mine
        assert {goal for goal in mine if goal not in whole and _shallow(goal)} == set()


def _shallow(goal: Goal) -> bool:
    """Whether it lies within the depth that the universe is cut at; recursion goes on below."""
    return goal.path.count(".") < 2


@pytest.mark.parametrize("name", ["corpus.texts.Strings", "corpus.messages.Expressions"])
def test_the_same_schema_gives_the_same_messages(name):
    """
    A gate must not change its mind between two runs.
    """

    def bytes_of(schema: Schema) -> list[bytes]:
        descriptor = schema.message(name)
        built: list[Any] = [*coverage(schema, descriptor), *invalid(schema, descriptor)]
        return [one.message.SerializeToString(deterministic=True) for one in built]

    known = corpus()
    again = Schema(known.files, source="again", own=known.own)
    assert bytes_of(again) == bytes_of(known)
