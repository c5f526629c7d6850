"""What a descriptor is known to have, said once to the type checker."""

from __future__ import annotations

from typing import Any, cast

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass


def message_of(field: FieldDescriptor) -> Descriptor:
    """The message type of a field that has one."""
    return cast(Descriptor, field.message_type)


def enum_of(field: FieldDescriptor) -> EnumDescriptor:
    """The enum of a field that has one."""
    return cast(EnumDescriptor, field.enum_type)


def entry_part(field: FieldDescriptor, name: str) -> FieldDescriptor:
    """The `key` or `value` of a map field."""
    return message_of(field).fields_by_name[name]


def class_of(descriptor: Descriptor) -> Any:
    """The class of *descriptor*, whose fields only the schema knows."""
    return GetMessageClass(descriptor)


def descriptor_of(message: Message) -> Descriptor:
    return cast(Descriptor, message.DESCRIPTOR)
