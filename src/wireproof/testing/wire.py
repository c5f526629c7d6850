"""The wire phase: bytes that are no message, strange ones, wrong counts, metadata, sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError

from wireproof.checks.facts import Kind
from wireproof.checks.observations import Observation
from wireproof.checks.stacks import Oddity
from wireproof.exchange import Method
from wireproof.exchange.channel import Metadata
from wireproof.exchange.http2 import framed
from wireproof.schema.encoding import VARINT, delimited, tag, varint
from wireproof.testing.options import Phase
from wireproof.testing.session import Session
from wireproof.testing.shapes import is_plain
from wireproof.testing.stack import SOON, known_of_broken, posted
from wireproof.testing.trial import Run, Trial

_TRUNCATED = b"\x0a\x7f\x61"
"""Field 1 promises 127 bytes; one follows."""
_FIELD_ZERO = b"\x00\x01"
_UNKNOWN_FIELD = b"\xfa\xff\xff\xff\x0f\x03abc"
"""The highest field number there is, which hardly any schema declares."""
_NO_NUMBER = 987_654
_SOON = 0.3
"""Seconds for calls that some stacks never answer: that they do is theirs, not the service's."""

METADATA: tuple[tuple[str, Metadata], ...] = (
    ("repeated keys", (("x-wireproof", "a"), ("x-wireproof", "b"))),
    ("binary values", (("x-wireproof-bin", b"\x00\xff\x80"), ("x-wireproof-bin", b""))),
    # 8 KiB with what every call carries: above them, gRPC core refuses by chance.
    ("8 KiB of metadata", (("x-wireproof", "m" * 7168),)),
)


def wire(methods: tuple[Method, ...]) -> Iterator[Trial]:
    """The trials of every method, and of methods that do not exist."""
    services = {method.full_name.rsplit(".", 1)[0]: method for method in methods}
    for service, method in services.items():
        other = replace(method, full_name=f"{service}.NoSuchMethodAnywhere")
        yield Trial(Phase.WIRE, method, _unknown(other), "unknown method")
    for method in methods:
        for name, run in _of(method):
            yield Trial(Phase.WIRE, method, run, name)


def _of(method: Method) -> Iterator[tuple[str, Run]]:
    yield from _malformed(method)
    yield "zero bytes", _sends(method, b"", Kind.STRANGE)
    yield "unknown field", _adds(method, _UNKNOWN_FIELD)
    yield "unknown enum number", _with_enum(method)
    if not method.style.client_streams:
        yield "no message", _counted(method, 0)
        yield "two messages", _counted(method, 2)
    for name, metadata in METADATA:
        yield name, _carrying(method, metadata)


def _malformed(method: Method) -> Iterator[tuple[str, Run]]:
    for oddity, payload in ((Oddity.TRUNCATED, _TRUNCATED), (Oddity.FIELD_ZERO, _FIELD_ZERO)):
        if _refused(method, payload):
            yield oddity.value, _broken(method, payload, oddity.value)
    text = next((f for f in method.takes.fields if is_plain(f) and _checked_text(f)), None)
    if text is not None:
        payload = delimited(text.number, b"\xff\xfe")
        yield Oddity.BAD_UTF8.value, _broken(method, payload, Oddity.BAD_UTF8.value)


def _refused(method: Method, payload: bytes) -> bool:
    """Whether a parser sees that the bytes are no message: some do not look into an empty one."""
    try:
        method.request.FromString(payload)
    except DecodeError:
        return True
    return False


def _checked_text(field: FieldDescriptor) -> bool:
    """Whether parsers owe the field a look at its UTF-8: proto2 leaves that open."""
    holder: Any = field.containing_type
    return field.type == FieldDescriptor.TYPE_STRING and _syntax(holder.file) == "proto3"


def _syntax(file: Any) -> str:
    from google.protobuf import descriptor_pb2

    proto = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(proto)
    return str(proto.syntax)


def _unknown(method: Method) -> Run:
    """A method that does not exist; HTTP 404 says the same, whatever a client makes of it.

    https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
    """

    def run(session: Session) -> Iterator[Observation]:
        reply = posted(session, method.path, framed(b""), (), SOON)
        session.call(method, b"", kind=Kind.UNKNOWN_METHOD, absent=reply.http_status == _ABSENT)
        return iter(())

    return run


_ABSENT = 404


def _sends(method: Method, payload: bytes, kind: Kind) -> Run:
    def run(session: Session) -> Iterator[Observation]:
        session.call(method, payload, kind=kind)
        return iter(())

    return run


def _broken(method: Method, payload: bytes, name: str) -> Run:
    """Bytes that are no message; what the library is known to make of them is not blamed on it."""

    def run(session: Session) -> Iterator[Observation]:
        known = known_of_broken(session, method, name)
        session.call(method, payload, kind=Kind.MALFORMED, malformed=name, known=known)
        return iter(())

    return run


def _adds(method: Method, extra: bytes) -> Run:
    """A valid request with more bytes after it."""

    def run(session: Session) -> Iterator[Observation]:
        base = session.base(method).SerializeToString()
        session.call(method, base + extra, kind=Kind.STRANGE)
        return iter(())

    return run


def _with_enum(method: Method) -> Run:
    """A valid request with a number that its first enum does not declare."""

    def run(session: Session) -> Iterator[Observation]:
        field = next((f for f in method.takes.fields if f.enum_type and not f.is_repeated), None)
        if field is not None:
            extra = tag(field.number, VARINT) + varint(_NO_NUMBER)
            base = session.base(method).SerializeToString()
            session.call(method, base + extra, kind=Kind.STRANGE)
        return iter(())

    return run


def _counted(method: Method, count: int) -> Run:
    """Another number of requests than the style has."""

    def run(session: Session) -> Iterator[Observation]:
        requests = [session.base(method) for _ in range(count)]
        session.call(method, *requests, kind=Kind.CARDINALITY, deadline=_SOON)
        return iter(())

    return run


def _carrying(method: Method, metadata: Metadata) -> Run:
    def run(session: Session) -> Iterator[Observation]:
        session.call(method, session.base(method), metadata=metadata, kind=Kind.STRANGE)
        return iter(())

    return run
