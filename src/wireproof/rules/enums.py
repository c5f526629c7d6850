"""Rules over enums and their values."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.changes import kinds
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.rules.shows_enums import enum_trip
from wireproof.schema.elements import EnumType


def value_removed(change: kinds.EnumValueRemoved, _: Context) -> Iterator[Break]:
    value, enum = change.old, change.around
    alias = value.number in enum.numbers
    dropped = enum.closed and not alias
    yield Break(
        promised=f"{value.name} = {value.number}",
        found="removed",
        wire=Flow.OLD_TO_NEW if dropped else Flow.NONE,
        json=Flow.OLD_TO_NEW,  # no writer chooses a later alias, but people and REST clients do
        source=True,
        type_name=value.enum.full_name,
        # buf looks at numbers: one that keeps another name is renamed to it.
        buf=("ENUM_VALUE_SAME_NAME" if alias else "ENUM_VALUE_NO_DELETE",),
    )


def value_number_freed(change: kinds.EnumValueRemoved, _: Context) -> Iterator[Break]:
    value, enum = change.old, change.around
    first = value.enum.numbers[value.number][0] is value  # each number once, aliases or not
    if first and not enum.reserves(value.number) and value.number not in enum.numbers:
        yield Break(
            promised=f"number {value.number}",
            found="free to be reused",
            wire=Flow.OLD_TO_NEW,
            type_name=value.enum.full_name,
        )


def value_name_freed(change: kinds.EnumValueRemoved, _: Context) -> Iterator[Break]:
    value, enum = change.old, change.around
    if not enum.reserves_name(value.name):
        yield Break(
            promised=f'name "{value.name}"',
            found="free to be reused",
            json=Flow.OLD_TO_NEW,
            type_name=value.enum.full_name,
        )


def value_renamed(change: kinds.EnumValueRenamed, _: Context) -> Iterator[Break]:
    old, new = change.old.enum, change.new.enum
    yield Break(
        promised=change.before,
        found=change.after,
        json=_names(old, new, change.old.number),
        source=True,
        type_name=old.full_name,
    )


def alias_order(change: kinds.EnumAliasOrderChanged, _: Context) -> Iterator[Break]:
    unknown = change.found not in change.old.by_name
    if unknown:
        yield Break(
            promised=f"{change.promised} written for {change.number}",
            found=change.found,
            json=Flow.NEW_TO_OLD,
            type_name=change.old.full_name,
        )


def _names(old: EnumType, new: EnumType, number: int) -> Flow:
    """On which ways the name that is written for *number* is unknown to its reader."""
    was, now = old.numbers[number][0].name, new.numbers[number][0].name
    forth = Flow.NONE if was in new.by_name else Flow.OLD_TO_NEW
    return forth | (Flow.NONE if now in old.by_name else Flow.NEW_TO_OLD)


def value_renumbered(change: kinds.EnumValueRenumbered, context: Context) -> Iterator[Break]:
    old, new = change.old.enum, change.new.enum
    # JSON leaves out the first value, and goes by names where it leaves out nothing.
    first = _first(old, change.old.name) != _first(new, change.new.name)
    yield Break(
        promised=f"{change.old.name} = {change.before}",
        found=f"{change.new.name} = {change.after}",
        wire=Flow.BOTH,
        json=Flow.BOTH if first and _stands_for_unset(old, context) else Flow.NONE,
        source=True,
        type_name=change.old.enum.full_name,
    )


def _first(enum: EnumType, name: str) -> bool:
    return name in {value.name for value in enum.numbers[enum.values[0].number]}


def value_added_to_closed(change: kinds.EnumValueAdded, _: Context) -> Iterator[Break]:
    value, enum = change.new, change.enum
    if enum.closed and value.number not in enum.numbers:
        yield Break(
            promised="numbers of the closed enum",
            found=f"{value.name} = {value.number}",
            wire=Flow.NEW_TO_OLD,
            json=Flow.NEW_TO_OLD,
            type_name=enum.full_name,
        )


def openness_changed(change: kinds.EnumOpennessChanged, _: Context) -> Iterator[Break]:
    lost = Flow.OLD_TO_NEW if change.new.closed else Flow.NEW_TO_OLD
    yield Break(
        promised=f"{change.promised} enum",
        found=f"{change.found} enum",
        wire=lost,
        json=lost,
        source=True,
        type_name=change.old.full_name,
    )


def default_changed(change: kinds.EnumDefaultChanged, context: Context) -> Iterator[Break]:
    if not _stands_for_unset(change.old, context):
        return
    yield Break(
        promised=f"first value {change.promised}",
        found=f"first value {change.found}",
        wire=Flow.BOTH,
        json=Flow.BOTH,
        source=True,
        type_name=change.old.full_name,
        buf=("FIELD_SAME_DEFAULT",),
    )


def _stands_for_unset(enum: EnumType, context: Context) -> bool:
    """Whether some field reads as the first value where it is unset.

    A default of its own, a list and a required field spare it; an enum of no field is for others.
    """
    fields = context.holders.get(enum.full_name, ())
    unset = [f for f in fields if f.default is None and not f.repeated and not f.required]
    return bool(unset) or not fields


def removed(change: kinds.EnumRemoved, _: Context) -> Iterator[Break]:
    yield Break(change.old.full_name, "removed", source=True, type_name=change.old.full_name)


def renamed(change: kinds.EnumRenamed, _: Context) -> Iterator[Break]:
    yield Break(change.before, change.after, source=True, type_name=change.old.full_name)


def moved(change: kinds.EnumMoved, _: Context) -> Iterator[Break]:
    yield Break(change.before, change.after, source=True, type_name=change.old.full_name)


_KEEP_NAME = "Keep the name, or add the new one as an alias after it."

RULES: tuple[Rule, ...] = (
    Rule(
        id="ENUM_VALUE_REMOVED",
        on=(kinds.EnumValueRemoved,),
        check=value_removed,
        says="{subject} ({promised}) was removed",
        why="Whoever still sends the value is misunderstood, in JSON refused.",
        fix="Keep the value and mark it deprecated.",
        buf=("ENUM_VALUE_NO_DELETE", "ENUM_VALUE_SAME_NAME"),
        show=enum_trip,
    ),
    Rule(
        id="ENUM_VALUE_NUMBER_FREED",
        on=(kinds.EnumValueRemoved,),
        check=value_number_freed,
        says="{subject} was removed and its {promised} left free",
        why="A later value may take the number and give old data another meaning.",
        fix="Reserve the number.",
        buf=("ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED",),
        unshown="The break comes with the value that takes the number, which is not there yet.",
    ),
    Rule(
        id="ENUM_VALUE_NAME_FREED",
        on=(kinds.EnumValueRemoved,),
        check=value_name_freed,
        says="{subject} was removed and its {promised} left free",
        why="A later value may take the name and give old JSON another meaning.",
        fix="Reserve the name.",
        buf=("ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED",),
        unshown="The break comes with the value that takes the name, which is not there yet.",
    ),
    Rule(
        id="ENUM_VALUE_RENAMED",
        on=(kinds.EnumValueRenamed,),
        check=value_renamed,
        says="{subject} was renamed: {promised} became {found}",
        why="JSON and generated code go by the name, though the wire does not.",
        fix=_KEEP_NAME,
        buf=("ENUM_VALUE_SAME_NAME", "ENUM_VALUE_NO_DELETE"),
        show=enum_trip,
    ),
    Rule(
        id="ENUM_VALUE_WRITTEN_NAME_CHANGED",
        on=(kinds.EnumAliasOrderChanged,),
        check=alias_order,
        says="{subject} is written to JSON under another name: {promised} became {found}",
        why="JSON writers use the first name of a number, and old readers do not know the new one.",
        fix="Declare the new alias after the old name.",
        buf=("ENUM_VALUE_SAME_NAME",),
        show=enum_trip,
    ),
    Rule(
        id="ENUM_VALUE_RENUMBERED",
        on=(kinds.EnumValueRenumbered,),
        check=value_renumbered,
        says="{subject} changed its number: {promised} became {found}",
        why="The wire carries the number: the other version reads another value, or none.",
        fix="Give the value its old number back.",
        buf=(
            "ENUM_VALUE_SAME_NAME",
            "ENUM_VALUE_NO_DELETE",
            "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED",
            "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED",
        ),
        show=enum_trip,
    ),
    Rule(
        id="ENUM_VALUE_ADDED_TO_CLOSED",
        on=(kinds.EnumValueAdded,),
        check=value_added_to_closed,
        says="{found} was added to a closed enum",
        why="Old readers drop numbers that a closed enum does not name and see the default.",
        fix="Send the value only to readers that know it, or make the enum open first.",
        show=enum_trip,
    ),
    Rule(
        id="ENUM_OPENNESS_CHANGED",
        on=(kinds.EnumOpennessChanged,),
        check=openness_changed,
        says="{subject} changed from {promised} to {found}",
        why="A closed enum drops or refuses numbers that it does not name; an open one keeps them.",
        fix="Keep the enum as it is (features.enum_type in editions).",
        buf=("ENUM_SAME_TYPE",),
        show=enum_trip,
    ),
    Rule(
        id="ENUM_DEFAULT_CHANGED",
        on=(kinds.EnumDefaultChanged,),
        check=default_changed,
        says="{subject} has another first value: {promised} became {found}",
        why="An unset field means the first value, so every such message changes its meaning.",
        fix="Keep the first value.",
        show=enum_trip,
    ),
    Rule(
        id="ENUM_REMOVED",
        on=(kinds.EnumRemoved,),
        check=removed,
        says="{subject} was removed",
        why="Generated code that names the enum no longer compiles.",
        fix="Keep the enum and mark it deprecated.",
        buf=("ENUM_NO_DELETE", "PACKAGE_ENUM_NO_DELETE"),
        unshown="An enum has no bytes of its own; fields that held it are found by themselves.",
    ),
    Rule(
        id="ENUM_RENAMED",
        on=(kinds.EnumRenamed,),
        check=renamed,
        says="{promised} was renamed to {found}",
        why="Generated code goes by the name; bytes and JSON do not.",
        fix="Keep the name.",
        buf=("ENUM_NO_DELETE", "PACKAGE_ENUM_NO_DELETE"),
        unshown="The name of an enum is in no message.",
    ),
    Rule(
        id="ENUM_MOVED",
        on=(kinds.EnumMoved,),
        check=moved,
        says="{subject} moved from {promised} to {found}",
        why="Languages that import by file no longer find it.",
        fix="Import the new file publicly from the old one.",
        buf=("ENUM_NO_DELETE",),
        unshown="The file of an enum is in no message.",
    ),
)
