"""Witnesses for what a single value cannot show: oneofs, defaults, presence, bad UTF-8."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.finding import Witness
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow
from wireproof.schema.encoding import delimited
from wireproof.schema.fields import Field
from wireproof.witness.samples import fill_required, of, put, singles
from wireproof.witness.sides import Side, parse
from wireproof.witness.told import everything, shown


def both_set(change: Any, broken: Break, flow: Flow, context: Context) -> Witness | None:
    """Two fields set together, of which the reader keeps one."""
    for forth in (Flow.OLD_TO_NEW, Flow.NEW_TO_OLD):
        if not forth & flow & broken.wire:
            continue
        written, read = _ordered(change, forth)
        writer, reader = context.sides.ordered(old_writes=forth is Flow.OLD_TO_NEW)
        for mate in read.oneof.fields if read.oneof else ():
            if mate.number != written.number:
                found = _pair(writer, reader, written, mate.number, read.holder)
                if found:
                    return found
    return presence_lost(change, broken, flow, context)


def _pair(writer: Side, reader: Side, field: Field, number: int, holder: str) -> Witness | None:
    kind, read_as = writer.kind(field.holder), reader.kind(holder)
    if kind is None or read_as is None:
        return None
    message = kind()
    fields: Any = message.DESCRIPTOR.fields_by_number
    if not {number, field.number} <= {*fields}:
        return None
    for one in (fields[field.number], fields[number]):
        put(message, one, _first(one))
    fill_required(message)
    if len(everything(message)) < 2:  # the writer's own oneof excludes them too
        return None
    data = message.SerializePartialToString(deterministic=True)
    read, error = parse(read_as, data)
    if not error and everything(read) == everything(message):
        return None
    told = shown(message, writer.pool)
    return Witness(writer.name, reader.name, data.hex(), told, error or shown(read, reader.pool))


def _first(field: FieldDescriptor) -> Any:
    one = next(iter(singles(field)))
    return [one] if field.is_repeated else one


def default_differs(change: Any, _broken: Break, flow: Flow, context: Context) -> Witness | None:
    """The message that leaves the field unset."""
    forth = Flow.OLD_TO_NEW if flow & Flow.OLD_TO_NEW else Flow.NEW_TO_OLD
    written, read = _ordered(change, forth)
    writer, reader = context.sides.ordered(old_writes=forth is Flow.OLD_TO_NEW)
    found = _message(writer, written), _message(reader, read)
    was, now = writer.field(written), reader.field(read)
    if None in found or was is None or now is None:
        return None
    values = _plain(found[0], was), _plain(found[1], now)
    if values[0] == values[1]:
        return None
    data = found[0].SerializePartialToString().hex()  # type: ignore[union-attr]
    told = {written.json_name: values[0]}, {read.json_name: values[1]}
    return Witness(writer.name, reader.name, data, *told, note="the field is unset")


def _message(side: Side, field: Field) -> Message | None:
    kind = side.kind(field.holder)
    if kind is None:
        return None
    message = kind()
    fill_required(message)
    return message


def _plain(message: Any, field: FieldDescriptor) -> Any:
    value = of(message, field)
    if field.enum_type is not None:
        named = field.enum_type.values_by_number.get(value)
        return named.name if named else value
    return value.hex() if isinstance(value, bytes) else value


def presence_lost(change: Any, broken: Break, flow: Flow, context: Context) -> Witness | None:
    """The field set to its default, which the reader takes for unset."""
    if not flow & broken.wire & Flow.OLD_TO_NEW:
        return None
    writer, reader = context.sides.ordered(old_writes=True)
    kind, read_as = writer.kind(change.old.holder), reader.kind(change.new.holder)
    field = writer.field(change.old)
    if kind is None or read_as is None or field is None:
        return None
    message = kind()
    put(message, field, _zero(field))
    fill_required(message)
    data = message.SerializePartialToString(deterministic=True)
    read, error = parse(read_as, data)
    told, seen = shown(message, writer.pool), error or shown(read, reader.pool)
    return Witness(writer.name, reader.name, data.hex(), told, seen) if told != seen else None


def _zero(field: FieldDescriptor) -> Any:
    """What an unset field without presence reads as, whatever default the writer declares."""
    return 0 if field.enum_type is not None else type(field.default_value)()


def raw_string(change: Any, broken: Break, flow: Flow, context: Context) -> Witness | None:
    """Bytes that are no UTF-8, in a string that one side does not check."""
    forth = Flow.OLD_TO_NEW if flow & broken.wire & Flow.OLD_TO_NEW else Flow.NEW_TO_OLD
    written, read = _ordered(change, forth)
    writer, reader = context.sides.ordered(old_writes=forth is Flow.OLD_TO_NEW)
    kind, read_as = writer.kind(written.holder), reader.kind(read.holder)
    if kind is None or read_as is None:
        return None
    message = kind()
    fill_required(message)
    data = message.SerializePartialToString(deterministic=True)
    data += delimited(written.number, _raw(written))
    _, accepted = parse(kind, data)
    _, refused = parse(read_as, data)
    if accepted or not refused:
        return None
    return Witness(writer.name, reader.name, data.hex(), {written.json_name: "\\xff"}, refused)


def _raw(field: Field) -> bytes:
    """A string that is none, or an entry with one."""
    if field.map_entry is None:
        return b"\xff"
    text = next(one for one in field.map_entry.fields if one.kind == "string")
    return delimited(text.number, b"\xff")


def _ordered(change: Any, forth: Flow) -> tuple[Field, Field]:
    both = change.old, change.new
    return both if forth is Flow.OLD_TO_NEW else (both[1], both[0])
