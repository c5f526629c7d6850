"""Strategies for anyone's tests: what they yield is valid, or invalid as it says, and shrinks."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from protovalidate import Validator

from tests.values.corpus import corpus
from tests.values.corpus import messages as names
from wireproof.errors import UnknownName
from wireproof.strategies import invalid_messages, messages
from wireproof.values import Invalid, Unsatisfiable, valid
from wireproof.values.scalars import DOMAINS

IMPOSSIBLE = {
    "corpus.messages.Endless",
    "corpus.messages.Contradiction",
    "corpus.messages.Hopeless",
}
NAMES = [name for name in names(corpus()) if name not in IMPOSSIBLE]
RULED = [name for name in NAMES if not name.startswith(("corpus.plain.", "corpus.legacy.Part"))]
FEW = settings(
    max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
FOUND = settings(FEW, max_examples=3000)


def test_every_scalar_type_has_a_row():
    """
    A type that is not drawn is a field that is never tested.
    """
    types = {
        getattr(FieldDescriptor, name) for name in dir(FieldDescriptor) if name.startswith("TYPE_")
    }
    messages_of_their_own = {FieldDescriptor.TYPE_MESSAGE, FieldDescriptor.TYPE_GROUP}
    assert set(DOMAINS) == types - messages_of_their_own


@pytest.mark.parametrize("name", NAMES)
def test_messages_are_valid(name):
    """
    Every rule is kept by construction, or mended.
    """
    validator = Validator()

    @FEW
    @given(messages(name, schema=corpus()))
    def check(message):
        assert message.IsInitialized()
        assert validator.collect_violations(message) == []

    check()


@pytest.mark.parametrize("name", RULED)
def test_invalid_messages_break_the_rule_that_they_name(name):
    """
    And where another comes along, it is said.
    """
    validator = Validator()

    @FEW
    @given(invalid_messages(name, schema=corpus()))
    def check(invalid: Invalid):
        found = [
            violation.proto.rule_id for violation in validator.collect_violations(invalid.message)
        ]
        assert sorted(found) == sorted([invalid.rule, *(f.rule for f in invalid.implied)])

    check()


def test_messages_shrink_to_what_matters():
    """
    The minimal message, and the one field that a failure needs.
    """
    schema = corpus()
    nested = messages("corpus.messages.Nested", schema=schema)
    least = find(nested, lambda _: True, settings=FOUND)
    assert [field.name for field, _ in least.ListFields()] == ["one"]
    assert least.ByteSize() == valid(schema, schema.message("corpus.messages.Nested")).ByteSize()
    ranked = find(nested, lambda m: any(i.rank > 2 for i in m.many), settings=FOUND)
    assert [field.name for field, _ in ranked.ListFields()] == ["one", "many"]
    assert [item.rank for item in ranked.many if item.rank] == [3]


def test_the_depth_is_a_cap():
    """
    A tree could go on for ever.
    """

    def height(tree):
        parts = [*tree.children, *tree.named.values()]
        parts += [getattr(tree, side) for side in ("left", "right") if tree.HasField(side)]
        return 1 + max(map(height, parts), default=0)

    @FEW
    @given(messages("corpus.messages.Tree", schema=corpus(), depth=2))
    def check(tree):
        assert height(tree) <= 3

    check()


def test_a_class_of_generated_code_comes_back_as_itself():
    """
    A test of one's own wants messages of one's own classes.
    """
    for target in (error_details_pb2.BadRequest, error_details_pb2.BadRequest.DESCRIPTOR):
        found = find(messages(target), lambda m: len(m.field_violations) > 1, settings=FOUND)
        assert type(found) is error_details_pb2.BadRequest


def test_a_descriptor_of_a_schema_keeps_its_class():
    """
    Messages of two versions must not mix.
    """
    descriptor = corpus().message("corpus.messages.Inner")
    found = find(messages(descriptor, schema=corpus()), lambda _: True, settings=FOUND)
    assert type(found) is GetMessageClass(descriptor)
    invalid = find(invalid_messages(descriptor, schema=corpus()), lambda _: True, settings=FOUND)
    assert type(invalid.message) is GetMessageClass(descriptor)


def test_a_strategy_is_compiled_once():
    """
    Compiling costs what a hundred examples do.
    """
    one, two = (messages("corpus.messages.Inner", schema=corpus()) for _ in range(2))
    assert one is two


def test_what_cannot_be_generated_is_said_at_once():
    """
    Before the test runs, in one sentence.
    """
    with pytest.raises(Unsatisfiable, match=r"string\.min_len"):
        messages("corpus.messages.Contradiction", schema=corpus())
    with pytest.raises(UnknownName, match=r"corpus\.messages\.Inne"):
        messages("corpus.messages.Inne", schema=corpus())
    with pytest.raises(TypeError, match="needs schema="):
        messages("corpus.messages.Inner")


def test_a_message_without_rules_has_no_invalid_ones():
    """
    Nothing is promised, so nothing can be broken.
    """
    nothing = invalid_messages("corpus.plain.Plain", schema=corpus())
    assert find(st.lists(nothing), lambda _: True, settings=FEW) == []
    assert nothing.is_empty
