"""What expressions name."""

import pytest

from tests.contracts.support import compiled
from wireproof.contracts.cel_names import names, rewritten
from wireproof.schema.cel_syntax import NotCel, parse


def of(expression):
    return names(expression, compiled().message("shop.v1.Item"))


@pytest.mark.parametrize(
    ("expression", "fields"),
    [
        ("this.id == 'a.b'", ["Item.id"]),
        ("has(this.box.side)", ["Item.box", "Box.side"]),
        ("size(this.tags) > 0 || this.sold", ["Item.tags", "Item.sold"]),
        ("this.pieces[0].name != this.id", ["Item.pieces", "Part.name", "Item.id"]),
        ("this.pieces.all(p, p.size > 0)", ["Item.pieces", "Part.size"]),
        ("this.pieces.exists(i, p, p.size > i)", ["Item.pieces", "Part.size"]),
        (
            "this.pieces.filter(p, p.size > 0)[0].name == ''",
            ["Item.pieces", "Part.size", "Part.name"],
        ),
        ("this.pieces.map(p, p.name) == ['a']", ["Item.pieces", "Part.name"]),
        ("this.pieces.map(p, [p])[0][0].size == 1", ["Item.pieces", "Part.size"]),
        ("this.parts['a'].size == 1", ["Item.parts", "Part.size"]),
        ("this.parts.a.size == 1", ["Item.parts", "Part.size"]),
        ("this.parts.all(k, k != '')", ["Item.parts"]),
        ("this.parts.all(k, v, v.size > 0)", ["Item.parts", "Part.size"]),
        (
            "(this.sold ? this.box : this.box).side == ''",
            ["Item.sold", "Item.box", "Item.box", "Box.side"],
        ),
        ("[this.box][0].side == ''", ["Item.box", "Box.side"]),
        ("{'a': this.id}['a'] == ''", ["Item.id"]),
        (
            "this.made_at.getFullYear() == 2027 && this.note == r'\\d'",
            ["Item.made_at", "Item.note"],
        ),
        ("!(-this.price < 0x1F) // this.nothing", ["Item.price"]),
        ("this == this", []),
    ],
)
def test_the_fields_it_reads(expression, fields):
    """Through selections, indexes, comprehensions and literals."""
    found = of(expression)
    assert [field.full_name.removeprefix("shop.v1.") for field in found.fields] == fields
    assert found.strangers == []


@pytest.mark.parametrize(
    ("expression", "subject", "words"),
    [
        (
            "this.prise == 1",
            "shop.v1.Item.prise",
            "shop.v1.Item has no field 'prise'; did you mean price?",
        ),
        (
            "this.box.sid == ''",
            "shop.v1.Box.sid",
            "shop.v1.Box has no field 'sid'; did you mean side?",
        ),
        (
            "this.pieces.all(p, p.nam == '')",
            "shop.v1.Part.nam",
            "has no field 'nam'; did you mean name?",
        ),
        ("thiss.id == ''", "thiss", "CEL knows no 'thiss' here; did you mean this?"),
        ("p.id == ''", "p", "CEL knows no 'p' here (known: this, now)"),
        (
            "this.color == Color.COLOR_REDD",
            "shop.v1.Color.COLOR_REDD",
            "shop.v1.Color has no value 'COLOR_REDD'; did you mean COLOR_RED?",
        ),
    ],
)
def test_a_name_that_nobody_knows(expression, subject, words):
    """With the closest that somebody does."""
    (stranger,) = of(expression).strangers
    assert stranger.subject == subject
    assert words in stranger.words


@pytest.mark.parametrize(
    ("expression", "values", "evaluated"),
    [
        ("this.color == Color.COLOR_RED", ["COLOR_RED"], "this.color == 1"),
        ("this.color == v1.Color.COLOR_RED", ["COLOR_RED"], "this.color == 1"),
        (
            "this.color in [shop.v1.Color.COLOR_RED, shop.v1.Color.COLOR_BLUE]",
            ["COLOR_RED", "COLOR_BLUE"],
            "this.color in [1, 2]",
        ),
        ("this.color != 2", ["COLOR_BLUE"], "this.color != 2"),
        ("this.color in [0, 1]", ["COLOR_UNSPECIFIED", "COLOR_RED"], "this.color in [0, 1]"),
        ("this.id == 'Color.COLOR_RED'", [], "this.id == 'Color.COLOR_RED'"),
        ("this.price == 1", [], "this.price == 1"),
    ],
)
def test_the_enum_values_it_knows(expression, values, evaluated):
    """By name, resolved as protobuf resolves names, or by number; evaluated by number."""
    found = of(expression)
    assert [value.name for value in found.values] == values
    assert rewritten(expression, found) == evaluated


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("this.a =", "column 8: '=' means nothing in CEL"),
        ("this.", "column 6: the end where a field should be"),
        ("(this.a", "column 8: the end where ')' should be"),
        ("this.a this.b", "column 8: 'this' where the end should be"),
        ("a ? b", "column 6: the end where ':' should be"),
        ("[1, 2", "column 6: the end where ']' should be"),
        ("{'a' 1}", "column 6: '1' where ':' should be"),
        ("'open", 'column 1: "\'" means nothing in CEL'),
        ("== 1", "column 1: '==' where a value should be"),
        ("(" * 5000, "it nests too deep"),
    ],
)
def test_what_is_no_cel(text, reason):
    """Where, and what should be there."""
    with pytest.raises(NotCel) as refused:
        parse(text)
    assert str(refused.value) == reason
