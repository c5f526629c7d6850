"""A status as contracts see it: `this.message`, and each detail under its own name.

google.rpc.Status holds its details as Any, one after the other; AIP-193 allows one of a type. So a
message made at run time gives each a field: `this.error_info.reason`,
`this.bad_request.field_violations.exists(v, v.field == 'user.email')`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, duration_pb2
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2

from wireproof.exchange.exchange import Exchange
from wireproof.schema.schema import Schema

STATUS = "wireproof.contracts.Status"
_DETAILS_KEY = "grpc-status-details-bin"
_STANDARD = (any_pb2, duration_pb2, status_pb2, error_details_pb2)
_FILE = "wireproof/contracts/status.proto"
_FIELD = descriptor_pb2.FieldDescriptorProto


def add_status(pool: descriptor_pool.DescriptorPool, schema: Schema) -> Descriptor:
    """The status type, added to *pool*, which holds the files of *schema*.

    A detail is any message of google/rpc/error_details.proto and any that the schema declares.
    """
    for module in _STANDARD:
        _add_once(pool, module.DESCRIPTOR.serialized_pb)
    file = descriptor_pb2.FileDescriptorProto(
        name=_FILE, package=STATUS.rpartition(".")[0], syntax="proto3"
    )
    message = file.message_type.add(name=STATUS.rpartition(".")[2])
    message.field.add(name="code", number=1, type=_FIELD.TYPE_INT32, label=1)
    message.field.add(name="message", number=2, type=_FIELD.TYPE_STRING, label=1)
    details = [
        (name, detail)
        for name, detail in _details(schema).items()
        if _has(pool.FindMessageTypeByName, detail)  # a schema's own google.rpc may hold fewer
    ]
    for number, (name, detail) in enumerate(details, start=3):
        message.field.add(
            name=name, number=number, type=_FIELD.TYPE_MESSAGE, label=1, type_name=f".{detail}"
        )
        needed = pool.FindMessageTypeByName(detail).file.name
        if needed not in file.dependency:
            file.dependency.append(needed)
    pool.Add(file)
    return pool.FindMessageTypeByName(STATUS)


def status_message(exchange: Exchange, status: Descriptor) -> Message:
    """The status of *exchange*; details that do not decode are left out."""
    built: Any = GetMessageClass(status)()
    built.code = exchange.code.value[0]
    built.message = exchange.message
    fields = {field.message_type.full_name: field for field in status.fields if field.message_type}
    for detail in _sent_details(exchange):
        field = fields.get(detail.type_url.rpartition("/")[2])
        if field is not None and not built.HasField(field.name):
            part = getattr(built, field.name)
            part.SetInParent()
            try:
                part.MergeFromString(detail.value)
            except DecodeError:
                built.ClearField(field.name)
    return built  # type: ignore[no-any-return]  # made at run time


def _sent_details(exchange: Exchange) -> Iterator[any_pb2.Any]:
    for key, value in exchange.trailers:
        if key == _DETAILS_KEY and isinstance(value, bytes):
            try:
                yield from status_pb2.Status.FromString(value).details
            except DecodeError:
                return


def _details(schema: Schema) -> Mapping[str, str]:
    """Field name → full name of each message that may be a detail; the standard ones first."""
    found: dict[str, str] = {}
    standard = error_details_pb2.DESCRIPTOR.message_types_by_name.values()
    own = [
        f"{file.package}.{message.name}".lstrip(".")
        for file in schema.own_files()
        for message in file.message_type
    ]
    for name in [*(message.full_name for message in standard), *own]:
        key = _snake(name.rpartition(".")[2])
        if key not in ("code", "message"):
            found.setdefault(key, name)
    return found


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _add_once(pool: descriptor_pool.DescriptorPool, file: bytes) -> None:
    """Add a file where the pool does not hold it, whole or under another name."""
    proto = descriptor_pb2.FileDescriptorProto.FromString(file)
    message = f"{proto.package}.{proto.message_type[0].name}"
    if not (_has(pool.FindFileByName, proto.name) or _has(pool.FindMessageTypeByName, message)):
        pool.Add(proto)


def _has(find: Callable[[str], object], name: str) -> bool:
    try:
        find(name)
    except KeyError:
        return False
    return True
