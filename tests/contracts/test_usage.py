"""What a consumer relies on, and whom a finding concerns."""

import pytest

from tests.contracts.support import compiled, contract
from wireproof.contracts import Usage, consumers_of, usage
from wireproof.errors import MalformedFile
from wireproof.finding import Finding

TEXT = """
  - name: a
    method: Get
    request: {id: "${id}", part: {name: x}}
    reply: {box: {side: left}, color: COLOR_RED, parts: {wheel: {size: 1}}, nothing: 1}
    expect:
      - this.price == ${price} && has(this.made_at)
      - this.color == Color.COLOR_BLUE
      - this.pieces.all(p, p.name != '')
  - name: b
    method: Gone
    request: {id: a}
  - name: c
    method: Trade
    steps: [send: {label: x, color: 2}, receive: {}, status: OK]
"""


def test_a_contract_relies_on_what_it_names(tmp_path):
    """By writing it in a request or an example, and by reading or comparing it in CEL."""
    assert usage(contract(tmp_path, TEXT), compiled()) == Usage(
        consumer="till",
        methods=frozenset({"shop.v1.Shop.Get", "shop.v1.Shop.Trade"}),
        request_fields=named(
            "GetRequest.id", "GetRequest.part", "Part.name", "Item.label", "Item.color"
        ),
        response_fields=named(
            "Item.box",
            "Box.side",
            "Item.color",
            "Item.parts",
            "Part.size",
            "Item.price",
            "Item.made_at",
            "Item.pieces",
            "Part.name",
        ),
        enum_values=named("Color.COLOR_RED", "Color.COLOR_BLUE"),
        types=named("Shop", "GetRequest", "Item", "Item.kind", "Box", "Part", "Color")
        | {"google.protobuf.Timestamp"},
    )


def named(*names):
    return frozenset(f"shop.v1.{name}" for name in names)


def test_an_expectation_that_is_no_cel_is_told(tmp_path):
    """With its place."""
    text = "  - {name: a, method: Get, request: {}, expect: ['this.price =']}"
    with pytest.raises(MalformedFile, match=r"contract.yaml:5:48: the expectation 'this.price ='"):
        usage(contract(tmp_path, text), compiled())


@pytest.mark.parametrize(
    ("subject", "consumers"),
    [
        ("shop.v1.Item.price", ("app", "till")),
        ("shop.v1.Shop.Get", ("app", "till")),
        ("shop.v1.Item", ("app", "till")),
        ("shop.v1.Item.kind", ("app", "till")),
        ("shop.v1.Color.COLOR_RED", ("app", "till")),
        ("shop.v1.Item.sold", ("app",)),
        ("shop.v1.Color.COLOR_UNSPECIFIED", ("app",)),
        ("shop.v1.Shop.Watch", ("app",)),
    ],
)
def test_a_finding_concerns_those_who_rely_on_its_subject(tmp_path, subject, consumers):
    """Those it names already are kept."""
    finding = Finding("X", subject, "a", "b", consumers=("app",))
    (joined,) = consumers_of([finding], [usage(contract(tmp_path, TEXT), compiled())])
    assert joined.consumers == consumers
    assert joined.fingerprint == finding.fingerprint
