"""Rules over fields: added, removed, renamed, renumbered."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.changes import kinds
from wireproof.finding import Breaks
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.rules.shows import (
    by_number,
    gone_or_taken,
    refused_without,
    same_field,
    taking_its_key,
)
from wireproof.rules.structure import SAME
from wireproof.schema.fields import Field

# A new client never asks an old server for a field that only the old version has.
_NOT_NEW_CLIENTS = frozenset({Breaks.NEW_CLIENT})


def removed(change: kinds.FieldRemoved, context: Context) -> Iterator[Break]:
    heir = taking_its_key(change)
    lost = context.structure.fields(change.old, heir) if heir else SAME
    told = f', and "{change.old.json_key}" in JSON is {heir.name}: {lost.because}' if heir else ""
    yield Break(
        promised=f"{_held(change.old)} = {change.old.number}",
        found="removed",
        json=lost.json,
        rpc=Flow.BOTH,
        source=True,
        because=told if lost.json else "",
        type_name=change.old.holder,
        spared=_NOT_NEW_CLIENTS,
    )


def number_freed(change: kinds.FieldRemoved, _: Context) -> Iterator[Break]:
    message, number = change.around, change.old.number
    if message and not message.reserves(number) and number not in message.by_number:
        yield Break(
            promised=f"number {number}",
            found="free to be reused",
            wire=Flow.OLD_TO_NEW,
            type_name=change.old.holder,
        )


def name_freed(change: kinds.FieldRemoved, _: Context) -> Iterator[Break]:
    message, name = change.around, change.old.name
    if message and not message.reserves_name(name) and name not in message.by_name:
        yield Break(
            promised=f'name "{name}"',
            found="free to be reused",
            json=Flow.OLD_TO_NEW,
            type_name=change.old.holder,
        )


def required_removed(change: kinds.FieldRemoved, _: Context) -> Iterator[Break]:
    if change.old.required:
        yield Break(
            promised="required",
            found="removed",
            wire=Flow.NEW_TO_OLD,
            json=Flow.NEW_TO_OLD,
            type_name=change.old.holder,
        )


def required_added(change: kinds.FieldAdded, _: Context) -> Iterator[Break]:
    if change.new.required and change.message is not None:
        yield Break(
            promised="messages without it",
            found="required",
            wire=Flow.OLD_TO_NEW,
            json=Flow.OLD_TO_NEW,
            type_name=change.message.full_name,
        )


def number_reused(change: kinds.NumberReused, _: Context) -> Iterator[Break]:
    old, new = change.old, change.new
    came = new.name not in old.parent.by_name  # type: ignore[union-attr]  # no extension
    yield Break(
        promised=f"{change.before} = {change.old.number}",
        found=f"{change.after} = {change.old.number}",
        wire=Flow.BOTH,
        json=_json_names(old, new) if came else Flow.NONE,
        type_name=change.old.holder,
    )


def renumbered(change: kinds.FieldRenumbered, _: Context) -> Iterator[Break]:
    yield Break(
        promised=f"number {change.before}",
        found=f"number {change.after}",
        wire=Flow.BOTH,
        type_name=change.old.holder,
        because=f"{change.taken.name} has the old number now" if change.taken else "",
    )


_NAME = ("FIELD_SAME_NAME", "FIELD_SAME_JSON_NAME", "FIELD_NO_DELETE_UNLESS_NAME_RESERVED")
_FIELD_GONE = ("FIELD_NO_DELETE", "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED", _NAME[2])
_EXTENSION_GONE = ("EXTENSION_NO_DELETE", "PACKAGE_EXTENSION_NO_DELETE")
_RENAMED = {
    (False, False): _NAME,
    (False, True): _FIELD_GONE,
    (True, False): _EXTENSION_GONE,
    (True, True): (*_NAME[:2], *_EXTENSION_GONE),
}
"""What buf calls it, by whether the old and whether the new one is an extension."""


def renamed(change: kinds.FieldRenamed, context: Context) -> Iterator[Break]:
    names = _RENAMED[change.old.is_extension, change.new.is_extension]
    masked = not change.old.is_extension and change.old.holder in context.masked
    yield Break(
        promised=_named(change.old),
        found=_named(change.new),
        json=_json_names(change.old, change.new),
        rpc=Flow.BOTH if masked else Flow.NONE,
        source=True,
        because=", by which field masks go" if masked else "",
        type_name=change.old.holder,
        # The entry of a map is named after its field, and buf sees another type.
        buf=(*names, "FIELD_SAME_TYPE") if change.new.map_entry else names,
    )


def _named(field: Field) -> str:
    return f"extension {field.json_key}" if field.is_extension else f'name "{field.name}"'


def json_name_changed(change: kinds.FieldJsonNameChanged, _: Context) -> Iterator[Break]:
    yield Break(
        promised=f'JSON name "{change.before}"',
        found=f'JSON name "{change.after}"',
        json=_json_names(change.old, change.new),
        type_name=change.old.holder,
        buf=_NAME[:2] if change.old.is_extension else _NAME[1:2],
    )


def _json_names(old: Field, new: Field) -> Flow:
    """On which ways the key that is written is none that its reader takes."""
    if old.extends_options:
        return Flow.NONE
    forth = Flow.NONE if old.json_key in new.json_keys else Flow.OLD_TO_NEW
    back = Flow.NONE if new.json_key in old.json_keys else Flow.NEW_TO_OLD
    return forth | back


def _held(field: Field) -> str:
    words = f"{field.type_words} {field.name}"
    return f"repeated {words}" if field.cardinality == "repeated" else words


# buf compares the fields that have one number, whatever their names.
_BY_NUMBER = (
    "FIELD_SAME_NAME",
    "FIELD_SAME_JSON_NAME",
    "FIELD_SAME_TYPE",
    "FIELD_SAME_CARDINALITY",
    "FIELD_SAME_DEFAULT",
    "FIELD_SAME_ONEOF",
    "FIELD_WIRE_COMPATIBLE_TYPE",
    "FIELD_WIRE_COMPATIBLE_CARDINALITY",
    "FIELD_WIRE_JSON_COMPATIBLE_TYPE",
    "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="FIELD_REMOVED",
        on=(kinds.FieldRemoved,),
        check=removed,
        says="{subject} ({promised}) was removed{because}",
        why="Whoever sets the field is no longer heard, and whoever reads it finds nothing.",
        fix="Keep the field and mark it deprecated until nobody relies on it.",
        buf=("FIELD_NO_DELETE",),
        show=gone_or_taken,
    ),
    Rule(
        id="FIELD_NUMBER_FREED",
        on=(kinds.FieldRemoved,),
        check=number_freed,
        says="{subject} was removed and its {promised} left free",
        why="A later field may take the number and read old bytes as its own.",
        fix="Reserve the number.",
        buf=("FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED",),
        unshown="The break comes with the field that takes the number, which is not there yet.",
    ),
    Rule(
        id="FIELD_NAME_FREED",
        on=(kinds.FieldRemoved,),
        check=name_freed,
        says="{subject} was removed and its {promised} left free",
        why="A later field may take the name and read old JSON as its own.",
        fix="Reserve the name.",
        buf=("FIELD_NO_DELETE_UNLESS_NAME_RESERVED",),
        unshown="The break comes with the field that takes the name, which is not there yet.",
    ),
    Rule(
        id="REQUIRED_FIELD_REMOVED",
        on=(kinds.FieldRemoved,),
        check=required_removed,
        says="{subject} was required and was removed",
        why="Old readers refuse every message that lacks a required field.",
        fix="Keep writing the field for as long as old readers exist.",
        buf=("MESSAGE_SAME_REQUIRED_FIELDS",),
        show=refused_without,
    ),
    Rule(
        id="REQUIRED_FIELD_ADDED",
        on=(kinds.FieldAdded,),
        check=required_added,
        says="{subject} was added as required",
        why="New readers refuse every message that was written before the field existed.",
        fix="Add the field as optional.",
        buf=("MESSAGE_SAME_REQUIRED_FIELDS",),
        show=refused_without,
    ),
    Rule(
        id="FIELD_NUMBER_REUSED",
        on=(kinds.NumberReused,),
        check=number_reused,
        says="the number of {subject} ({promised}) was given to another field ({found})",
        why="Bytes that were written as the one field are read as the other.",
        fix="Give the new field an unused number and reserve the old one.",
        buf=_BY_NUMBER,
        show=by_number,
    ),
    Rule(
        id="FIELD_RENUMBERED",
        on=(kinds.FieldRenumbered, kinds.ExtensionRenumbered),
        check=renumbered,
        says="{subject} moved from {promised} to {found}",
        why="Numbers carry the data: a reader looks for it where nobody wrote it.",
        fix="Give the field its old number back.",
        buf=(
            *_FIELD_GONE,
            "EXTENSION_NO_DELETE",
            "MESSAGE_SAME_REQUIRED_FIELDS",
            *_BY_NUMBER,
        ),
        show=by_number,
    ),
    Rule(
        id="FIELD_RENAMED",
        on=(kinds.FieldRenamed,),
        check=renamed,
        says="{subject} was renamed: {promised} became {found}{because}",
        why="JSON, field masks and generated code go by the name, though the wire does not.",
        fix="Keep the name, or set json_name to the old one and accept that code changes.",
        buf=tuple(dict.fromkeys(name for names in _RENAMED.values() for name in names)),
        show=same_field,
    ),
    Rule(
        id="FIELD_JSON_NAME_CHANGED",
        on=(kinds.FieldJsonNameChanged,),
        check=json_name_changed,
        says="the JSON name of {subject} changed: {promised} became {found}",
        why="JSON goes by this name: a reader of the other version does not find the value.",
        fix="Set json_name to the old name.",
        buf=_NAME[:2],
        show=same_field,
    ),
)
