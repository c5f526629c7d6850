"""Whether a finding's witness is true: its bytes or JSON really read otherwise, as it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.message import DecodeError, Message

from tests.rules.trips import over_json, over_wire
from wireproof.finding import Finding, Witness
from wireproof.schema.schema import Schema

_HOLDER = "Holder0"


def wrong_witness(finding: Finding, writer: Schema, reader: Schema) -> str:
    """Empty where some message of the subject, written as the witness says, reads otherwise."""
    witness = finding.witness
    assert witness
    if witness.note == "in an unset field of this enum":
        return "" if witness.written != witness.read else "the same"
    tried = list(_holders(finding, witness, writer, reader))
    if not tried:
        return "no message to try it in"
    if finding.id == "FIELD_NUMBER_REUSED" and _keys(witness.written) != _keys(witness.read):
        return ""  # the value may survive, under the name of another field
    return "" if any(_reads_otherwise(witness, *one) for one in tried) else f"reads alike {witness}"


def _keys(told: Any) -> set[str]:
    return set(told) if isinstance(told, dict) else set()


def _holders(
    finding: Finding, witness: Witness, writer: Schema, reader: Schema
) -> Iterator[tuple[type[Message], type[Message]]]:
    if witness.note == "in a field of this enum":
        both = (writer, reader), (reader, writer)
        sides = [_enum_holder(side, finding.subject, _gone(other, side)) for side, other in both]
        if all(sides):
            yield sides[0], sides[1]  # type: ignore[misc]
        return
    if finding.id in ("RPC_REQUEST_TYPE_CHANGED", "RPC_RESPONSE_TYPE_CHANGED"):
        named = finding.promised, finding.found
        written, read = named if witness.writer == "old" else named[::-1]
        yield writer.message_class(written), reader.message_class(read)
        return
    there = _kinds(reader)
    for kind in _kinds(writer):
        # One of another package or nesting goes by its own name.
        own = kind.rpartition(".")[2]
        heirs = [kind] if kind in there else [k for k in there if k.rpartition(".")[2] == own]
        yield from ((writer.message_class(kind), reader.message_class(heir)) for heir in heirs)


def _kinds(schema: Schema) -> list[str]:
    files = schema.own_files()
    found, waiting = [], [(f"{f.package}.{m.name}", m) for f in files for m in f.message_type]
    while waiting:
        name, message = waiting.pop()
        found.append(name.lstrip("."))
        waiting += [(f"{name}.{nested.name}", nested) for nested in message.nested_type]
    return found


def _gone(other: Schema, schema: Schema) -> set[str]:
    """The enums that *schema* calls otherwise than the *other* version."""
    names = [{e for file in one.own_files() for e in _enums(file)} for one in (schema, other)]
    return names[0] - names[1]


def _enum_holder(schema: Schema, subject: str, renamed: set[str]) -> type[Message] | None:
    """A message that holds the enum of *subject*, beside it in its own file.

    Where none has that name here, it is the one that was *renamed*.
    """
    homes = {name: one for one in schema.own_files() for name in _enums(one)}
    pool = descriptor_pool.DescriptorPool()
    name = next((n for n in homes if subject == n or subject.startswith(f"{n}.")), None)
    if name is None:
        moved = {n for n in renamed if n.rpartition(".")[2] in subject.split(".")[-2:]}
        name = next(iter(moved or renamed)) if len(moved or renamed) == 1 else None
    if name is None:
        return None
    file = descriptor_pb2.FileDescriptorProto()
    file.CopyFrom(homes[name])
    field = file.message_type.add(name=_HOLDER).field.add(name="value", number=1, label=1, type=14)
    field.type_name = f".{name}"
    if file.syntax == "editions":
        field.options.features.field_presence = descriptor_pb2.FeatureSet.EXPLICIT
    if file.syntax == "proto3":
        file.message_type[-1].oneof_decl.add(name="_value")
        field.oneof_index, field.proto3_optional = 0, True
    for one in schema.files:
        pool.Add(file if one.name == file.name else one)
    full_name = f"{file.package}.{_HOLDER}".lstrip(".")
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(full_name))


def _enums(file: descriptor_pb2.FileDescriptorProto) -> Iterator[str]:
    waiting: list[tuple[str, Any]] = [(file.package, file)]
    while waiting:
        scope, one = waiting.pop()
        yield from (f"{scope}.{enum.name}".lstrip(".") for enum in one.enum_type)
        nested: Any = getattr(one, "message_type", None) or getattr(one, "nested_type", ())
        waiting += [(f"{scope}.{m.name}", m) for m in nested]


def _reads_otherwise(witness: Witness, kind: type[Message], reader: type[Message]) -> bool:
    """Whether it is a message of *kind*, written as told, that *reader* reads otherwise."""
    if not witness.bytes and witness.note in ("as JSON", "in a field of this enum"):
        return _json_otherwise(witness, kind, reader)
    try:
        message = kind.FromString(bytes.fromhex(witness.bytes))
    except (DecodeError, ValueError):
        return False
    if not message.IsInitialized() or not over_wire(message, reader):
        return False
    if isinstance(witness.written, dict) and [*witness.written.values()] == ["\\xff"]:
        return str(witness.read).startswith("refused")  # text that is no text
    unset = "the field is unset", "in a field of this enum"
    return witness.note in unset or _told_alike(witness.written, message)


def _json_otherwise(witness: Witness, kind: type[Message], reader: type[Message]) -> bool:
    pool: Any = kind.DESCRIPTOR.file.pool
    try:
        message = json_format.Parse(json.dumps(witness.written), kind(), descriptor_pool=pool)
    except json_format.ParseError:
        return False
    by_hand = witness.note == "in a field of this enum"
    return bool(over_json(message, reader)) or (by_hand and _text_otherwise(witness, kind, reader))


def _text_otherwise(witness: Witness, kind: type[Message], reader: type[Message]) -> bool:
    """Whether it is read otherwise as it stands: no writer chooses a later alias, but people do."""
    text, found = json.dumps(witness.written), []
    for one in (kind, reader):
        pool: Any = one.DESCRIPTOR.file.pool
        try:
            read: Any = json_format.Parse(
                text, one(), ignore_unknown_fields=True, descriptor_pool=pool
            )
        except json_format.ParseError:
            return True
        found.append((read.HasField("value"), read.value))
    return found[0] != found[1]


def _told_alike(written: Any, message: Message) -> bool:
    """Whether the report shows the message as it is."""
    pool: Any = message.DESCRIPTOR.file.pool
    try:
        return bool(json_format.MessageToDict(message, descriptor_pool=pool) == written)
    except (ValueError, TypeError, json_format.Error):  # what JSON cannot say, it cannot tell apart
        return True
