"""Does another version understand what a consumer sends?"""

import pytest

from tests.contracts.support import SHOP, compiled, message, method
from wireproof.contracts.compare import method_breaches, request_breaches

FIRST = "string id = 1;\n  int64"
SENT = {
    "id": "a",
    "price": 5000000000,
    "color": "COLOR_RED",
    "tags": ["x", "y"],
    "parts": {"wheel": {"name": "w"}},
    "box": {"side": "left"},
    "stock": 1,
    "pieces": [{"name": "a", "size": 1}],
    "names": {"1": "one"},
}


def lost(old, new, sent=SENT):
    assert old in SHOP
    provider = method("Trade", compiled(SHOP.replace(old, new)))
    found = request_breaches(message("Item", **sent), provider)
    return [
        (
            kind.name.removeprefix("CONTRACT_"),
            one.subject.removeprefix("shop.v1."),
            one.promised,
            one.found,
        )
        for kind, one in found
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (FIRST, FIRST.replace("id", "renamed")),
        (FIRST, FIRST.replace("string", "bytes")),
        ("int32 stock = 9", "int64 stock = 9"),
        ("Color color = 3", "int32 color = 3"),
        ("optional int32 stock", "int32 stock"),
        ("optional int32 stock", "repeated int32 stock"),
        ("bool sold = 10;", "bool sold = 10; string more = 99;"),
        ("bool sold = 10;", ""),
    ],
)
def test_what_reads_the_same_is_understood(old, new):
    """By number and value: names do not travel, and what was not sent is not missed."""
    assert lost(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (FIRST, "  int64", ("FIELD_GONE", "Item.id", "a field", "no field of number 1")),
        ("int64 price", "int32 price", ("FIELD_TYPE_DIFFERS", "Item.price", "int64", "int32")),
        ("int64 price", "sint64 price", ("FIELD_TYPE_DIFFERS", "Item.price", "int64", "sint64")),
        ("int64 price", "string price", ("FIELD_TYPE_DIFFERS", "Item.price", "int64", "string")),
        (
            "repeated string tags",
            "string tags",
            ("FIELD_TYPE_DIFFERS", "Item.tags", "repeated string", "string"),
        ),
        (
            "repeated Part pieces = 11",
            "repeated string pieces = 11",
            ("FIELD_TYPE_DIFFERS", "Item.pieces", "repeated shop.v1.Part", "repeated string"),
        ),
        (
            "string side = 1",
            "bytes other = 2",
            ("FIELD_GONE", "Box.side", "a field", "no field of number 1"),
        ),
        ("int32 size = 2;", "", ("FIELD_GONE", "Part.size", "a field", "no field of number 2")),
        (
            "map<int32, string> names",
            "map<string, string> names",
            (
                "FIELD_TYPE_DIFFERS",
                "Item.names",
                "repeated shop.v1.Item.NamesEntry",
                "repeated shop.v1.Item.NamesEntry",
            ),
        ),
    ],
)
def test_what_is_lost_is_told(old, new, found):
    """Where the provider reads nothing, or something else."""
    assert lost(old, new) == [found]


def test_bytes_that_the_provider_cannot_decode_are_told():
    """A text where it expects a message."""
    sent = {"id": "not a message"}
    assert lost(FIRST, FIRST.replace("string", "Box"), sent) == [
        ("FIELD_TYPE_DIFFERS", "Item", "it was", "a type that cannot decode it")
    ]


def test_a_method_may_be_gone_or_of_another_style():
    """Told before any call is made."""
    streaming = compiled(
        SHOP.replace("Get(GetRequest) returns (Item)", "Get(GetRequest) returns (stream Item)")
    )
    unary = method("Get")
    assert list(method_breaches(unary, unary)) == []
    ((gone, _),) = method_breaches(unary, None)
    assert gone.name == "CONTRACT_METHOD_GONE"
    ((kind, breach),) = method_breaches(unary, method("Get", streaming))
    assert kind.name == "CONTRACT_STYLE_DIFFERS"
    assert (breach.promised, breach.found) == ("unary", "server-streaming")
