"""Contracts against a running provider."""

import base64
from typing import Any

import grpc
import pytest

from tests.contracts.support import SHOP, compiled, contract, message, served
from wireproof.contracts import verify
from wireproof.errors import MalformedFile, UnreachableTarget
from wireproof.exchange.channel import target_of

ITEM: Any = compiled().message_class("shop.v1.Item")
REQUEST: Any = compiled().message_class("shop.v1.GetRequest")


def get(requests, context):
    """Get: an item of the id asked for, priced at its limit."""
    request = REQUEST.FromString(next(requests))
    if request.id == "none":
        context.abort(grpc.StatusCode.NOT_FOUND, "no such item")
    yield message("Item", id=request.id, price=request.limit).SerializeToString()


def watch(requests, context):
    """Watch: items for ever, until the caller goes away."""
    next(requests)
    price = 0
    while context.is_active():
        yield message("Item", id="a", price=price).SerializeToString()
        price += 1


def add(requests, _context):
    """Add: how many came."""
    yield message("Total", count=sum(1 for _ in requests)).SerializeToString()


def trade(requests, _context):
    """Trade: a reply to each, and one at the end."""
    for payload in requests:
        item = ITEM.FromString(payload)
        item.price += 1
        yield item.SerializeToString()
    yield message("Item", id="bye").SerializeToString()


@pytest.fixture(scope="module")
def address():
    with served(Get=get, Watch=watch, Add=add, Trade=trade) as address:
        yield address


def outcomes(report):
    return {
        one.name: (str(one.outcome), tuple(f.id for f in one.findings))
        for each in report.contracts
        for one in each.interactions
    }


PASSED = ("passed", ())

STYLES = """
  - name: unary
    method: Get
    request: {id: a, limit: 5}
    reply: {id: a}
    expect: [this.price == 5]
  - name: refused
    method: Get
    request: {id: none}
    status: NOT_FOUND
    expect: [this.message == 'no such item']
  - name: server streaming
    method: Watch
    steps:
      - send: {}
      - receive: {id: a}
        expect: [this.price >= 7]
      - cancel: {}
  - name: left without a cancel
    method: Watch
    steps: [send: {}, receive: {id: a}]
  - name: client streaming
    method: Add
    steps: [send: {}, send: {}, half-close: {}, {receive: {count: 1}, expect: [this.count == 2]}]
  - name: client streaming, half-closed by itself
    method: Add
    steps: [send: {}, {receive: {}, expect: [this.count == 1]}, status: OK]
  - name: bidirectional
    method: Trade
    exactly: true
    steps:
      - send: {price: 1}
      - receive: {}
        expect: [this.price == 2]
      - send: {price: 10}
      - receive: {}
        expect: [this.price == 11]
      - half-close: {}
      - receive: {}
        expect: [this.id == 'bye']
      - status: OK
"""


def test_interactions_of_all_four_styles_pass(tmp_path, address):
    """In whatever order they stand."""
    report = verify([contract(tmp_path, STYLES)], target_of(address), compiled())
    assert set(outcomes(report).values()) == {PASSED}
    assert len(outcomes(report)) == 7
    assert [one.style for one in report.contracts[0].interactions] == [
        "unary",
        "unary",
        "server-streaming",
        "server-streaming",
        "client-streaming",
        "client-streaming",
        "bidirectional",
    ]
    assert (report.findings, report.could_not_run, report.target) == ((), (), address)


def test_a_message_that_never_comes_ends_with_the_deadline(tmp_path, address):
    """A provider that sends for ever does not hold the run for ever."""
    text = """
      - name: waits
        method: Watch
        deadline: 0.3s
        steps: [send: {}, receive: {label: x}]
    """
    report = verify([contract(tmp_path, text)], target_of(address), compiled())
    assert outcomes(report) == {"waits": ("failed", ("CONTRACT_FIELD_MISSING",))}


def test_states_fill_what_the_consumer_sends_and_expects(tmp_path, address):
    """Their parameters, what they return, and a name of the interaction's own."""
    seen = []

    def an_item(client, name, price=0):
        seen.append((name, price))
        return {"id": client.call("Get", {"id": name})["id"], "price": 7}

    text = """
      - name: gets
        given: [{state: an item, with: {name: "item-${unique}", price: 3}}]
        method: Get
        request: {id: "${id}", limit: "${price}"}
        reply: {id: "${id}"}
        expect: ["this.id == 'item-${unique}' && this.price == ${price}"]
    """
    one = contract(tmp_path, text)
    report = verify([one, one], target_of(address), compiled(), {"an item": an_item})
    assert outcomes(report) == {"gets": PASSED}
    assert [price for _, price in seen] == [3, 3]
    assert len({name for name, _ in seen}) == 2


def test_a_state_that_cannot_be_entered_stops_no_other_interaction(tmp_path, address):
    """It could not run; nobody has broken a promise."""

    def broken(_client):
        raise RuntimeError("no database")

    text = """
      - {name: a, method: Get, request: {}, given: [broken]}
      - {name: b, method: Get, request: {}}
    """
    report = verify([contract(tmp_path, text)], target_of(address), compiled(), {"broken": broken})
    assert outcomes(report) == {"a": ("could-not-run", ()), "b": PASSED}
    (one,) = report.could_not_run
    assert one.reason == "the state 'broken' could not be entered: RuntimeError: no database"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ('{id: "${nothing}"}', ":5:3: nothing gives ${nothing} in 'a' (known: ${unique}, ${size})"),
        ('{limit: "${unique}"}', ':5:52: "id-'),
        ('{}, metadata: {x-bin: "${unique}"}', ":5:73: 'id-"),
    ],
)
def test_what_nothing_fills_is_told(tmp_path, address, asked, said):
    """Or fills with another type."""
    one = contract(tmp_path, f"  - {{name: a, method: Get, given: [sized], request: {asked}}}")
    with pytest.raises(MalformedFile) as refused:
        verify([one], target_of(address), compiled(), {"sized": lambda _client: {"size": 5}})
    assert str(refused.value).startswith(f"{one.path}{said}")


def test_metadata_goes_along(tmp_path):
    """The interaction's own before the run's, binary values from base64."""
    seen = []

    def get(_requests, context):
        seen.append([p for p in context.invocation_metadata() if p[0].startswith("x-")])
        yield b""

    encoded = base64.b64encode(b"\x00\xff").decode()
    text = f"""
      - name: a
        method: Get
        metadata: {{X-Who: me, x-tags: [a, b], x-raw-bin: {encoded}}}
        request: {{}}
    """
    with served(Get=get) as address:
        target = target_of(address, metadata=(("x-who", "all"), ("x-run", "r")))
        verify([contract(tmp_path, text)], target, compiled())
    assert [sorted((key, value) for key, value in seen[0])] == [
        [
            ("x-raw-bin", b"\x00\xff"),
            ("x-run", "r"),
            ("x-tags", "a"),
            ("x-tags", "b"),
            ("x-who", "me"),
        ]
    ]


def changed(old, new):
    """The shop's schema after a change."""
    assert old in SHOP
    return compiled(SHOP.replace(old, new))


VERSIONED = """
  - name: a
    method: Get
    request: {id: a, limit: 5, part: {name: x}}
    reply: {id: a, price: 5}
    expect: [this.price == 5]
"""


@pytest.mark.parametrize(
    ("old", "new", "ids"),
    [
        ("bool sold = 10;", "bool sold = 10; string more = 99;", ()),
        ("string id = 1; int32 limit", "string name = 1; int32 limit", ()),
        ("rpc Get(", "rpc Fetch(", ("CONTRACT_METHOD_GONE",)),
        (
            "rpc Get(GetRequest) returns (",
            "rpc Get(GetRequest) returns (stream ",
            ("CONTRACT_STYLE_DIFFERS",),
        ),
        ("int32 limit = 2;", "", ("CONTRACT_FIELD_GONE",)),
        ("int32 limit = 2", "string limit = 2", ("CONTRACT_FIELD_TYPE_DIFFERS",)),
    ],
)
def test_a_consumer_of_another_version_is_read_in_its_own_words(tmp_path, address, old, new, ids):
    """Sent and read as its own code does; what the provider no longer knows is a finding."""
    one = contract(tmp_path, VERSIONED, schema=compiled().digest)
    provider = changed(old, new)
    report = verify([one], target_of(address), provider, known=[compiled()])
    assert outcomes(report) == {"a": ("failed" if ids else "passed", ids)}
    assert report.contracts[0].own_schema


def test_a_reply_that_lost_a_field_is_seen_with_the_consumer_s_eyes(tmp_path):
    """The number carries another type now: to the consumer the field is missing."""
    newer = changed("int64 price = 2", "string price = 2")

    def get(_requests, _context):
        yield message("Item", schema=newer, id="a", price="5").SerializeToString()

    one = contract(tmp_path, VERSIONED, schema=compiled().digest)
    with served(Get=get) as address:
        report = verify([one], target_of(address), newer, known=[compiled()])
    found = {f.id: (f.subject, f.found) for f in report.findings}
    assert found["CONTRACT_FIELD_MISSING"] == (
        "shop.v1.Item.price",
        "number 2 with bytes of another type",
    )


def test_without_the_consumer_s_schema_the_provider_s_names_count(tmp_path, address):
    """Whether the contract is mistaken or the field was renamed, nobody can tell: a finding."""
    one = contract(tmp_path, VERSIONED, schema=f"sha256:{'0' * 64}")
    provider = changed("int64 price = 2", "int64 cost = 2")
    report = verify([one], target_of(address), provider)
    assert outcomes(report) == {"a": ("failed", ("CONTRACT_FIELD_GONE",) * 2)}
    assert {f.subject for f in report.findings} == {"shop.v1.Item.price"}
    assert not report.contracts[0].own_schema


def test_with_the_consumer_s_schema_a_wrong_name_is_the_contract_s_mistake(tmp_path, address):
    """It never existed."""
    text = "  - {name: a, method: Get, request: {idd: a}}"
    one = contract(tmp_path, text, schema=compiled().digest)
    with pytest.raises(MalformedFile) as refused:
        verify([one], target_of(address), compiled())
    said = ":5:36: shop.v1.GetRequest has no field 'idd'; did you mean id?"
    assert str(refused.value) == f"{one.path}{said}"


def test_a_schema_without_validation_rules_is_enough(tmp_path, address):
    """No import of buf/validate, and none of google/rpc."""
    names = {file.name for file in compiled().files}
    assert not {name for name in names if "validate" in name or "rpc" in name}
    report = verify([contract(tmp_path, STYLES)], target_of(address), compiled())
    assert report.findings == ()


def test_a_dead_provider_is_told(tmp_path):
    """As what it is: nobody to verify."""
    with served() as address:
        pass
    with pytest.raises(UnreachableTarget, match="nothing listens there"):
        verify([contract(tmp_path, STYLES)], target_of(address), compiled())
