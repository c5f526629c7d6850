"""A service of another shape and other names, on loopback: a zoo that keeps beasts.

Unary methods only know each other by what the descriptors say: ids are numbers that the server
gives, requests are flat or carry the beast, replies wrap it.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, field_mask_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from wireproof.schema.schema import Schema

_F = descriptor_pb2.FieldDescriptorProto
_TYPES = {"string": _F.TYPE_STRING, "int64": _F.TYPE_INT64, "int32": _F.TYPE_INT32}
_MESSAGES = {
    "Beast": ("int64 tag", "string called", "string kind", "int32 legs"),
    "Adopt": ("Beast beast",),
    "AdoptReply": ("Beast beast",),
    "Fetch": ("int64 tag",),
    "Search": ("int32 limit", "string cursor"),
    "SearchReply": ("repeated Beast beasts", "string next_cursor"),
    "Change": ("Beast beast", "google.protobuf.FieldMask only"),
    "Free": ("int64 tag",),
    "Done": (),
    "Watch": ("int32 count",),
}
_METHODS = {
    "AddBeast": ("Adopt", "AdoptReply"),
    "FetchBeast": ("Fetch", "Beast"),
    "SearchBeasts": ("Search", "SearchReply"),
    "ModifyBeast": ("Change", "Beast"),
    "RemoveBeast": ("Free", "Done"),
}


def schema() -> Schema:
    """The zoo's schema, without a single annotation."""
    file = descriptor_pb2.FileDescriptorProto(name="zoo.proto", package="zoo", syntax="proto3")
    file.dependency.append("google/protobuf/field_mask.proto")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, field in enumerate(fields, 1):
            *label, kind, called = field.split()
            _field(message.field.add(name=called, number=number), kind, repeated=bool(label))
    service = file.service.add(name="Zoo")
    for name, (takes, gives) in _METHODS.items():
        service.method.add(name=name, input_type=f".zoo.{takes}", output_type=f".zoo.{gives}")
    masks = descriptor_pb2.FileDescriptorProto()
    field_mask_pb2.DESCRIPTOR.CopyToProto(masks)
    return Schema((masks, file), source="zoo", own=frozenset({"zoo.proto"}))


def _field(field: _F, kind: str, *, repeated: bool) -> None:
    field.label = _F.LABEL_REPEATED if repeated else _F.LABEL_OPTIONAL
    if kind in _TYPES:
        field.type = _TYPES[kind]
    else:
        field.type = _F.TYPE_MESSAGE
        field.type_name = f".{kind}" if "." in kind else f".zoo.{kind}"


def refuse(context: Any, code: grpc.StatusCode, words: str) -> None:
    """End the call with a status that says why for programs too."""
    status = status_pb2.Status(code=code.value[0], message=words)
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason="REFUSED", domain="zoo"))
    context.abort_with_status(rpc_status.to_status(status))


class Zoo:
    """Keeps beasts in memory; methods are overridden to make faults."""

    server: Any = None
    """What serves it."""

    def __init__(self, known: Schema) -> None:
        self.kinds = {name: known.message_class(f"zoo.{name}") for name in _MESSAGES}
        self.beasts: dict[int, Any] = {}
        self.count = 0

    def _of(self, tag: int, context: Any) -> Any:
        if tag not in self.beasts:
            refuse(context, grpc.StatusCode.NOT_FOUND, "no such beast")
        return self.beasts[tag]

    def add_beast(self, request: Any, context: Any) -> Message:  # noqa: ARG002 - a handler
        self.count += 1
        beast = self.kinds["Beast"]()
        beast.CopyFrom(request.beast)
        beast.tag = self.count  # type: ignore[attr-defined]
        self.beasts[self.count] = beast
        return self.kinds["AdoptReply"](beast=beast)

    def fetch_beast(self, request: Any, context: Any) -> Message:
        found: Message = self._of(request.tag, context)
        return found

    def search_beasts(self, request: Any, context: Any) -> Message:
        if request.limit < 0 or (request.cursor and not request.cursor.isdigit()):
            refuse(context, grpc.StatusCode.INVALID_ARGUMENT, "limit or cursor")
        after, limit = int(request.cursor or 0), request.limit or 50
        found = [beast for tag, beast in sorted(self.beasts.items()) if tag > after]
        more = str(found[limit - 1].tag) if len(found) > limit else ""
        return self.kinds["SearchReply"](beasts=found[:limit], next_cursor=more)

    def modify_beast(self, request: Any, context: Any) -> Message:
        beast = self._of(request.beast.tag, context)
        fields = beast.DESCRIPTOR.fields_by_name
        paths = request.only.paths or [f.name for f, _ in request.beast.ListFields()]
        if any(path not in fields for path in paths):
            refuse(context, grpc.StatusCode.INVALID_ARGUMENT, "no such path")
        for path in paths:
            if path != "tag":
                setattr(beast, path, getattr(request.beast, path))
        changed: Message = beast
        return changed

    def remove_beast(self, request: Any, context: Any) -> Message:
        self._of(request.tag, context)
        del self.beasts[request.tag]
        return self.kinds["Done"]()


@contextmanager
def open_zoo(kind: type[Zoo] = Zoo, *, port: int = 0) -> Iterator[tuple[str, Schema]]:
    """The address of a zoo, and its schema."""
    known = schema()
    zoo = kind(known)
    handlers: dict[str, Any] = {
        name: grpc.unary_unary_rpc_method_handler(
            getattr(zoo, _snake(name)),
            request_deserializer=zoo.kinds[takes].FromString,
            response_serializer=lambda reply: reply.SerializeToString(),
        )
        for name, (takes, _) in _METHODS.items()
    }
    server = zoo.server = grpc.server(futures.ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("zoo.Zoo", handlers)])
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    try:
        yield f"127.0.0.1:{port}", known
    finally:
        server.stop(None).wait()


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
