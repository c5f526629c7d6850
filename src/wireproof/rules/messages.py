"""Rules over messages: removed, renamed, moved, reserved, JSON."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.changes import kinds
from wireproof.finding import Severity
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.schema.elements import EnumType, MessageType


def removed(change: kinds.MessageRemoved, _: Context) -> Iterator[Break]:
    yield Break(
        promised=change.old.full_name, found="removed", source=True, type_name=change.old.full_name
    )


def renamed(change: kinds.MessageRenamed, _: Context) -> Iterator[Break]:
    yield Break(change.before, change.after, source=True, type_name=change.old.full_name)


def moved(change: kinds.MessageMoved, _: Context) -> Iterator[Break]:
    yield Break(change.before, change.after, source=True, type_name=change.old.full_name)


def reserved_removed(change: kinds.ReservedRemoved, _: Context) -> Iterator[Break]:
    names = '"' in change.promised
    numbers = any(part[0] not in '"' for part in change.promised.split(", "))
    takers = ", ".join(_takers(change.old, change.new))
    yield Break(
        promised=f"{change.promised} reserved",
        found=f"taken by {takers}" if takers else "not reserved",
        wire=Flow.OLD_TO_NEW if numbers else Flow.NONE,
        json=Flow.OLD_TO_NEW if names else Flow.NONE,
        type_name=change.old.full_name,
        severity=Severity.ERROR if takers else None,
    )


def _takers(old: MessageType | EnumType, new: MessageType | EnumType) -> Iterator[str]:
    """What has a number or name now that the old version kept from being used."""
    members = new.fields if isinstance(new, MessageType) else new.values
    for one in members:
        if old.reserves(one.number) or old.reserves_name(one.name):
            yield one.name


def ranges_removed(change: kinds.ExtensionRangeRemoved, _: Context) -> Iterator[Break]:
    yield Break(
        promised=f"extensions {change.promised}",
        found="no extension range",
        source=True,
        type_name=change.old.full_name,
    )


def hidden(change: kinds.VisibilityChanged, _: Context) -> Iterator[Break]:
    if change.found == "local":
        yield Break("exported", "local", source=True, type_name=change.old.full_name)


def json_format(change: kinds.JsonFormatChanged, _: Context) -> Iterator[Break]:
    if change.promised == "allowed":
        yield Break(
            promised="JSON allowed",
            found="JSON at best effort",
            json=Flow.BOTH,
            type_name=change.old.full_name,
        )


_WIRE_OPTIONS = {"message_set_wire_format"}
_CODE_OPTIONS = {"no_standard_descriptor_accessor"}


def option_changed(change: kinds.OptionChanged, _: Context) -> Iterator[Break]:
    if change.name in _WIRE_OPTIONS:
        yield Break(
            promised=f"{change.name} = {change.promised}",
            found=f"{change.name} = {change.found}",
            wire=Flow.BOTH,
            source=True,
            type_name=change.old.full_name,
        )


def accessor_removed(change: kinds.OptionChanged, _: Context) -> Iterator[Break]:
    if change.name in _CODE_OPTIONS and change.found == "true":
        yield Break(f"{change.name} = false", f"{change.name} = true", source=True)


RULES: tuple[Rule, ...] = (
    Rule(
        id="MESSAGE_REMOVED",
        on=(kinds.MessageRemoved,),
        check=removed,
        says="{subject} was removed",
        why="Code that names the message no longer compiles, and stored ones have no reader left.",
        fix="Keep the message and mark it deprecated.",
        buf=("MESSAGE_NO_DELETE", "PACKAGE_MESSAGE_NO_DELETE"),
        unshown="There is no reader left that could misread a message.",
        registry=True,
    ),
    Rule(
        id="MESSAGE_RENAMED",
        on=(kinds.MessageRenamed,),
        check=renamed,
        says="{promised} was renamed to {found}",
        why="Generated code and google.protobuf.Any go by the full name.",
        fix="Keep the name.",
        buf=("MESSAGE_NO_DELETE", "PACKAGE_MESSAGE_NO_DELETE"),
        unshown="The name of a message is not in its bytes.",
        registry=True,
    ),
    Rule(
        id="MESSAGE_MOVED",
        on=(kinds.MessageMoved,),
        check=moved,
        says="{subject} moved from {promised} to {found}",
        why="Languages that import by file no longer find it.",
        fix="Import the new file publicly from the old one.",
        buf=("MESSAGE_NO_DELETE",),
        unshown="The file of a message is not in its bytes.",
    ),
    Rule(
        id="RESERVED_REMOVED",
        on=(kinds.ReservedRemoved,),
        check=reserved_removed,
        says="{subject} no longer reserves what it did: {promised}, {found}",
        why="A later field or value may take the number or name and read old data as its own.",
        fix="Keep the reservation.",
        buf=("RESERVED_MESSAGE_NO_DELETE", "RESERVED_ENUM_NO_DELETE"),
        unshown="The break comes with the element that takes the number, which is not there yet.",
    ),
    Rule(
        id="EXTENSION_RANGE_REMOVED",
        on=(kinds.ExtensionRangeRemoved,),
        check=ranges_removed,
        says="{subject} gave up {promised}",
        why="Extensions in that range no longer compile, and their data has no place.",
        fix="Keep the range.",
        buf=("EXTENSION_MESSAGE_NO_DELETE",),
        unshown="Bytes in the range stay as unknown fields until their extension is rebuilt.",
    ),
    Rule(
        id="SYMBOL_HIDDEN",
        on=(kinds.VisibilityChanged,),
        check=hidden,
        says="{subject} was {promised} and is {found}",
        why="Files that import it and use the type no longer compile.",
        fix="Export it (features.default_symbol_visibility decides where neither word stands).",
        unshown="Who may name a type is in no message.",
    ),
    Rule(
        id="JSON_FORMAT_CHANGED",
        on=(kinds.JsonFormatChanged,),
        check=json_format,
        says="{subject} changed from {promised} to {found}",
        why="JSON that was promised to work no longer is.",
        fix="Keep features.json_format at ALLOW.",
        buf=("MESSAGE_SAME_JSON_FORMAT", "ENUM_SAME_JSON_FORMAT"),
        unshown="What a runtime does at best effort is its own choice.",
    ),
    Rule(
        id="MESSAGE_SET_CHANGED",
        on=(kinds.OptionChanged,),
        check=option_changed,
        says="{subject} changed from {promised} to {found}",
        why="A message set is encoded in a form of its own.",
        fix="Keep the option.",
        unshown="Runtimes differ in which of them reads message sets at all.",
    ),
    Rule(
        id="DESCRIPTOR_ACCESSOR_REMOVED",
        on=(kinds.OptionChanged,),
        check=accessor_removed,
        says="{subject} changed from {promised} to {found}",
        why="Generated code loses its descriptor() accessor.",
        fix="Keep the option.",
        buf=("MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR",),
        unshown="It concerns generated code only.",
    ),
)
