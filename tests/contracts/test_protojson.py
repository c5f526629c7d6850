"""ProtoJSON from a file against a message type."""

from typing import Any

import pytest
from google.protobuf import any_pb2

from tests.contracts.support import compiled, message, node
from wireproof.contracts.protojson import build, check, written


def item():
    return compiled().message("shop.v1.Item")


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{id: no, price: 5, color: COLOR_RED, tags: [a, '5'], sold: true, stock: 0}",
        "{price: '9223372036854775807', serial: 18446744073709551615, color: 2}",
        "{madeAt: 2027-01-31T12:00:00Z, made_at: 2027-01-31T12:00:00Z}",
        "{note: text, box: {side: left}, parts: {a: {name: x}}, names: {1: one, '2': two}}",
        "{pieces: [{name: a}, {size: 1}], label: null, box: {}}",
        "{price: 1e3, id: null}",
        '{price: "${price}", color: "${color}", madeAt: "${now}", tags: ["${tag}"]}',
    ],
)
def test_what_protojson_accepts_fits(tmp_path, text):
    """Names in both spellings, numbers as text, enums by name or number, null for unset."""
    assert check(node(tmp_path, text), item()) == ()


@pytest.mark.parametrize(
    ("text", "subject", "words"),
    [
        ("{prise: 5}", "Item.prise", "shop.v1.Item has no field 'prise'; did you mean price?"),
        ("{soldAt: 5}", "Item.sold_at", "shop.v1.Item has no field 'soldAt'; did you mean sold?"),
        ("{box: {sid: a}}", "Box.sid", "shop.v1.Box has no field 'sid'; did you mean side?"),
        ("{pieces: [{a: 1}]}", "Part.a", "shop.v1.Part has no field 'a'"),
        ("{parts: {x: {a: 1}}}", "Part.a", "shop.v1.Part has no field 'a'"),
        ("{id: 5}", "Item.id", "5 is no valid string: quote it ('5')"),
        ("{id: true}", "Item.id", "true is no valid string: quote it ('true')"),
        ("{price: many}", "Item.price", '"many" is no valid int64'),
        ("{price: 1.5}", "Item.price", "1.5 is no valid int64"),
        ("{stock: 2147483648}", "Item.stock", "2147483648 is no valid int32"),
        ("{color: RED}", "Item.color", '"RED" is no value of shop.v1.Color'),
        ("{sold: yes}", "Item.sold", '"yes" is no valid bool'),
        ("{madeAt: today}", "Item.made_at", '"today" is no valid google.protobuf.Timestamp'),
        ("{tags: a}", "Item.tags", "shop.v1.Item.tags is repeated: write a list"),
        ("{tags: [a, 5]}", "Item.tags", "5 is no valid string: quote it ('5')"),
        ("{parts: [a]}", "Item.parts", "shop.v1.Item.parts is a map: write a mapping"),
        ("{names: {1: 2}}", "Item.names", "2 is no valid string: quote it ('2')"),
        ("{box: left}", "Box", "shop.v1.Box is written as a mapping"),
        (
            "{box: {}, label: a}",
            "Item.kind",
            "box and label exclude each other: both are of the oneof shop.v1.Item.kind",
        ),
    ],
)
def test_what_does_not_fit_is_told_by_its_field(tmp_path, text, subject, words):
    """The subject is the schema's name for it, so that findings can be joined."""
    found = check(node(tmp_path, text), item())
    assert [(one.subject, one.words) for one in found] == [(f"shop.v1.{subject}", words)]


def test_a_map_key_of_another_type_does_not_fit(tmp_path):
    """No single field shows it; the whole message does."""
    (found,) = check(node(tmp_path, "{names: {one: one}}"), item())
    assert found.subject == "shop.v1.Item"
    assert "one" in found.words


def test_what_fits_can_be_built(tmp_path):
    """As the message that it writes."""
    built: Any = build(node(tmp_path, "{id: no, price: '5', madeAt: 1970-01-01T00:00:07Z}"), item())
    assert (built.id, built.price, built.made_at.seconds) == ("no", 5, 7)


def test_an_any_of_an_unknown_type_is_written_by_its_type():
    """A report must not fail for a detail that nobody declared."""
    unknown = any_pb2.Any(type_url="x/y.Z", value=b"\x08\x01")
    assert written(unknown) == {"@type": "x/y.Z"}
    assert written(message("Part", name="a")) == {"name": "a"}
