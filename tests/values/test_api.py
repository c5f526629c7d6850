"""What others may rely on, at examples worked out by hand."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from google.protobuf import struct_pb2, timestamp_pb2

from tests.values.corpus import corpus
from wireproof.errors import UnknownName
from wireproof.values import (
    Goal,
    GoalKind,
    Unsatisfiable,
    coverage,
    gaps,
    invalid,
    invalid_stream,
    reached,
    schema_of,
    stream,
    universe,
    unknown_enums,
    valid,
    violations,
)


def message(name):
    return corpus().message(f"corpus.{name}")


def covered(name: str) -> list[Any]:
    """The messages of every case; their fields are the schema's alone to know."""
    return [case.message for case in coverage(corpus(), message(name))]


def smallest(name: str) -> Any:
    return valid(corpus(), message(name))


def broken(name, place, rule):
    """The value that breaks *rule* at the field *place*."""
    found = [i for i in invalid(corpus(), message(name)) if (i.place, i.rule) == (place, rule)]
    return [getattr(one.message, place) for one in found]


# Just outside: one more or one less than what the rule in the corpus allows.
OUTSIDE = [
    ("numbers.Int32Numbers", "below", "int32.lt", 10),
    ("numbers.Int32Numbers", "at_most", "int32.lte", 11),
    ("numbers.Uint64Numbers", "above", "uint64.gt", 10),
    ("numbers.Sint64Numbers", "at_least", "sint64.gte", 9),
    ("numbers.Int64Numbers", "or_zero", "int64.gte", 4),
    ("texts.Strings", "huge", "string.min_len", "a" * 9999),
]


@pytest.mark.parametrize(("name", "place", "rule", "value"), OUTSIDE)
def test_a_broken_rule_is_broken_by_little(name, place, rule, value):
    """
    Off-by-one errors show at the rim only.
    """
    [found] = broken(name, place, rule)
    assert found == value


@pytest.mark.parametrize(
    ("place", "rule", "length"),
    [
        ("between", "string.min_len", 2),
        ("between", "string.max_len", 65),
        ("at_most", "string.max_len", 6),
    ],
)
def test_a_text_is_too_long_or_too_short_by_one(place, rule, length):
    """
    Lengths count characters.
    """
    [found] = broken("texts.Strings", place, rule)
    assert len(found) == length


def test_the_rims_of_a_rule_are_covered_just_inside():
    """
    Gt 5, lt 10: 6 and 9 are the last that pass; a wrapped range has rims on both sides.
    """
    cases = covered("numbers.Int32Numbers")
    assert {6, 9} <= {case.between for case in cases}
    assert {5, 10} <= {case.within for case in cases}
    assert {11, 4, -(2**31), 2**31 - 1} <= {case.outside for case in cases}
    lengths = {len(case.between) for case in covered("texts.Strings")}
    assert {3, 4, 63, 64} <= lengths


def test_edges_of_types_are_covered():
    """
    Extremes of each type, both zeros, infinities, NaN, and texts that break naive code.
    """
    cases = covered("plain.Plain")
    assert {0, -1, 2**31 - 1, -(2**31)} <= {case.c for case in cases}
    assert {2**63 - 1, -(2**63)} <= {case.d for case in cases}
    assert {2**64 - 1} <= {case.f for case in cases}
    assert {"inf", "-inf", "nan", "-0.0"} <= {repr(case.a) for case in cases}
    texts = [case.n for case in cases]
    assert any("\0" in text for text in texts)
    assert any(ord(max(text, default="a")) > 0xFFFF for text in texts)
    assert any(len(text) >= 256 for text in texts)
    assert b"\xff\0\xfe" in {case.o for case in cases}
    assert {len(case.r) for case in cases} >= {0, 1, 2, 5}
    assert {len(case.s) for case in cases} >= {0, 1, 2, 5}


def test_unset_and_zero_are_two_cases_where_a_field_has_presence():
    """
    A service that takes unset for zero shows only where both are sent.
    """
    cases = covered("plain.Plain")
    assert {case.HasField("q") for case in cases} == {True, False}
    assert any(case.HasField("q") and case.q == "" for case in cases)


def test_an_alias_is_no_value_of_its_own():
    """
    Two names of one number are the same bytes.
    """
    enums = {
        goal.aspect
        for goal in universe(corpus(), message("shapes.Scalars"))
        if goal.kind is GoalKind.ENUM and goal.path == "open"
    }
    assert enums == {"COLOR_UNSPECIFIED", "COLOR_RED", "COLOR_GREEN", "COLOR_BLUE"}


def test_unknown_numbers_come_in_a_pass_of_their_own():
    """
    Open enums take them, unless a rule says no; closed ones (proto2) do not.
    """
    found = list(unknown_enums(corpus(), message("shapes.Scalars")))
    assert {case.path for case in found} == {"unlisted", "open"}
    declared = {0, 1, 2, -3}
    assert all(case.open in declared for case in covered("shapes.Scalars"))
    assert list(unknown_enums(corpus(), message("legacy.Legacy"))) == []


def test_the_minimal_message_sets_what_it_must():
    """
    A required oneof, a required field, nothing else.
    """
    assert smallest("messages.Nested").ListFields()[0][0].name == "one"
    assert len(smallest("messages.Nested").ListFields()) == 1
    assert smallest("plain.Plain").ByteSize() == 0
    assert smallest("messages.Choices").WhichOneof("needed") == "name"


def test_a_required_recursion_takes_the_finite_branch():
    """
    An expression needs a node; only a literal ends.
    """
    assert smallest("messages.Expr").WhichOneof("node") == "literal"
    binary = smallest("messages.Binary")
    assert binary.left.WhichOneof("node") == "literal"


def test_proto2_messages_are_complete():
    """
    What proto2 requires is set, groups and nested messages included.
    """
    cases = covered("legacy.Legacy")
    assert all(case.IsInitialized() for case in cases)
    assert any(case.HasField("extra") and case.extra.amount > 3 for case in cases)
    assert any(len(case.entry) == 1 for case in cases)
    assert {case.closed for case in cases if case.HasField("closed")} == {5}


def test_editions_are_read_by_their_features():
    """
    Explicit and implicit presence, required fields, closed enums, delimited messages.
    """
    cases = covered("modern.Modern")
    assert all(case.HasField("legacy") for case in cases)
    assert {case.HasField("explicit") for case in cases} == {True, False}
    assert any(case.HasField("delimited") for case in cases)
    assert {case.shut for case in cases if case.HasField("shut")} == {1, 2}


def test_a_mask_names_fields_of_the_message_beside_it():
    """
    A path that names nothing would test only the refusal.
    """
    masks = [case.update_mask.paths for case in covered("messages.Update")]
    assert {path for mask in masks for path in mask} == {"name", "rank"}


def test_an_impossible_message_is_said_to_be_so():
    """
    Silence would look like a tested method.
    """
    for name, words in [
        ("messages.Endless", "recursion"),
        ("messages.Contradiction", "string.min_len"),
        ("messages.Hopeless", "never"),
    ]:
        with pytest.raises(Unsatisfiable, match=words):
            valid(corpus(), message(name))
        assert gaps(corpus(), message(name))


def test_a_base_is_varied_instead_of_the_minimal_message():
    """
    What a service is known to accept is the better ground to stand on.
    """
    base = smallest("messages.Nested")
    base.one.name = "known"
    for invalid_one in invalid(corpus(), message("messages.Nested"), base=base):
        built: Any = invalid_one.message
        assert invalid_one.place.startswith("one") or built.one.name == "known"
    first = next(coverage(corpus(), message("messages.Nested"), base=base))
    assert first.message == base


def test_a_message_reaches_what_it_holds():
    """
    A field that is set, the rules it keeps, and what is left unset.
    """
    schema = corpus()
    inner = schema.message_class("corpus.messages.Inner")(name="abc", rank=9)
    assert reached(schema, inner) == {
        Goal(GoalKind.FIELD, "name", "set"),
        Goal(GoalKind.FIELD, "rank", "set"),
        Goal(GoalKind.RULE, "name", "string.min_len kept"),
        Goal(GoalKind.RULE, "name", "string.max_len kept"),
        Goal(GoalKind.RULE, "rank", "int32.gte_lte broken"),
    }
    [fault] = violations(schema, inner)
    assert (fault.path, fault.rule) == ("rank", "int32.gte_lte")


def test_paths_have_subscripts_and_places_have_none():
    """
    A path finds the value, a place counts it.
    """
    schema = corpus()
    nested = schema.message_class("corpus.messages.Nested")
    wrong = nested(one={"name": "a"}, many=[{"name": "a"}, {}], mapped={'a"b': {}})
    found = {(fault.path, fault.place) for fault in violations(schema, wrong)}
    assert found == {
        ("many[1].name", "many[*].name"),
        ('mapped["a\\"b"].name', "mapped[*].name"),
    }


def test_a_stream_is_replayed_by_its_seed():
    """
    The same seed gives the same calls.
    """
    schema, descriptor = corpus(), message("messages.Nested")

    def first(found):
        return [one.SerializeToString(deterministic=True) for one in itertools.islice(found, 50)]

    one, two = (first(stream(schema, descriptor, seed=seed)) for seed in (1, 2))
    assert one == first(stream(schema, descriptor, seed=1))
    assert one != two
    spoilt = [i.message for i in itertools.islice(invalid_stream(schema, descriptor, seed=1), 50)]
    assert all(violations(schema, m) for m in spoilt)
    assert list(invalid_stream(schema, message("plain.Kindless"), seed=1)) == []


def test_messages_of_generated_code_have_a_schema():
    """
    Anyone's tests start from a class, not from an image.
    """
    schema = schema_of(struct_pb2.Struct.DESCRIPTOR)
    assert schema.message("google.protobuf.Struct").full_name == "google.protobuf.Struct"
    assert schema_of(timestamp_pb2.Timestamp.DESCRIPTOR) is schema_of(
        timestamp_pb2.Timestamp.DESCRIPTOR
    )
    with pytest.raises(UnknownName, match=r"google\.protobuf\.Nothing"):
        schema.message("google.protobuf.Nothing")
