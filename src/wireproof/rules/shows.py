"""How rules find their witnesses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from wireproof.finding import Witness
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow
from wireproof.schema.elements import MessageType
from wireproof.schema.fields import Field
from wireproof.witness.sides import Side, first, json_witness, wire_witness

Search = Callable[[Side, Side, Field, Field | None, str], Witness | None]


def same_field(change: Any, broken: Break, flow: Flow, context: Context) -> Witness | None:
    """A value of the field that its other version reads as something else."""
    return _trips(change.old, change.new, broken, flow, context)


def by_number(change: Any, broken: Break, flow: Flow, context: Context) -> Witness | None:
    """What the other version reads where the field's number was: another field, or none."""
    old: Field = change.old
    message = context.new_message(context.versions.new_name(old.holder), old.file.name)
    if flow & Flow.OLD_TO_NEW and message is not None:
        return _as_another(old, message, context, old_writes=True)
    if flow & broken.wire & Flow.NEW_TO_OLD:
        return _back(change, context)
    return None


def gone_or_taken(change: Any, broken: Break, flow: Flow, context: Context) -> Witness | None:
    """What JSON reads as the field that took its key; else what nobody finds under its number."""
    heir = taking_its_key(change)
    shown = _trips(change.old, heir, broken, flow, context) if heir else None
    return shown or by_number(change, broken, flow, context)


def taking_its_key(change: Any) -> Field | None:
    """The field that JSON takes for the one that was removed."""
    return _by_key(change.old, change.around.fields if change.around else ())


def _back(change: Any, context: Context) -> Witness | None:
    """The same for what the new version writes."""
    new: Field = change.new
    message = context.old_message(change.old.holder, new.file.name)
    if message is None:
        return None
    return _as_another(new, message, context, old_writes=False)


def _as_another(
    field: Field, read_as: MessageType, context: Context, *, old_writes: bool
) -> Witness | None:
    """A value that the field under the same number holds otherwise, where there is one.

    Where that is another field, any value shows it.
    """
    writer, reader = context.sides.ordered(old_writes=old_writes)
    heir = read_as.by_number.get(field.number)
    shown = wire_witness(writer, reader, field, heir, read_as.full_name)
    if shown or (heir is not None and heir.name == field.name):
        return shown
    return wire_witness(writer, reader, field, None, read_as.full_name)


def _trips(old: Field, new: Field, broken: Break, flow: Flow, context: Context) -> Witness | None:
    """On the wire before JSON, since bytes show it to everyone."""
    tried = ((broken.wire, wire_witness), (broken.json, json_witness))
    return first(
        _trip(old, new, forth, search, context)
        for flows, search in tried
        for forth in (Flow.OLD_TO_NEW, Flow.NEW_TO_OLD)
        if flow & forth & flows
    )


def _trip(old: Field, new: Field, forth: Flow, search: Search, context: Context) -> Witness | None:
    old_writes = forth is Flow.OLD_TO_NEW
    writer, reader = context.sides.ordered(old_writes=old_writes)
    written, read = (old, new) if old_writes else (new, old)
    return search(writer, reader, written, read, read.holder)


def in_place(old: str, new: str, broken: Break, flow: Flow, context: Context) -> Witness | None:
    """A message of one type that is read otherwise as the type that takes its place."""
    was, now = context.old_message(old), context.new_message(new)
    if was is None or now is None:
        return None
    sides = (
        [*was.fields, *context.versions.old_extensions(was)],
        [*now.fields, *context.versions.new_extensions(now)],
    )
    tried = ((broken.wire, wire_witness, _by_number), (broken.json, json_witness, _by_key))
    return first(
        search(*context.sides.ordered(old_writes=old_writes), field, heir(field, read), name)
        for flows, search, heir in tried
        for forth, old_writes in ((Flow.OLD_TO_NEW, True), (Flow.NEW_TO_OLD, False))
        if flow & forth & flows
        for written, read in [sides if old_writes else sides[::-1]]
        for name in [new if old_writes else old]
        for field in written
    )


def _by_number(field: Field, others: Iterable[Field]) -> Field | None:
    return next((one for one in others if one.number == field.number), None)


def _by_key(field: Field, others: Iterable[Field]) -> Field | None:
    return next((one for one in others if field.json_key in one.json_keys), None)


def refused_without(change: Any, broken: Break, flow: Flow, context: Context) -> Witness | None:
    """The empty message of one version, which the other refuses for want of a required field."""
    old_writes = bool(flow & Flow.OLD_TO_NEW and broken.wire & Flow.OLD_TO_NEW)
    writer, reader = context.sides.ordered(old_writes=old_writes)
    added = getattr(change, "old", None) is None
    holder = change.message.full_name if added else change.old.holder
    return empty_message(writer, reader, holder, context)


def empty_message(writer: Side, reader: Side, holder: str, context: Context) -> Witness | None:
    """The least message that the writer may write, if the reader refuses it."""
    from wireproof.witness.samples import fill_required
    from wireproof.witness.sides import parse, serialized
    from wireproof.witness.told import shown

    kind = writer.kind(holder) or writer.kind(context.versions.new_name(holder))
    read_as = reader.kind(holder) or reader.kind(context.versions.new_name(holder))
    if kind is None or read_as is None:
        return None
    message = kind()
    fill_required(message)
    data = serialized(message)
    if data is None:  # it requires itself: no such message can be written
        return None
    _, error = parse(read_as, data)
    written = shown(message, writer.pool)
    return Witness(writer.name, reader.name, data.hex(), written, error) if error else None
