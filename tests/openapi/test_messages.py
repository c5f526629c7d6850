"""Messages as JSON Schema: what ProtoJSON takes it takes, what rules refuse it refuses."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from google.protobuf import json_format
from openapi_schema_validator import OAS31Validator

from tests.openapi.support import component, document
from tests.values.corpus import corpus, messages
from wireproof.openapi.messages import Messages
from wireproof.values import api
from wireproof.values.build import Unsatisfiable

# Rules that the schema shows; formats are left to validators, and some kinds to words.
SHOWN = {
    "string": ("const", "len", "min_len", "max_len", "in", "not_in", "prefix", "suffix",
               "contains", "not_contains", "tuuid"),
    "repeated": ("min_items", "max_items", "unique"),
    "map": ("min_pairs", "max_pairs"),
    "enum": ("const", "defined_only", "in", "not_in"),
    "bool": ("const",),
    "int32": ("const", "gt", "gte", "lt", "lte", "gt_lt", "gte_lte", "in", "not_in"),
    "uint64": ("const", "gt", "gte", "lt", "lte", "gt_lt", "gte_lte", "in", "not_in"),
    "double": ("const", "gt", "gte", "lt", "lte", "gt_lt", "gte_lte", "in", "finite"),
}  # fmt: skip
REJECTED = {f"{kind}.{rule}" for kind, rules in SHOWN.items() for rule in rules} | {"required"}
ENOUGH = 60  # messages of one kind: the most telling ones come first
NAMES = messages(corpus())


def validator(name: str) -> OAS31Validator:
    """What judges JSON by the schema of a message of the corpus."""
    made = Messages(corpus())
    reference = made.reference(corpus().message(name))
    return OAS31Validator({**reference, "components": {"schemas": made.components}})


def as_json(message: Any) -> Any:
    """ProtoJSON, by the reference implementation."""
    return json_format.MessageToDict(message, descriptor_pool=corpus().pool)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_rules_allow_the_schema_allows(name: str) -> None:
    """
    Every constructed valid message of every kind of rule: nobody is refused by the document alone.
    """
    judge = validator(name)
    try:
        cases = [*islice(api.coverage(corpus(), corpus().message(name)), ENOUGH)]
    except Unsatisfiable:  # no message can satisfy these rules
        return
    for case in cases:
        value = as_json(case.message)
        assert [error.message for error in judge.iter_errors(value)] == [], value


def test_what_the_rules_refuse_the_schema_refuses() -> None:
    """
    Where it can say so: every broken rule of these kinds is seen.
    """
    passed: list[str] = []
    seen: set[str] = set()
    for name in NAMES:
        judge = validator(name)
        try:
            cases = [*api.invalid(corpus(), corpus().message(name))]
        except Unsatisfiable:
            continue
        for case in cases:
            if case.rule in REJECTED:
                seen.add(case.rule)
                if judge.is_valid(as_json(case.message)):
                    passed.append(f"{name}: {case.path} {case.rule}")
    assert passed == []
    assert seen == REJECTED


def judged(name: str, value: Any) -> bool:
    """Whether the library's document allows a value."""
    schemas = document().content["components"]["schemas"]
    reference = {"$ref": f"#/components/schemas/library.v1.{name}"}
    return bool(OAS31Validator({**reference, "components": {"schemas": schemas}}).is_valid(value))


BOOK = {
    "isbn": "9780306406157",
    "genre": "GENRE_FICTION",
    "pages": "7",
    "shelf": "a",
    "sortKey": "A",
}


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({}, True),
        ({"pages": 7}, True),
        ({"pages": "0"}, False),
        ({"pages": "1000"}, False),
        ({"pages": 1000}, False),
        ({"genre": 2}, True),
        ({"genre": 3}, False),
        ({"genre": "GENRE_UNSPECIFIED"}, False),
        ({"genre": None}, False),
        ({"note": None}, True),
        ({"note": "ab"}, False),
        ({"link": "https://example.org"}, False),
        ({"link": None}, True),
        ({"shelf": None}, False),
        ({"volumes": {"1": BOOK}}, True),
        ({"volumes": {"x": BOOK}}, False),
        ({"volumes": {"4294967296": BOOK}}, False),
        ({"volumes": {"1": {}}}, False),
        ({"addedAt": "2024-01-01T00:00:00Z"}, True),
        ({"sortKey": "9"}, True),  # a pattern that only RE2 understands is told in words
        ({"": 1}, False),
        ({"unknown": 1}, True),  # the next version may know it
    ],
)
def test_the_leniency_of_protojson_is_part_of_the_schema(
    change: dict[str, Any], allowed: bool
) -> None:
    """
    Texts or numbers for 64 bits, names or numbers for enums, null for what is unset.
    """
    assert judged("Book", BOOK | change) is allowed


def test_what_the_schema_cannot_show_is_told() -> None:
    """
    Rules in CEL, patterns of RE2 that JSON Schema reads otherwise.
    """
    assert "Rule book.pages: a book has pages" in component("Book")["description"]
    said = component("Book")["properties"]["sortKey"]["description"]
    assert said == "Matches the RE2 pattern (?i)^[a-z]+$"


def test_what_only_the_server_sets_is_read_only() -> None:
    """
    As google.api.field_behavior says.
    """
    assert component("Book")["properties"]["addedAt"]["readOnly"] is True
