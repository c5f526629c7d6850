"""What became of a value in a store: what a careful server may do, and what it may not."""

from __future__ import annotations

import pytest
from google.protobuf import (
    descriptor_pb2,
    duration_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
from google.rpc import error_details_pb2
from google.rpc.context import attribute_context_pb2

from wireproof.checks.round_trip import mangled

TEXT = wrappers_pb2.StringValue.DESCRIPTOR.fields_by_name["value"]
NUMBER = wrappers_pb2.Int64Value.DESCRIPTOR.fields_by_name["value"]
DOUBLE = wrappers_pb2.DoubleValue.DESCRIPTOR.fields_by_name["value"]
OCTETS = wrappers_pb2.BytesValue.DESCRIPTOR.fields_by_name["value"]
FLAG = wrappers_pb2.BoolValue.DESCRIPTOR.fields_by_name["value"]
LIST = descriptor_pb2.FileDescriptorProto.DESCRIPTOR.fields_by_name["dependency"]
MAP = attribute_context_pb2.AttributeContext.Peer.DESCRIPTOR.fields_by_name["labels"]
TIME = attribute_context_pb2.AttributeContext.Request.DESCRIPTOR.fields_by_name["time"]
MAX = 2**63 - 1


def at(seconds, nanos=0):
    return timestamp_pb2.Timestamp(seconds=seconds, nanos=nanos)


@pytest.mark.parametrize(
    ("field", "sent", "told"),
    [
        (TEXT, "  Ada ", "ada"),  # trimmed, folded
        (TEXT, "e\u0301", "\u00e9"),  # NFC
        (TEXT, "<b>bold</b>", "bold"),  # markup left out
        (TEXT, "x", ""),  # not taken
        (OCTETS, b"abc", b"ab"),
        (OCTETS, b"ab\0\0", b"ab"),  # padding
        (OCTETS, b"\0ab", b""),  # not taken
        (TEXT, "a\0b", "ab"),
        (NUMBER, 10**12, 1000),  # clamped
        (NUMBER, MAX, 2**53),
        (NUMBER, -5, 0),
        (NUMBER, 2**32, 0),  # not taken
        (NUMBER, 1000, 255),  # clamped
        (TIME, at(1, 999_999), at(1)),  # milliseconds
        (DOUBLE, 1e300, 100.0),
        (DOUBLE, 0.1, 0.1),
        (TIME, at(1, 123_456_789), at(1, 123_456_000)),  # microseconds
        (TIME, at(100), at(1_700_000_000)),  # the server's own
        (FLAG, True, False),
        (LIST, ["b", "a", "B ", ""], ["a", "b"]),
        (LIST, ["a", "b"], []),  # not taken
        (LIST, ["a<b", "c"], ["a&lt;b", "c"]),  # which is which, nothing tells
        (MAP, {"a": "x", "b": "Y "}, {"b": "y", "a": "x"}),
    ],
)
def test_a_careful_server_may_tidy(field, sent, told):
    """
    Trimming, folding, normalising, clamping, rounding of times, refusing to store.
    """
    assert mangled(field, sent, told) == ""


@pytest.mark.parametrize(
    ("field", "sent", "told", "words"),
    [
        (TEXT, "na\u00efve \u6f22", "na\u00efve ?", "as another text"),
        (TEXT, "a&b", "a&amp;b", "as another text"),
        (TEXT, "\u00e9", "\u00c3\u00a9", "as another text"),
        (TEXT, "a" * 300, "a" * 255, "cut short"),
        (TEXT, "a\nb", "a", "cut short"),
        (TEXT, "a\0b", "a", "cut at a zero byte"),
        (OCTETS, b"\xff\x00", b"/wA=", "as other bytes"),
        (OCTETS, b"ab\0c", b"ab", "cut at a zero byte"),
        (NUMBER, 2**53 + 1, 2**53, "rounded, as a double is"),
        (NUMBER, 3_000_000_000, -1_294_967_296, "with another sign"),
        (DOUBLE, 0.1, 0.10000000149011612, "rounded to single precision"),
        (TIME, at(1_700_000_000), at(1_700_003_600), "moved by hours"),
        (LIST, ["a", "b"], ["a"], "with less in it"),
        (LIST, ["a<b"], ["a&lt;b"], "as another text"),
        (MAP, {"a": "x", "b": "y"}, {"a": "y", "b": "x"}, "as another text"),
        (NUMBER, 2**40 + 5, 5, "cut to fewer bits"),
        (NUMBER, 2**33, 2**31 - 1, "cut to fewer bits"),
        (TIME, at(-1), at(0), "cut to fewer bits"),
        (TIME, at(2**33), at(2**31 - 1), "cut to fewer bits"),
        (TIME, at(1, 999_999_999), at(1), "without its fraction of a second"),
    ],
)
def test_another_value_is_told(field, sent, told, words):
    """
    Replaced and escaped letters, other encodings, numbers as doubles or in 32 bits, other zones.
    """
    assert mangled(field, sent, told) == words


def test_a_span_keeps_its_sign():
    """
    A negative duration is one of the values of its type.
    """
    field = error_details_pb2.RetryInfo.DESCRIPTOR.fields_by_name["retry_delay"]
    turned = mangled(field, duration_pb2.Duration(seconds=-5), duration_pb2.Duration(seconds=5))
    assert turned == "with another sign"
