"""What a caller knows of a call beforehand (the exchange's note), and what its status means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from wireproof.exchange import Exchange, StepKind
from wireproof.finding import Breach

Code = grpc.StatusCode

SERVER_FAULTS = frozenset({Code.UNKNOWN, Code.INTERNAL, Code.DATA_LOSS})
"""Statuses that say that the server, not the caller, is at fault."""

UNJUDGED = frozenset(
    {
        Code.UNAUTHENTICATED,
        Code.PERMISSION_DENIED,
        Code.RESOURCE_EXHAUSTED,
        Code.UNAVAILABLE,
        Code.UNIMPLEMENTED,
        Code.DEADLINE_EXCEEDED,
        Code.CANCELLED,
    }
)
"""Statuses that come before a request is looked at: they say nothing of how it is judged."""

UNANSWERED = frozenset(
    {Code.DEADLINE_EXCEEDED, Code.UNAVAILABLE, Code.CANCELLED, Code.RESOURCE_EXHAUSTED}
)
"""Statuses of a machine that is slow or busy: a read that ends so has not found nothing."""

DETAILS = "grpc-status-details-bin"


class Kind(StrEnum):
    """What a request is, as its sender knows."""

    VALID = "valid"
    """It keeps every rule of its schema."""
    INVALID = "invalid"
    """It breaks exactly one rule: `rule` and `path` in the note say which and where."""
    STRANGE = "strange"
    """Well-formed, and nobody says how it must be judged (unknown fields, enum numbers)."""
    MALFORMED = "malformed"
    """Its bytes are no message of the type."""
    UNKNOWN_METHOD = "unknown-method"
    """No such method is declared."""
    CARDINALITY = "cardinality"
    """Not the number of messages that the style asks for."""


_SUBSCRIPT = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]')


def plain(path: str) -> str:
    """A path without subscripts: `user.links["]"].url` → `user.links.url`."""
    return _SUBSCRIPT.sub("", path).strip(".")


def kind_of(x: Exchange) -> Kind:
    kind: Kind = x.note.get("kind", Kind.VALID)
    return kind


def path_of(x: Exchange) -> str:
    """The field that the request is about; empty where it is about none."""
    return str(x.note.get("path", ""))


def about(x: Exchange) -> str:
    """The subject of a breach: the method, and the field where the call was about one."""
    path = path_of(x)
    return f"{x.method.full_name}: {path}" if path else x.method.full_name


def cut_short(x: Exchange) -> bool:
    """Whether we, not the server, ended the call."""
    return x.code is Code.CANCELLED or bool(x.note.get("held"))


_TORN = re.compile(r"RST_STREAM with error code")
_LARGE = 2**20
"""Bytes that a server may refuse in their midst, by ending the stream."""


def torn(x: Exchange) -> bool:
    """Whether the server ended the stream without a status: so it looks where a handler crashed."""
    ours = x.note.get("held") or any(step.kind is StepKind.CANCEL for step in x.steps)
    reset = x.code is Code.CANCELLED and not ours and _TORN.search(x.message)
    return bool(reset) and sum(map(len, x.sent)) < _LARGE


def details_bytes(x: Exchange) -> bytes | None:
    """The rich status on the wire, where there is one."""
    for key, value in x.trailers:
        if key == DETAILS and isinstance(value, bytes):
            return value
    return None


def details(x: Exchange) -> status_pb2.Status | None:
    """The rich status, where it decodes."""
    data = details_bytes(x)
    return None if data is None else _status(data)


@lru_cache(maxsize=64)
def _status(data: bytes) -> status_pb2.Status | None:
    """Several checks look at the details of one call."""
    try:
        return status_pb2.Status.FromString(data)
    except DecodeError:
        return None


def violated_fields(x: Exchange) -> tuple[str, ...]:
    """The fields that the rich status blames."""
    status = details(x)
    return violated_in(status) if status else ()


def violated_in(status: Any) -> tuple[str, ...]:
    """The fields that the BadRequest details of a google.rpc.Status blame."""
    fields = []
    for detail in status.details:
        if detail.type_url.endswith("/google.rpc.BadRequest"):
            try:
                bad = error_details_pb2.BadRequest.FromString(detail.value)
            except DecodeError:
                continue
            fields += [violation.field for violation in bad.field_violations]
    return tuple(fields)


def wrong_status(subject: str, x: Exchange, wanted: grpc.StatusCode) -> Iterator[Breach]:
    """A breach where a call was judged and not answered with *wanted*."""
    if x.code is not wanted and x.code not in UNJUDGED | SERVER_FAULTS:
        yield Breach(subject, wanted.name, x.code.name)
