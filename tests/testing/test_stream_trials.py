"""How many items an aggregate tells of, whatever its fields are called."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message_factory import GetMessageClass

from wireproof.testing.stream_trials import accounts_for

_F = descriptor_pb2.FieldDescriptorProto


def reply(*fields: str, **values: Any) -> Any:
    """A reply with fields such as `repeated Beast kept`, `int32 lost`, `repeated string why`."""
    file = descriptor_pb2.FileDescriptorProto(name="r.proto", package="zoo", syntax="proto3")
    file.message_type.add(name="Beast").field.add(name="tag", number=1, type=3, label=1)
    message = file.message_type.add(name="Reply")
    for number, spelled in enumerate(fields, 1):
        *label, kind, name = spelled.split()
        made = message.field.add(name=name, number=number, label=3 if label else 1)
        made.type = {"int32": _F.TYPE_INT32, "string": _F.TYPE_STRING}.get(kind, _F.TYPE_MESSAGE)
        if made.type == _F.TYPE_MESSAGE:
            made.type_name = ".zoo.Beast"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName("zoo.Reply"))(**values)


BEAST = {"tag": 1}
KEPT = ("repeated Beast kept", "int32 lost", "repeated string why")


@pytest.mark.parametrize(
    ("answer", "accounted"),
    [
        (reply(*KEPT, kept=[BEAST] * 3), 3),
        (reply(*KEPT, kept=[BEAST] * 2), 2),
        (reply(*KEPT, kept=[BEAST] * 2, lost=1), 3),
        (reply(*KEPT, kept=[BEAST], why=["a", "b"]), 3),
        (reply(*KEPT), 0),
        (reply("int32 created_count", created_count=2), 2),
        (reply("int32 created_count", "int32 failed", created_count=2, failed=1), 3),
        (reply("int32 added", "int32 refused", added=2, refused=1), 3),
        (reply("int32 added", "int32 refused", added=3, refused=1), 4),
        (reply("int32 received", "int32 rejected", received=3, rejected=1), 3),
        (reply("int32 imported", "int32 errors", imported=3, errors=2), 3),
        (reply("int32 elapsed", elapsed=17), None),
        (reply("string note", note="done"), None),
    ],
)
def test_made_and_failed_items_are_counted(answer, accounted):
    """
    Three were sent; a reply that tells of no items is judged by nobody. Where all were made, none
    failed.
    """
    assert accounts_for(answer, 3, "zoo.Beast") == accounted
