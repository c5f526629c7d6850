"""Exchanges and observations made by hand, for the checks to judge."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, timestamp_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from tests.exchange.serving import METHODS, note
from wireproof.checks.facts import DETAILS, Kind
from wireproof.exchange import Exchange, Script, Step, StepKind, Style

Code = grpc.StatusCode
A, B = note("a"), note("b")


def exchange(
    code: Code = Code.OK,
    *,
    style: Style = Style.UNARY,
    sent: tuple[bytes, ...] = (A,),
    received: tuple[bytes, ...] | None = None,
    message: str = "",
    details: bytes | None = None,
    kind: Kind = Kind.VALID,
    **known: Any,
) -> Exchange:
    """A call as it might have happened; a unary OK has one reply unless told otherwise."""
    if received is None:
        received = (A,) if code is Code.OK else ()
    steps = (
        *(Step(StepKind.SEND, payload) for payload in sent),
        *(Step(StepKind.RECEIVE, payload) for payload in received),
    )
    return Exchange(
        method=METHODS[style],
        script=Script(steps[: len(sent)]),
        steps=steps,
        code=code,
        message=message,
        trailers=((DETAILS, details),) if details is not None else (),
        note={"kind": kind, **known},
    )


def rich(code: Code, *details: Message) -> bytes:
    """A google.rpc.Status on the wire."""
    status = status_pb2.Status(code=code.value[0], message="…")
    for detail in details:
        status.details.add().Pack(detail)
    data: bytes = status.SerializeToString()
    return data


def blaming(*fields: str) -> bytes:
    """INVALID_ARGUMENT that blames *fields*."""
    bad = error_details_pb2.BadRequest()
    for field in fields:
        bad.field_violations.add(field=field)
    return rich(Code.INVALID_ARGUMENT, bad)


_FILE = descriptor_pb2.FileDescriptorProto(name="thing.proto", package="shop", syntax="proto3")
_INNER = _FILE.message_type.add(name="Inner")
_INNER.field.add(name="colour", number=1, type=9, label=1)
_THING = _FILE.message_type.add(name="Thing")
for _number, _name in enumerate(("id", "title", "label", "stamp"), 1):
    _THING.field.add(name=_name, number=_number, type=9, label=1)
_THING.field.add(name="inner", number=5, type=11, type_name=".shop.Inner", label=1)
_THING.field.add(name="tags", number=6, type=9, label=3)
_THING.field.add(name="created_at", number=7, type=9, label=1)
_VERSIONED = _FILE.message_type.add(name="Versioned")
for _number, _name in enumerate(("title", "etag"), 1):
    _VERSIONED.field.add(name=_name, number=_number, type=9, label=1)
_STAMP = ".google.protobuf.Timestamp"
_VERSIONED.field.add(name="update_time", number=3, type=11, type_name=_STAMP, label=1)
_FILE.dependency.append("google/protobuf/timestamp.proto")
_POOL = descriptor_pool.DescriptorPool()
_POOL.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
_POOL.Add(_FILE)


def thing(**fields: Any) -> Any:
    """A Thing: texts id, title, label, stamp, created_at; inner with a colour; a list of tags."""
    from google.protobuf.message_factory import GetMessageClass

    return GetMessageClass(_POOL.FindMessageTypeByName("shop.Thing"))(**fields)


def versioned(title: str, etag: str, nanos: int) -> Any:
    """A Versioned: a title, an etag, and a time of update within one second."""
    from google.protobuf.message_factory import GetMessageClass

    kind = GetMessageClass(_POOL.FindMessageTypeByName("shop.Versioned"))
    made: Any = kind(title=title, etag=etag)
    made.update_time.seconds, made.update_time.nanos = 1_700_000_000, nanos
    return made
