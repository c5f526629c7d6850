"""What the names of fields suggest where no rule says what they hold."""

from __future__ import annotations

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool

from wireproof.testing.hints import likely

NAMES = ("from_day", "untilDay", "check_in", "departure", "start_date", "birth_date", "room_id")


def stay():
    """A message of texts with those names."""
    file = descriptor_pb2.FileDescriptorProto(name="stay.proto", syntax="proto3")
    message = file.message_type.add(name="Stay")
    text, one = descriptor_pb2.FieldDescriptorProto.TYPE_STRING, 1
    for number, name in enumerate(NAMES, 1):
        message.field.add(name=name, number=number, type=text, label=one)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool.FindMessageTypeByName("Stay")


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("from_day", "{day}"),
        ("untilDay", "{day}"),
        ("check_in", "{day}"),
        ("departure", "{day}"),
        ("start_date", "{day}"),
        ("birth_date", "2004-01-31"),
        ("room_id", "{uuid}"),
    ],
)
def test_a_name_suggests_what_a_text_may_hold(name, first):
    """
    Spans are of days to come, each later than the one before; births are past.
    """
    assert next(likely(stay().fields_by_name[name])) == first
