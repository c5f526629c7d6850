"""A reply is judged by its parts, and breaks what it breaks as a whole."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf.json_format import ParseDict

from wireproof.checks.facts import plain
from wireproof.exchange import Exchange, Script, method_of
from wireproof.exchange.exchange import Step, StepKind
from wireproof.schema.source import load
from wireproof.testing.replies import broken_in_replies
from wireproof.values import violations

FILE = """\
syntax = "proto3";
package farm;
import "buf/validate/validate.proto";
message Goat {
  option (buf.validate.message).cel = {id: "goat.age" expression: "this.age / this.legs >= 0"};
  string name = 1 [(buf.validate.field).string.min_len = 2];
  int32 age = 2;
  int32 legs = 3;
  repeated Goat kids = 4;
}
message Herd {
  repeated Goat goats = 1;
  repeated Goat strays = 2 [(buf.validate.field).repeated.max_items = 1];
  string next = 3 [(buf.validate.field).string.max_len = 3];
}
message Named {
  option (buf.validate.message).cel = {id: "named" expression: "this.goats.size() < 2"};
  repeated Goat goats = 1;
}
service Farm { rpc GetHerd(Goat) returns (Herd); rpc GetNamed(Goat) returns (Named); }
"""

GOOD = {"name": "Heidi", "legs": 4}
SHORT = {"name": "H", "legs": 4}
LEGLESS = {"name": "Heidi"}
"""Its expression divides by zero: nothing can be judged of a reply that holds it."""

REPLIES: dict[str, tuple[str, dict[str, Any], list[tuple[str, str]]]] = {
    "good": ("Herd", {"goats": [GOOD, GOOD]}, []),
    "an item, twice": ("Herd", {"goats": [GOOD, SHORT, SHORT]}, [("goats.name", "string.min_len")]),
    "an expression over an item": (
        "Herd",
        {"goats": [{"name": "Heidi", "legs": 1, "age": -2}]},
        [("goats", "goat.age")],
    ),
    "an item of an item": (
        "Herd",
        {"goats": [{**GOOD, "kids": [SHORT]}]},
        [("goats.kids.name", "string.min_len")],
    ),
    "a list and what is beside it": (
        "Herd",
        {"goats": [SHORT], "next": "12345"},
        [("goats.name", "string.min_len"), ("next", "string.max_len")],
    ),
    "a list with a rule": ("Herd", {"strays": [GOOD, GOOD]}, [("strays", "repeated.max_items")]),
    "a message with a rule": ("Named", {"goats": [GOOD, GOOD]}, [("", "named")]),
    "what cannot be judged": (
        "Herd",
        {"goats": [SHORT, LEGLESS], "next": "12345"},
        [("", "evaluation-error")],
    ),
}


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("farm")
    (folder / "farm.proto").write_text(FILE, encoding="utf-8")
    return load(str(folder))


def answered(schema: Any, name: str, *payloads: bytes) -> Exchange:
    method = next(method_of(m) for m in schema.methods() if m.output_type.name == name)
    steps = tuple(Step(StepKind.RECEIVE, payload) for payload in payloads)
    return Exchange(method, Script(()), steps, grpc.StatusCode.OK)


@pytest.mark.parametrize("name", REPLIES)
def test_a_reply_breaks_the_rules_that_it_breaks_as_a_whole(farm, name):
    kind, said, expected = REPLIES[name]
    reply = ParseDict(said, farm.message_class(f"farm.{kind}")())
    found = broken_in_replies(farm, answered(farm, kind, reply.SerializeToString()))
    assert expected == list(found)
    assert found == tuple(sorted({(plain(f.path), f.rule) for f in violations(farm, reply)}))


def test_every_reply_of_a_stream_counts_and_what_does_not_decode_breaks_no_rule(farm):
    herd = farm.message_class("farm.Herd")
    payloads = (herd(next="12345").SerializeToString(), b"\xff", herd().SerializeToString())
    assert broken_in_replies(farm, answered(farm, "Herd", *payloads)) == (
        ("next", "string.max_len"),
    )
