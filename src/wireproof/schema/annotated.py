"""What annotations say, read where roles are told: Wireproof's own, and `google.api.http`.

Only what decides roles is known here, so that nothing else is parsed.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message

ANNOTATION = 52719
"""The extension number of all of Wireproof's annotations."""
_TAG = b"\xfa\xde\x19"
"""How an annotation begins in encoded options: its number, then bytes of a known length."""
_HTTP_TAG = b"\x82\xd3\xe4\x93\x02"
"""How `google.api.http` begins in encoded options: 72295728, then bytes of a known length."""
_STORED = 1
_REPLIES_VALID = 6


def annotates(file: bytes) -> bool:
    """Whether a serialized file may hold an annotation: most hold none, and are not searched."""
    return _TAG in file


def is_stored(message: Any) -> bool:
    """Whether a DescriptorProto is annotated as kept: `(message).stored`."""
    return message.HasField("options") and _said(message.options, _STORED)


def replies_valid(method: Any) -> bool:
    """Whether a MethodDescriptorProto promises valid replies: `(method).replies_valid`."""
    return method.HasField("options") and _said(method.options, _REPLIES_VALID)


def binds(file: bytes) -> bool:
    """Whether a serialized file may bind a method to HTTP."""
    return _HTTP_TAG in file


def is_bound(method: Any) -> bool:
    """Whether a MethodDescriptorProto can be called over HTTP: `(google.api.http)`."""
    return method.HasField("options") and _HTTP_TAG in method.options.SerializeToString()


def _said(options: Message, number: int) -> bool:
    known: Any = _kind().FromString(options.SerializeToString())
    return bool(getattr(known.annotation, f"promise_{number}"))


@cache
def _kind() -> type[Message]:
    """Options of any element, of which nothing but these promises is known."""
    file = descriptor_pb2.FileDescriptorProto(name="annotated", package="annotated")
    file.syntax = "proto3"
    field = descriptor_pb2.FieldDescriptorProto
    options, said = file.message_type.add(name="Options"), file.message_type.add(name="Said")
    options.field.add(
        name="annotation",
        number=ANNOTATION,
        label=field.LABEL_OPTIONAL,
        type=field.TYPE_MESSAGE,
        type_name=".annotated.Said",
    )
    for number in (_STORED, _REPLIES_VALID):
        said.field.add(
            name=f"promise_{number}",
            number=number,
            label=field.LABEL_OPTIONAL,
            type=field.TYPE_BOOL,
        )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("annotated.Options"))
