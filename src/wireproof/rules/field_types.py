"""Rules over what a field holds: type, cardinality, presence, oneof, default, UTF-8."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.changes import kinds
from wireproof.finding import Breaks, Witness
from wireproof.rules.context import Context
from wireproof.rules.loss import cardinality_difference, type_difference
from wireproof.rules.replaced import refused_of
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.rules.shows import refused_without, same_field
from wireproof.rules.shows_oneofs import both_set, default_differs, presence_lost, raw_string
from wireproof.schema.fields import Field

_CODE_ONLY = "only generated code tells the two apart"
_UNTOLD = "a value that was set to its default reads as unset"
_TOGETHER = "fields that could be set together exclude one another"


def type_changed(change: kinds.FieldTypeChanged, context: Context) -> Iterator[Break]:
    old, new = change.old, change.new
    lost = type_difference(old, new, context)
    refused = _refused(change, context)[0]
    yield Break(
        promised=change.before,
        found=change.after,
        wire=lost.wire,
        json=lost.json,
        promise=Flow.OLD_TO_NEW if refused else Flow.NONE,
        source=True,
        because=lost.because or refused or _CODE_ONLY,
        type_name=old.holder,
        spared=frozenset({Breaks.NEW_CLIENT}) if refused and not lost.wire else frozenset(),
    )


def _refused(change: kinds.FieldTypeChanged, context: Context) -> tuple[str, Witness | None]:
    old, new = change.old, change.new
    if not {old.kind, new.kind} <= {"message", "group"} or old.map_entry or new.map_entry:
        return "", None
    return refused_of(old.type_name, new.type_name, old.holder, context)


def show_type(
    change: kinds.FieldTypeChanged, broken: Break, flow: Flow, context: Context
) -> Witness | None:
    """A value that reads otherwise, or one that the other type's rules refuse."""
    return same_field(change, broken, flow, context) or _refused(change, context)[1]


def cardinality_changed(change: kinds.FieldCardinalityChanged, context: Context) -> Iterator[Break]:
    lost = cardinality_difference(change.old, change.new, context)
    yield Break(
        promised=change.before,
        found=change.after,
        wire=lost.wire,
        json=lost.json,
        source=True,
        because=lost.because,
        type_name=change.old.holder,
    )


def presence_changed(change: kinds.FieldPresenceChanged, _: Context) -> Iterator[Break]:
    if "required" in (change.promised, change.found):
        return
    lost = Flow.OLD_TO_NEW if change.promised == "optional" else Flow.NONE
    yield Break(
        promised=f"{change.promised} presence",
        found=f"{change.found} presence",
        wire=lost,
        json=lost,
        source=True,
        because=_UNTOLD if lost else _CODE_ONLY,
        type_name=change.old.holder,
    )


def required_changed(change: kinds.FieldPresenceChanged, _: Context) -> Iterator[Break]:
    if "required" not in (change.promised, change.found):
        return
    refused = Flow.OLD_TO_NEW if change.found == "required" else Flow.NEW_TO_OLD
    yield Break(
        promised=change.promised,
        found=change.found,
        wire=refused,
        json=refused,
        source=True,
        type_name=change.old.holder,
    )


def oneof_changed(change: kinds.FieldOneofChanged, _: Context) -> Iterator[Break]:
    forth = Flow.OLD_TO_NEW if _excluded(change.old, change.new) else Flow.NONE
    back = Flow.NEW_TO_OLD if _excluded(change.new, change.old) else Flow.NONE
    because = _TOGETHER if forth | back else _CODE_ONLY
    if change.new.cardinality == "implicit":
        because = _UNTOLD if forth | back is Flow.NONE else because
        forth = Flow.OLD_TO_NEW
    yield Break(
        promised=_oneof(change.old),
        found=_oneof(change.new),
        wire=forth | back,
        json=forth | back,
        source=True,
        because=because,
        type_name=change.old.holder,
    )


def _oneof(field: Field) -> str:
    return f"oneof {field.oneof.name}" if field.oneof else "no oneof"


def _excluded(writer: Field, reader: Field) -> list[int]:
    """The fields that a writer may set beside this one and that a reader's oneof excludes."""
    if reader.oneof is None:
        return []
    free = {f.number for f in writer.parent.fields if f.oneof is None or not _same(f, writer)}  # type: ignore[union-attr]
    mates = {f.number for f in reader.oneof.fields} - {reader.number}
    return sorted(mates & free)


def _same(one: Field, other: Field) -> bool:
    return one.oneof is not None and other.oneof is not None and one.oneof.name == other.oneof.name


def default_changed(change: kinds.FieldDefaultChanged, _: Context) -> Iterator[Break]:
    """A required field is never left unset: only code that builds a message sees its default."""
    required = change.old.required or change.new.required
    shows = Flow.NONE if required else Flow.BOTH
    yield Break(
        promised=f"default {change.promised}",
        found=f"default {change.found}",
        wire=shows,
        json=shows,
        source=True,
        type_name=change.old.holder,
    )


def utf8_changed(
    change: kinds.FieldUtf8Changed | kinds.FieldJavaUtf8Changed, _: Context
) -> Iterator[Break]:
    refused = Flow.OLD_TO_NEW if change.found == "verified" else Flow.NEW_TO_OLD
    yield Break(
        promised=f"UTF-8 {change.promised}",
        found=f"UTF-8 {change.found}",
        wire=refused,
        type_name=change.old.holder,
    )


RULES: tuple[Rule, ...] = (
    Rule(
        id="FIELD_TYPE_CHANGED",
        on=(kinds.FieldTypeChanged,),
        check=type_changed,
        says="{subject} changed from {promised} to {found}: {because}",
        why="A value written as one type and read as the other is not the same value.",
        fix="Keep the field and add another under an unused number.",
        buf=(
            "FIELD_SAME_TYPE",
            "FIELD_WIRE_COMPATIBLE_TYPE",
            "FIELD_WIRE_JSON_COMPATIBLE_TYPE",
            "FIELD_SAME_CARDINALITY",
            "FIELD_SAME_DEFAULT",
        ),
        show=show_type,
    ),
    Rule(
        id="FIELD_CARDINALITY_CHANGED",
        on=(kinds.FieldCardinalityChanged,),
        check=cardinality_changed,
        says="{subject} changed from {promised} to {found}: {because}",
        why="One side writes several values, or another form, where the other expects its own.",
        fix="Keep the field and add another under an unused number.",
        buf=(
            "FIELD_SAME_CARDINALITY",
            "MESSAGE_SAME_REQUIRED_FIELDS",
            "FIELD_WIRE_COMPATIBLE_CARDINALITY",
            "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
            "FIELD_SAME_TYPE",
            "FIELD_WIRE_COMPATIBLE_TYPE",
            "FIELD_WIRE_JSON_COMPATIBLE_TYPE",
        ),
        show=same_field,
    ),
    Rule(
        id="FIELD_PRESENCE_CHANGED",
        on=(kinds.FieldPresenceChanged,),
        check=presence_changed,
        says="{subject} changed from {promised} to {found}: {because}",
        why="Code that asks whether the field is set no longer gets the same answer.",
        fix="Keep the field's presence.",
        buf=("FIELD_SAME_CARDINALITY",),
        show=presence_lost,
    ),
    Rule(
        id="FIELD_REQUIRED_CHANGED",
        on=(kinds.FieldPresenceChanged,),
        check=required_changed,
        says="{subject} changed from {promised} to {found}",
        why="Whoever requires a field refuses every message without it.",
        fix="Keep required fields required and the others optional.",
        buf=(
            "MESSAGE_SAME_REQUIRED_FIELDS",
            "FIELD_SAME_CARDINALITY",
            "FIELD_WIRE_COMPATIBLE_CARDINALITY",
            "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
        ),
        show=refused_without,
    ),
    Rule(
        id="FIELD_ONEOF_CHANGED",
        on=(kinds.FieldOneofChanged,),
        check=oneof_changed,
        says="{subject} moved from {promised} to {found}: {because}",
        why="A reader's oneof keeps only the last of the fields that a writer has set.",
        fix="Leave fields that exist in the oneof, or out of it; add new ones instead.",
        buf=("FIELD_SAME_ONEOF", "FIELD_SAME_CARDINALITY"),
        show=both_set,
    ),
    Rule(
        id="FIELD_DEFAULT_CHANGED",
        on=(kinds.FieldDefaultChanged,),
        check=default_changed,
        says="the default of {subject} changed: {promised} became {found}",
        why="A message that leaves the field unset means another value to each version.",
        fix="Keep the default, and set the field where another value is meant.",
        buf=("FIELD_SAME_DEFAULT",),
        show=default_differs,
    ),
    Rule(
        id="FIELD_UTF8_CHANGED",
        on=(kinds.FieldUtf8Changed,),
        check=utf8_changed,
        says="{subject} changed from {promised} to {found}",
        why="A reader that verifies refuses strings that the other version let through.",
        fix="Keep the validation, or make sure that no string is anything but UTF-8.",
        buf=("FIELD_SAME_UTF8_VALIDATION", "FIELD_SAME_JAVA_UTF8_VALIDATION"),
        show=raw_string,
    ),
    Rule(
        id="FIELD_JAVA_UTF8_CHANGED",
        on=(kinds.FieldJavaUtf8Changed,),
        check=utf8_changed,
        says="{subject} changed from {promised} to {found} in Java",
        why="A Java reader that verifies refuses strings that the other version let through.",
        fix="Keep the validation, or make sure that no string is anything but UTF-8.",
        buf=("FIELD_SAME_JAVA_UTF8_VALIDATION",),
        unshown="Only Java's parsers look at the feature, and none of them is at hand.",
    ),
)
