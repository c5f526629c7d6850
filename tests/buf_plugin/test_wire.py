"""The small encoder and decoder against protobuf itself."""

from __future__ import annotations

import pytest
from google.protobuf import wrappers_pb2
from hypothesis import given
from hypothesis import strategies as st

from wireproof.buf_plugin.wire import Malformed, data, fields, number


@given(st.integers(1, 2**64 - 1))
def test_numbers_are_read_by_protobuf(value):
    """
    A varint field is what protobuf takes for one, up to its largest number.
    """
    assert wrappers_pb2.UInt64Value.FromString(number(1, value)).value == value


@given(st.text(max_size=300))
def test_text_is_read_by_protobuf(value):
    """
    Strings of any length keep their text.
    """
    assert wrappers_pb2.StringValue.FromString(data(1, value)).value == value


def test_fields_of_every_wire_type_are_read():
    """
    Fixed-width fields are handed over as bytes, so that unknown ones can be skipped.
    """
    message = number(1, 300) + data(2, b"ab") + b"\x1d1234" + b"\x2112345678"
    assert list(fields(message)) == [(1, 300), (2, b"ab"), (3, b"1234"), (4, b"12345678")]


@pytest.mark.parametrize(
    "broken",
    [b"\x0a", b"\x0a\x05ab", b"\x08", b"\x08" + b"\xff" * 11, b"\x0b", b"\x0f", b"\x02\x00"],
    ids=["no length", "cut", "no number", "endless", "group", "wire type 7", "field 0"],
)
def test_what_protobuf_refuses_is_refused(broken):
    """
    Groups are refused too: no message of the protocol has one.
    """
    with pytest.raises(Malformed):
        list(fields(broken))
