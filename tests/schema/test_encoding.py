"""Bytes written by hand, as the page on protobuf's encoding gives them."""

from __future__ import annotations

import pytest
from google.protobuf.wrappers_pb2 import UInt64Value

from wireproof.schema.encoding import VARINT, delimited, tag, varint


def test_a_number_is_seven_bits_a_byte():
    """
    The page's first example: field 1 with 150.
    """
    assert tag(1, VARINT) + varint(150) == bytes.fromhex("089601")


def test_a_text_is_its_length_and_its_bytes():
    """
    The page's example of a string: field 2 with "testing".
    """
    assert delimited(2, b"testing") == bytes.fromhex("120774657374696e67")


@pytest.mark.parametrize("number", [0, 1, 127, 128, 2**14 - 1, 2**14, 2**32, 2**64 - 1])
def test_protobuf_reads_every_number_back(number: int):
    """
    Up to the largest, at the edges of bytes.
    """
    assert UInt64Value.FromString(tag(1, VARINT) + varint(number)).value == number
