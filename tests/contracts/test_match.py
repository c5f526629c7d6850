"""An exchange against what an interaction needs."""

import pytest
from google.rpc import error_details_pb2, status_pb2

from tests.contracts.support import contract, exchange, message, terms
from wireproof.contracts import match


def found(folder, text, what):
    one = contract(folder, text)
    findings = match(terms(one), one.interactions[0], what)
    return [(f.id.removeprefix("CONTRACT_"), f.subject, f.promised, f.found) for f in findings]


GET = """
  - name: gets
    method: Get
    request: {id: a}
    reply: {id: a, box: {side: left}}
    expect: [this.price > 3]
"""
WATCH = """
  - name: watches
    method: Watch
    steps:
      - send: {}
      - receive: {id: a}
        expect: [this.price == 1]
      - receive: {id: b}
        expect: [this.price == 2]
      - cancel: {}
"""
A, B, C = (message("Item", id=name, price=n) for name, n in (("a", 1), ("b", 2), ("c", 3)))
ITEM = "shop.v1.Item"


def test_what_is_not_mentioned_is_not_needed(tmp_path):
    """More fields never fail."""
    reply = message("Item", id="x", price=4, box={"side": "y"}, sold=True, tags=["t"])
    assert found(tmp_path, GET, exchange("Get", reply)) == []


def test_each_missing_field_and_expectation_is_a_finding(tmp_path):
    """The subject is the element of the schema that it is about."""
    assert found(tmp_path, GET, exchange("Get", message("Item", price=3))) == [
        ("FIELD_MISSING", f"{ITEM}.id", "a value", "none"),
        ("FIELD_MISSING", f"{ITEM}.box", "a value", "none"),
        ("EXPECTATION_FAILED", f"{ITEM}.price", "this.price > 3", "false"),
    ]


def test_a_finding_tells_consumer_interaction_place_and_call(tmp_path):
    """All that its reader asks next."""
    one = contract(tmp_path, GET)
    reply = message("Item", id="a", price=4, box={})
    (finding,) = match(terms(one), one.interactions[0], exchange("Get", reply))
    assert finding.consumers == ("till",)
    assert finding.message == "till, 'gets': it needs a value in shop.v1.Box.side, and found none"
    assert str(finding.location) == f"{one.path}:9:3"
    assert finding.exchange == {
        "method": "shop.v1.Shop.Get",
        "metadata": [],
        "steps": [
            {"send": {}},
            {"receive": {"id": "a", "price": "4", "box": {}}},
            {"status": "OK", "message": ""},
        ],
    }
    assert finding.why
    assert finding.fix


def test_a_call_that_fails_is_told_once(tmp_path):
    """One reply is expected, so OK is."""
    failed = exchange("Get", code="INTERNAL", words="oops")
    assert found(tmp_path, GET, failed) == [
        ("STATUS_DIFFERS", "shop.v1.Shop.Get", "OK", "INTERNAL")
    ]


def test_bytes_that_do_not_decode_are_a_finding(tmp_path):
    """As the consumer's own code refuses them."""
    assert found(tmp_path, GET, exchange("Get", b"\x0a\xff")) == [
        ("REPLY_UNREADABLE", ITEM, "readable", "bytes that do not decode")
    ]


@pytest.mark.parametrize("replies", [(A, B), (C, A, C, B, C), (A, A, B), (B, A, B)])
def test_other_messages_may_come_between(tmp_path, replies):
    """The first that satisfies a step is taken, in order."""
    assert found(tmp_path, WATCH, exchange("Watch", *replies, code="CANCELLED")) == []


@pytest.mark.parametrize(
    ("replies", "code", "said"),
    [
        ((), "OK", "the end with OK"),
        ((), "UNAVAILABLE", "the end with UNAVAILABLE"),
        ((), "DEADLINE_EXCEEDED", "nothing more within 3 s"),
    ],
)
def test_a_message_that_does_not_come(tmp_path, replies, code, said):
    """What came in its place is told."""
    assert found(tmp_path, WATCH, exchange("Watch", *replies, code=code)) == [
        ("MESSAGE_MISSING", "shop.v1.Shop.Watch", 'a message like {"id": "a"}', said)
    ]


def test_of_messages_that_do_not_satisfy_the_most_similar_is_told(tmp_path):
    """By what it lacks."""
    unlike, alike = message("Item", price=9), message("Item", id="b")
    assert found(tmp_path, WATCH, exchange("Watch", A, unlike, alike, unlike)) == [
        ("EXPECTATION_FAILED", f"{ITEM}.price", "this.price == 2", "false")
    ]


def test_messages_satisfy_steps_in_their_order(tmp_path):
    """One that came before the step's turn does not count."""
    assert found(tmp_path, WATCH, exchange("Watch", B, A)) == [
        (
            "MESSAGE_MISSING",
            "shop.v1.Shop.Watch",
            'a message like {"id": "b"}',
            "the end with OK",
        )
    ]


def test_another_member_of_a_oneof_is_another_message(tmp_path):
    """It lacks nothing; the one that was needed did not come."""
    text = """
      - name: watches
        method: Watch
        steps: [send: {}, receive: {box: {side: a}}]
    """
    labelled = message("Item", label="x")
    assert found(tmp_path, text, exchange("Watch", labelled, labelled)) == [
        (
            "MESSAGE_MISSING",
            "shop.v1.Shop.Watch",
            'a message like {"box": {"side": "a"}}',
            "only other messages, then the end with OK",
        )
    ]


EXACT = """
  - name: watches
    method: Watch
    exactly: true
    steps:
      - send: {}
      - receive: {id: a}
      - receive: {id: b}
      - status: OK
"""


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        ((A, B), []),
        (
            (message("Item"), A, B),
            [("MESSAGE_UNEXPECTED", "no other message before its receive", "1 other message")],
        ),
        (
            (A, B, C, C),
            [("MESSAGE_UNEXPECTED", "no other message before its status", "2 other messages")],
        ),
    ],
)
def test_exactly_takes_no_other_message(tmp_path, replies, said):
    """Neither between nor after."""
    facts = [
        (what, promised, there)
        for what, _, promised, there in found(tmp_path, EXACT, exchange("Watch", *replies))
    ]
    assert facts == said


STATUS = """
  - name: finds nothing
    method: Get
    request: {id: a}
    status: NOT_FOUND
    expect:
      - this.error_info.reason == 'GONE'
      - this.bad_request.field_violations.exists(v, v.field == 'id')
      - this.shortage.missing == 3 && !has(this.retry_info)
      - this.message.contains('no such')
      - this.code == 5
"""


def details(*parts):
    status = status_pb2.Status(code=5)
    for part in parts:
        status.details.add().Pack(part)
    return (("grpc-status-details-bin", status.SerializeToString()),)


def test_a_status_is_held_to_code_message_and_details(tmp_path):
    """Each detail under the name of its type, the schema's own ones too."""
    trailers = details(
        error_details_pb2.ErrorInfo(reason="GONE"),
        error_details_pb2.BadRequest(field_violations=[{"field": "id"}]),
        message("Shortage", missing=3),
    )
    told = exchange("Get", code="NOT_FOUND", words="no such item", trailers=trailers)
    assert found(tmp_path, STATUS, told) == []


def test_what_a_status_lacks_is_told_of_the_method(tmp_path):
    """A detail is no element of the provider's schema."""
    told = exchange("Get", code="NOT_FOUND", words="no such item")
    lacking = [promised for _, _, promised, _ in found(tmp_path, STATUS, told)]
    assert lacking == [
        "this.error_info.reason == 'GONE'",
        "this.bad_request.field_violations.exists(v, v.field == 'id')",
        "this.shortage.missing == 3 && !has(this.retry_info)",
    ]
    assert {subject for _, subject, _, _ in found(tmp_path, STATUS, told)} == {"shop.v1.Shop.Get"}


@pytest.mark.parametrize("trailers", [(("grpc-status-details-bin", b"\xff"),), details()])
def test_details_that_do_not_decode_are_not_there(tmp_path, trailers):
    """The status itself still counts."""
    told = exchange("Get", code="NOT_FOUND", words="no such item", trailers=trailers)
    assert len(found(tmp_path, STATUS, told)) == 3


def test_another_status_is_a_finding(tmp_path):
    """Its details are then not asked."""
    assert found(tmp_path, STATUS, exchange("Get", A)) == [
        ("STATUS_DIFFERS", "shop.v1.Shop.Get", "NOT_FOUND", "OK")
    ]


@pytest.mark.parametrize(
    ("replies", "code", "ids"),
    [
        ((), "INTERNAL", ["STATUS_DIFFERS"]),
        ((A,), "INTERNAL", ["STATUS_DIFFERS"]),
        ((A, A), "INTERNAL", ["FIELD_MISSING", "STATUS_DIFFERS"]),
        ((A, A), "DEADLINE_EXCEEDED", ["FIELD_MISSING"]),
        ((A,), "DEADLINE_EXCEEDED", ["MESSAGE_MISSING"]),
        ((A,), "OK", ["MESSAGE_MISSING"]),
        ((A, B), "INTERNAL", ["STATUS_DIFFERS"]),
    ],
)
def test_each_cause_is_told_once(tmp_path, replies, code, ids):
    """A call that failed has no message missing; one that waited in vain has no wrong status."""
    text = """
      - name: watches
        method: Watch
        steps: [send: {}, receive: {id: a}, receive: {price: 1, sold: true}, status: OK]
    """
    sold = message("Item", price=1, sold=True)
    replies = [sold if reply is B else reply for reply in replies]
    told = [what for what, *_ in found(tmp_path, text, exchange("Watch", *replies, code=code))]
    assert told == ids


def test_a_stream_without_a_needed_status_may_end_anyhow(tmp_path):
    """The consumer got what it came for."""
    assert found(tmp_path, WATCH, exchange("Watch", A, B, code="UNAVAILABLE")) == []
