"""Witnesses for enums, in a message made for the purpose: any field of the enum shows the same."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.message import DecodeError, Message

from wireproof.changes import kinds
from wireproof.changes.versions import Versions
from wireproof.finding import Witness
from wireproof.schema.elements import EnumType
from wireproof.schema.encoding import VARINT, tag, varint
from wireproof.witness.told import shown

_FIELD = descriptor_pb2.FieldDescriptorProto
_NOTE = "in a field of this enum"


def enum_witness(
    change: Any, versions: Versions, *, old_writes: bool, wire: bool
) -> Witness | None:
    """The value that *change* is about, written by one version and read by the other."""
    old, new = _enums(change)
    unset = isinstance(change, kinds.EnumValueRenumbered) and not wire
    if unset or isinstance(change, kinds.EnumDefaultChanged):
        return _unset(old, new, old_writes=old_writes)
    new = versions.new.enum(new.full_name) or new
    sides = (old, new) if old_writes else (new, old)
    meant = _meant(change, old_writes=old_writes)
    for number in _numbers(change, old_writes=old_writes):
        found = _trip(*sides, number, ("old", "new") if old_writes else ("new", "old"), wire, meant)
        if found:
            return found
    return None


_OF_A_VALUE = (
    kinds.EnumValueRenamed,
    kinds.EnumValueRenumbered,
    kinds.EnumNumberReusedLater,
    kinds.EnumNameReusedLater,
)


def _enums(change: Any) -> tuple[EnumType, EnumType]:
    if isinstance(change, kinds.EnumValueRemoved):
        return change.old.enum, change.around
    if isinstance(change, kinds.EnumValueAdded):
        return change.enum, change.new.enum
    if isinstance(change, _OF_A_VALUE):
        return change.old.enum, change.new.enum
    return change.old, change.new


def _numbers(change: Any, *, old_writes: bool) -> list[int]:
    if isinstance(change, kinds.EnumOpennessChanged):
        known = {v.number for v in (*change.old.values, *change.new.values)}
        return [next(n for n in range(1, len(known) + 2) if n not in known)]
    if isinstance(change, kinds.EnumAliasOrderChanged):
        return [change.number]
    if isinstance(change, kinds.EnumValueAdded):
        return [change.new.number]
    if isinstance(change, kinds.EnumValueRemoved):
        return [change.old.number]
    return [change.old.number if old_writes else change.new.number]


def _meant(change: Any, *, old_writes: bool) -> str:
    """The name that its writer means, where an alias may stand before it."""
    if not isinstance(change, (kinds.EnumValueRenumbered, kinds.EnumValueRemoved)):
        return ""
    if isinstance(change, kinds.EnumValueRemoved):
        return str(change.old.name)
    return str(change.old.name if old_writes else change.new.name)


def _trip(
    writer: EnumType,
    reader: EnumType,
    number: int,
    names: tuple[str, str],
    wire: bool,
    meant: str = "",
) -> Witness | None:
    written, read = _holder(writer)(), _holder(reader)()
    data = _encoded(number)
    try:
        written.MergeFromString(data)
        text: Any = {"value": meant} if meant else json_format.MessageToDict(written)
        if wire:
            read.MergeFromString(data)
        else:
            json_format.ParseDict(text, read, ignore_unknown_fields=True)
        seen: Any = json_format.MessageToDict(read)
    except (DecodeError, json_format.Error, ValueError) as error:
        seen, text = f"refused: {error}", shown(written, descriptor_pool.DescriptorPool())
    if seen == text:
        return None
    return Witness(*names, bytes=data.hex() if wire else "", written=text, read=seen, note=_NOTE)


def _unset(old: EnumType, new: EnumType, *, old_writes: bool) -> Witness | None:
    was, now = {"value": old.values[0].name}, {"value": new.values[0].name}
    if was == now and old.values[0].number == new.values[0].number:
        return None
    note = "in an unset field of this enum"
    if old_writes:
        return Witness("old", "new", written=was, read=now, note=note)
    return Witness("new", "old", written=now, read=was, note=note)


def _holder(enum: EnumType) -> type[Message]:
    """A message `Holder { optional ENUM value = 1; }` in a pool of its own."""
    file = descriptor_pb2.FileDescriptorProto(name="holder.proto", package="holder")
    if enum.closed:
        file.syntax = "proto2"
    else:
        file.syntax = "proto3"
    declared = file.enum_type.add()
    declared.CopyFrom(enum.proto)
    declared.name = "Enum"
    declared.options.ClearField("features")  # which only editions have, values' own too
    for one in declared.value:
        one.options.ClearField("features")
    message = file.message_type.add(name="Holder")
    field = message.field.add(name="value", number=1, type=_FIELD.TYPE_ENUM)
    field.label, field.type_name = _FIELD.LABEL_OPTIONAL, ".holder.Enum"
    if not enum.closed:
        message.oneof_decl.add(name="_value")
        field.oneof_index, field.proto3_optional = 0, True
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("holder.Holder"))


def _encoded(number: int) -> bytes:
    """The field as bytes: an int32 varint, negative numbers in ten bytes."""
    return tag(1, VARINT) + varint(number % 2**64)
