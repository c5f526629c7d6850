"""Files as protobufjs writes them from memory become what a compiler would have written."""

from __future__ import annotations

from typing import Any

from google.protobuf import empty_pb2, timestamp_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool

from wireproof.schema.loose import Files, tightened

STANDARD = {
    file.DESCRIPTOR.name: FileDescriptorProto.FromString(file.DESCRIPTOR.serialized_pb)
    for file in (empty_pb2, timestamp_pb2)
}
STRING, MESSAGE = FieldDescriptorProto.TYPE_STRING, FieldDescriptorProto.TYPE_MESSAGE


def from_memory() -> Files:
    """`shop.desk`, which refers to a package beside it and to well-known types."""
    desk = FileDescriptorProto(name="shop_desk.proto", package="shop.desk", syntax="proto3")
    guest = desk.message_type.add(name="Guest")

    def field(name: str, type_: Any, **more: Any) -> None:
        told = {"label": FieldDescriptorProto.LABEL_OPTIONAL} | more
        guest.field.add(name=name, number=len(guest.field) + 1, type=type_, **told)

    field("nickname", STRING, oneof_index=0)
    field("email", STRING, oneof_index=1)
    field("phone", STRING, oneof_index=1)
    field("since", MESSAGE, type_name="google.protobuf.Timestamp")
    field("at", MESSAGE, type_name="common.Place")
    field(
        "extra_wishes",
        MESSAGE,
        type_name="Extra_wishes",
        label=FieldDescriptorProto.LABEL_REPEATED,
    )
    guest.oneof_decl.add(name="_nickname")
    guest.oneof_decl.add(name="contact")
    entry = guest.nested_type.add(name="Extra_wishes")
    entry.options.map_entry = True
    for number, name in enumerate(("key", "value"), 1):
        entry.field.add(
            name=name, number=number, type=STRING, label=FieldDescriptorProto.LABEL_OPTIONAL
        )
    desk.service.add(name="Guests").method.add(
        name="Forget", input_type=".shop.desk.Guest", output_type=".google.protobuf.Empty"
    )
    common = FileDescriptorProto(name="shop_common.proto", package="shop.common", syntax="proto3")
    common.message_type.add(name="Place")
    copy = FileDescriptorProto(
        name="google_protobuf.proto", package="google.protobuf", syntax="proto3"
    )
    copy.message_type.add(name="Timestamp")
    copy.message_type.add(name="Empty")
    return {file.name: file for file in (desk, common, copy)}


def test_what_was_left_out_follows_from_the_rest():
    """
    Names are whole, imports are there, maps and `optional` fields are what they were.
    """
    files = tightened(from_memory(), lambda: STANDARD)
    pool = DescriptorPool()
    for name in (*STANDARD, "shop_common.proto", "shop_desk.proto"):
        pool.Add(files[name])
    guest = pool.FindMessageTypeByName("shop.desk.Guest")
    kinds = {f.name: f.message_type.full_name for f in guest.fields if f.message_type}
    assert kinds == {
        "since": "google.protobuf.Timestamp",
        "at": "shop.common.Place",
        "extra_wishes": "shop.desk.Guest.ExtraWishesEntry",
    }
    assert [oneof.name for oneof in guest.oneofs] == ["contact", "_nickname"]
    assert [f.name for f in guest.oneofs_by_name["contact"].fields] == ["email", "phone"]
    assert guest.fields_by_name["nickname"].has_presence
    assert "google_protobuf.proto" not in files


def test_what_a_compiler_wrote_stays_as_it_is():
    """
    Nothing is added where nothing is left out.
    """
    files = tightened(from_memory(), lambda: STANDARD)
    before = {name: file.SerializeToString() for name, file in files.items()}
    again = tightened(files, dict)
    assert {name: file.SerializeToString() for name, file in again.items()} == before
