"""Wireproof's own annotations: carried by the wheel, found by every schema, read as promised."""

import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

from wireproof import annotations
from wireproof.schema.source import load
from wireproof.testing import declared

ROOT = Path(__file__).parents[2]
SHOP = """
syntax = "proto3";
package shop.v1;
import "wireproof/annotations/v1/annotations.proto";
message Order {
  option (wireproof.annotations.v1.message) = { stored: true owner: "buyer" };
  string id = 1;
  string buyer = 2;
  string address = 3 [(wireproof.annotations.v1.field).data_class = DATA_CLASS_PERSONAL];
  State state = 4;
}
enum State {
  STATE_UNSPECIFIED = 0;
  STATE_PAID = 1;
  STATE_SENT = 2 [(wireproof.annotations.v1.state) = { only_from: "STATE_PAID" }];
}
service Shop {
  rpc Cancel(Order) returns (Order) {
    option (wireproof.annotations.v1.method) = {
      needs_credentials: true idempotent: true side_effects: false
    };
  }
  rpc Send(Order) returns (Order) { option idempotency_level = NO_SIDE_EFFECTS; }
}
"""


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "shop.proto").write_text(SHOP)
    return load(str(tmp_path))


def test_the_wheel_carries_the_annotations_as_the_schemas_declare_them():
    """
    `make generate` was run after the last change of annotations.proto.
    """
    now = load(str(ROOT / "schemas")).file(annotations.NAME)
    now.DiscardUnknownFields()  # the marks of buf's images
    assert descriptor_pb2.FileDescriptorProto.FromString(annotations.descriptor()) == now


def test_a_schema_of_anyone_may_import_them(shop):
    """
    Nothing is vendored and nothing is fetched.
    """
    assert shop.own == {"shop.proto"}


def test_a_method_keeps_what_its_annotation_says(shop):
    """
    The annotation says more than idempotency_level, and is heard first.
    """
    cancel, send = shop.methods()
    assert declared.promise(shop, cancel, "needs_credentials") is True
    assert declared.promise(shop, cancel, "permission_first") is None
    assert declared.idempotent(shop, cancel)
    assert declared.without_side_effects(shop, cancel)
    assert declared.without_side_effects(shop, send)
    assert declared.promise(shop, send, "needs_credentials") is None


def test_messages_fields_and_states_keep_what_their_annotations_say(shop):
    """
    Each kind of element has an option of its own.
    """
    order = shop.message("shop.v1.Order")
    sent = order.fields_by_name["state"].enum_type.values_by_name["STATE_SENT"]
    assert declared.promise(shop, order, "owner") == "buyer"
    assert declared.promise(shop, order.fields_by_name["address"], "data_class") == 2
    assert list(declared.promise(shop, sent, "only_from")) == ["STATE_PAID"]


def test_code_generated_from_such_a_schema_finds_its_import():
    """
    The installed package hides a generated `wireproof`, so it brings the module itself.
    """
    code = (
        "from wireproof.annotations.v1 import annotations_pb2 as a;"
        "print(a.MethodPromises(idempotent=True), a.method.number, a.DATA_CLASS_SECRET)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["idempotent:", "true", "52719", "4"]
