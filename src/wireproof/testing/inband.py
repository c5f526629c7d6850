"""Errors in band: how a stream that ends with OK tells that an item of it was refused."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.facts import UNJUDGED, Code
from wireproof.exchange import Exchange
from wireproof.testing.shapes import is_map, messages_in

_COUNTED: tuple[int, ...] = (
    FieldDescriptor.CPPTYPE_BOOL,
    FieldDescriptor.CPPTYPE_ENUM,
    FieldDescriptor.CPPTYPE_INT32,
    FieldDescriptor.CPPTYPE_UINT32,
)
_STATUS = "google.rpc.Status"


def refused_in_band(x: Exchange, control: Exchange) -> bool:
    """Whether a stream with an invalid item was answered otherwise than one without.

    *control* is the answer to as many items, all of them valid. A status of the call, a
    google.rpc.Status in a reply, a reply of another shape or another count all tell of a refusal;
    a google.rpc.Status of another code (ALREADY_EXISTS) tells that the item was taken for valid.
    """
    codes = [code for reply in x.replies() for code in codes_in(reply)]
    if x.code is Code.INVALID_ARGUMENT or _REFUSING & set(codes):
        return True
    return x.ok and not codes and _signature(x) != _signature(control)


_REFUSING = frozenset(code.value[0] for code in (Code.INVALID_ARGUMENT, *UNJUDGED))


def codes_in(message: Message) -> list[int]:
    """The codes of the errors that a reply carries as google.rpc.Status."""
    statuses = (p for _, p in messages_in(message) if p.DESCRIPTOR.full_name == _STATUS)
    return [code for status in statuses if (code := int(getattr(status, "code", 0)))]


def _signature(x: Exchange) -> list[tuple[tuple[str, int], ...]]:
    """What is told, and how often: never the values of texts."""
    return [tuple(sorted(_shape(reply))) for reply in x.replies()]


def _shape(message: Message) -> Iterator[tuple[str, int]]:
    for field, value in message.ListFields():
        if is_map(field) or field.is_repeated:
            yield field.name, len(value)
        elif field.cpp_type in _COUNTED:
            yield field.name, int(value)
        else:
            yield field.name, 1
