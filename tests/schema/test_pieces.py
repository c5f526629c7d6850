from __future__ import annotations

import pytest
from google.protobuf import descriptor_pb2
from google.protobuf.message import DecodeError

from wireproof.schema.image import split_image
from wireproof.schema.pieces import spans

LONG = b"x" * 300


def test_pieces_are_found_between_values_of_every_other_wire_type():
    """
    Field 1 twice, of 2 and of 300 bytes, among a varint, a fixed64, a fixed32 and bytes of field 2.
    """
    first, second = b"\x0a\x02ab", b"\x0a\xac\x02" + LONG
    others = b"\x18\x96\x01", b"\x21" + bytes(8), b"\x2d" + bytes(4), b"\x12\x01\x0a"
    data = others[0] + first + others[1] + others[2] + second + others[3]
    assert [data[a:b] for a, b in spans(data, 1)] == [b"ab", LONG]


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a",
        b"\x0a\x05ab",
        b"\x0a\xff",
        b"\x21\x00",
        b"\x0b\x0c",
        b"\xff" * 11,
    ],
    ids=["no length", "cut off", "half a length", "half a fixed64", "a group", "no number"],
)
def test_what_is_no_message_is_refused(data: bytes):
    """
    A file that is no image ends in one clear sentence, not in half a schema.
    """
    with pytest.raises(DecodeError, match="no encoded message"):
        list(spans(data, 1))


def test_files_are_equal_by_their_bytes_wherever_they_lie():
    """
    Another image, in which the file stands elsewhere, holds the same file.
    """
    file = descriptor_pb2.FileDescriptorProto
    a, b = file(name="a.proto", package="p"), file(name="b.proto", package="p")
    (first,) = split_image(descriptor_pb2.FileDescriptorSet(file=[a]).SerializeToString())
    other, again = split_image(descriptor_pb2.FileDescriptorSet(file=[b, a]).SerializeToString())
    assert again.data == first.data == a.SerializeToString()
    assert (first.equals(again), first.equals(other)) == (True, False)
