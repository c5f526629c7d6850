"""Rules over enums of which validation takes the defined values only: each value is a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from wireproof.changes import kinds
from wireproof.finding import Breaks, Severity, Witness
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.schema.elements import EnumType
from wireproof.schema.fields import Field

if TYPE_CHECKING:  # heavy: imported by whoever asks for it
    from wireproof.witness.trials import Trials
    from wireproof.witness.validation import Search

_VALIDATE = frozenset({"buf/validate/validate.proto", "validate/validate.proto"})
_DEFINED_ONLY = re.compile(rb"\x82\x01[\x02-\x7f]\x10\x01")
"""`enum` (16), and in it `defined_only` (2), as both protovalidate and PGV number them."""
_Use = tuple[Field, "Search"]
_Gone = kinds.EnumValueRemoved | kinds.EnumValueRenumbered
_Come = kinds.EnumValueAdded | kinds.EnumValueRenumbered


def narrowed(change: _Gone, context: Context) -> Iterator[Break]:
    for field, found in _gone(change, context):
        if found.narrowed:
            role = context.role(field.holder)
            judged = role.request or role.stored
            yield Break(
                promised=f"accepted by {field.full_name}",
                found="refused",
                promise=Flow.OLD_TO_NEW,
                type_name=field.holder,
                spared=frozenset({Breaks.NEW_CLIENT}) if judged else frozenset(),
                severity=None if judged else Severity.WARNING,
            )
            return


def widened(change: _Come, context: Context) -> Iterator[Break]:
    for field, found in _come(change, context):
        if found.widened:
            yield Break(
                promised=f"refused by {field.full_name}",
                found="accepted",
                promise=Flow.NEW_TO_OLD,
                type_name=field.holder,
                severity=Severity.ERROR if context.role(field.holder).promised else None,
            )
            return


def _gone(change: _Gone, context: Context) -> Iterator[_Use]:
    """Fields that took the value, where its number has no name any more."""
    new = change.around if isinstance(change, kinds.EnumValueRemoved) else change.new.enum
    if change.old.number not in new.numbers:
        yield from _searched(change.old.enum, change.old.number, context)


def _come(change: _Come, context: Context) -> Iterator[_Use]:
    """Fields that take the value from now on, where its number had no name."""
    old = change.enum if isinstance(change, kinds.EnumValueAdded) else change.old.enum
    if change.new.number not in old.numbers:
        yield from _searched(old, change.new.number, context)


def _searched(enum: EnumType, number: int, context: Context) -> Iterator[_Use]:
    """Fields that take the defined values of *enum* only, in both versions, given the number."""
    users = context.once(_users).get(enum.full_name)
    if not users:
        return
    from wireproof.witness.trials import Trials
    from wireproof.witness.validation import of_value

    versions, trials = context.versions, context.once(_trials)
    if enum.full_name not in trials:
        trials[enum.full_name] = Trials(versions, {field.file.name for field in users})
    for field in users:
        heir = versions.new.message(versions.new_name(field.holder))
        same = heir.by_number.get(field.number) if heir else None
        if same is not None and same.proto.options == field.proto.options:
            yield field, of_value((field, same), _value(field, number), trials[enum.full_name])


def _trials(_: Context) -> dict[str, Trials]:
    """Enum → both versions of the files that use it, linked once."""
    return {}


def _value(field: Field, number: int) -> Any:
    if field.map_entry:
        key = field.map_entry.fields[0].kind
        return {"" if key == "string" else False if key == "bool" else 0: number}
    return [number] if field.repeated else number


def _users(context: Context) -> Mapping[str, list[Field]]:
    """Enum → the old version's fields that take its defined values only."""
    old, found = context.versions.old, dict[str, list[Field]]()
    for packed in old.schema.packed:
        if _VALIDATE & {*packed.imports} and _DEFINED_ONLY.search(packed.data):
            for message in old.file(packed.name).all_messages():
                for field in message.fields:
                    enum = _enum(field)
                    if enum and _DEFINED_ONLY.search(field.proto.options.SerializeToString()):
                        found.setdefault(enum, []).append(field)
    return found


def _enum(field: Field) -> str:
    held = [field, *(field.map_entry.fields if field.map_entry else ())]
    return next((one.type_name for one in held if one.kind == "enum"), "")


def show_narrowed(change: _Gone, _: Break, _flow: Flow, context: Context) -> Witness | None:
    return next((one.narrowed for _, one in _gone(change, context) if one.narrowed), None)


def show_widened(change: _Come, _: Break, _flow: Flow, context: Context) -> Witness | None:
    return next((one.widened for _, one in _come(change, context) if one.widened), None)


RULES: tuple[Rule, ...] = (
    Rule(
        id="DEFINED_VALUES_NARROWED",
        on=(kinds.EnumValueRemoved, kinds.EnumValueRenumbered),
        check=narrowed,
        says="{subject} was {promised}, which takes defined values only, and its number is {found}",
        why="Requests with the value are refused, and stored data no longer validates.",
        fix="Keep the value and mark it deprecated.",
        show=show_narrowed,
    ),
    Rule(
        id="DEFINED_VALUES_WIDENED",
        on=(kinds.EnumValueAdded, kinds.EnumValueRenumbered),
        check=widened,
        says="{subject} was {promised}, which takes defined values only, and is {found} now",
        why="An old server refuses what new clients may send, and old readers are surprised.",
        fix="Deploy servers first, and tell readers who rely on the old values.",
        show=show_widened,
    ),
)
