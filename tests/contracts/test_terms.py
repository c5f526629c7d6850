"""A contract against the schema that it is read in."""

import pytest

from tests.contracts.support import contract, terms
from wireproof.errors import MalformedFile


def disagreements(folder, text):
    one = contract(folder, text)
    said = [d for i in one.interactions for d in terms(one).disagreements(i)]
    return [
        (d.kind.name, d.breach.subject, d.location.line, d.location.column, d.words) for d in said
    ]


def test_a_contract_that_fits_has_no_disagreement(tmp_path):
    """Method by short or full name; placeholders anywhere."""
    text = """
      - {name: a, method: Get, request: {id: "${id}", limit: "${n}"}, reply: {price: 5}}
      - {name: b, method: shop.v1.Shop.Get, request: {}, expect: ["this.price == ${n}"]}
      - {name: c, method: /shop.v1.Shop/Get, request: {}, status: OK, expect: [this.code == 0]}
      - {name: d, method: Trade, steps: [send: {}, receive: {}, send: {}, half-close: {}]}
      - {name: e, method: Clear, request: {}, reply: {}, expect: ["this == this"]}
    """
    assert disagreements(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "kind", "subject", "place", "words"),
    [
        (
            "{name: a, method: Gett, request: {}}",
            "METHOD_GONE",
            "shop.v1.Shop.Gett",
            (5, 3),
            "shop.v1.Shop has no method 'Gett'; did you mean Get?",
        ),
        (
            "{name: a, method: shop.v1.Shp.Get, request: {}}",
            "METHOD_GONE",
            "shop.v1.Shp.Get",
            (5, 3),
            "there is no service 'shop.v1.Shp'; did you mean shop.v1.Shop?",
        ),
        (
            "{name: a, method: Get, request: {itemId: a}}",
            "FIELD_GONE",
            "shop.v1.GetRequest.item_id",
            (5, 36),
            "shop.v1.GetRequest has no field 'itemId'",
        ),
        (
            "{name: a, method: Get, request: {}, reply: {prise: 5}}",
            "FIELD_GONE",
            "shop.v1.Item.prise",
            (5, 47),
            "shop.v1.Item has no field 'prise'; did you mean price?",
        ),
        (
            "{name: a, method: Get, request: {limit: many}}",
            "FIELD_TYPE_DIFFERS",
            "shop.v1.GetRequest.limit",
            (5, 36),
            '"many" is no valid int32',
        ),
        (
            "{name: a, method: Get, request: {}, expect: [this.prise == 5]}",
            "FIELD_GONE",
            "shop.v1.Item.prise",
            (5, 48),
            "shop.v1.Item has no field 'prise'; did you mean price?",
        ),
        (
            "{name: a, method: Get, steps: [send: {}, send: {}]}",
            "STYLE_DIFFERS",
            "shop.v1.Shop.Get",
            (5, 3),
            "the interaction sends 2 messages, and Get (unary) takes exactly one",
        ),
        (
            "{name: a, method: Add, steps: [send: {}, receive: {}, receive: {}]}",
            "STYLE_DIFFERS",
            "shop.v1.Shop.Add",
            (5, 3),
            "the interaction receives 2 messages, and Add (client-streaming) answers exactly one",
        ),
    ],
)
def test_a_disagreement_is_told_with_its_place(tmp_path, text, kind, subject, place, words):
    """And with what was meant, where that can be guessed."""
    assert disagreements(tmp_path, f"  - {text}") == [(f"CONTRACT_{kind}", subject, *place, words)]


def test_a_detail_that_no_status_has_is_malformed(tmp_path):
    """Details are named after messages of google.rpc and of the schema."""
    text = """
      - name: a
        method: Get
        request: {}
        status: ABORTED
        expect: [this.eror_info.reason == '']
    """
    with pytest.raises(MalformedFile) as refused:
        disagreements(tmp_path, text)
    assert "a status has no 'eror_info'; did you mean error_info?" in str(refused.value)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("this.price = 5", "column 12: '=' means nothing in CEL"),
        ("thiss.price == 5", "CEL knows no 'thiss' here; did you mean this? (known: this, now)"),
        ("frobnicate(this.id)", "No overloads provided"),
        ("this.price", "it answers neither true or false nor a text"),
    ],
)
def test_an_expectation_that_is_no_cel_is_malformed(tmp_path, expression, reason):
    """No schema could make it right."""
    text = f'  - {{name: a, method: Get, request: {{}}, expect: ["{expression}"]}}'
    with pytest.raises(MalformedFile) as refused:
        disagreements(tmp_path, text)
    said = f"contract.yaml:5:48: the expectation {expression!r} is no CEL: {reason}"
    assert said in str(refused.value)
