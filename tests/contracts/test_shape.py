"""An example alone: presence and type of what it names."""

import pytest

from tests.contracts.support import message, node
from wireproof.contracts.shape import missing

FULL = {
    "id": "a",
    "price": 5,
    "color": "COLOR_RED",
    "tags": ["x"],
    "parts": {"wheel": {"name": "w"}},
    "madeAt": "1970-01-01T00:00:00Z",
    "box": {"side": "left"},
    "stock": 0,
    "sold": True,
    "pieces": [{"name": "a"}, {"size": 1}],
    "note": "",
    "names": {"1": "one"},
}


def lacks(folder, example, reply):
    found = missing(node(folder, example), message("Item", **reply))
    return [(one.subject.removeprefix("shop.v1."), one.promised, one.found) for one in found]


@pytest.mark.parametrize(
    "example",
    [
        "{}",
        "{id: other, price: 7, color: COLOR_BLUE, sold: true, stock: 9, note: text}",
        "{tags: [other, more], parts: {wheel: {name: other}}, names: {1: x}}",
        "{madeAt: 2027-01-31T00:00:00Z, box: {side: right}, pieces: [{size: 2}, {name: b}]}",
        "{box: {}, label: null}",
    ],
)
def test_values_do_not_matter(tmp_path, example):
    """Equality is said in CEL."""
    assert lacks(tmp_path, example, FULL) == []


@pytest.mark.parametrize(
    ("example", "found"),
    [
        ("{id: a}", [("Item.id", "a value", "none")]),
        ("{price: 5}", [("Item.price", "a value", "none")]),
        ("{color: COLOR_RED}", [("Item.color", "a value", "none")]),
        ("{color: 1}", [("Item.color", "a value", "none")]),
        ("{sold: true}", [("Item.sold", "a value", "none")]),
        ("{stock: 0}", [("Item.stock", "a value", "none")]),
        ("{note: ''}", [("Item.note", "a value", "none")]),
        ("{madeAt: 1970-01-01T00:00:00Z}", [("Item.made_at", "a value", "none")]),
        ("{tags: [a]}", [("Item.tags", "at least one item", "none")]),
        ("{parts: {wheel: {}}}", [("Item.parts", "an entry 'wheel'", "no such entry")]),
        ("{box: {side: a}}", [("Item.box", "a value", "none")]),
        ("{id: a, box: {}}", [("Item.id", "a value", "none"), ("Item.box", "a value", "none")]),
    ],
)
def test_what_an_example_names_must_be_there(tmp_path, example, found):
    """A field with presence even where the example writes its default."""
    assert lacks(tmp_path, example, {}) == found


@pytest.mark.parametrize(
    "example",
    ["{id: '', price: 0, color: COLOR_UNSPECIFIED, sold: false, tags: [], parts: {}, label: null}"],
)
def test_an_example_that_writes_defaults_asks_for_nothing(tmp_path, example):
    """Nobody can tell a default from a field that was never set."""
    assert lacks(tmp_path, example, {}) == []


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ({"box": {}}, [("Box.side", "a value", "none")]),
        ({"label": "x"}, [("Item.box", "a value", "label instead")]),
    ],
)
def test_what_is_inside_must_be_there_too(tmp_path, reply, found):
    """And of a oneof, which member."""
    assert lacks(tmp_path, "{box: {side: a}}", reply) == found


def test_each_item_of_an_example_must_resemble_one(tmp_path):
    """In any order; what is told is what the most similar one lacks."""
    reply = {"pieces": [{"size": 2}, {"name": "b"}]}
    assert lacks(tmp_path, "{pieces: [{name: a}, {size: 1}]}", reply) == []
    both = lacks(tmp_path, "{pieces: [{name: a, size: 1}]}", reply)
    assert both == [("Part.name", "a value", "none")]


def test_a_value_of_another_type_is_not_the_value(tmp_path):
    """The number came with other bytes, as after a change of the field's type."""
    reply = message("Item")
    reply.MergeFromString(b"\x08\x05")  # number 1 as a varint, where a string is declared
    (found,) = missing(node(tmp_path, "{id: a}"), reply)
    assert found.found == "number 1 with bytes of another type"
