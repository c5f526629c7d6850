"""Rules over what google.api's annotations promise of fields: behaviour, format, references.

No code checks these promises, so nothing shows a break: each follows from its AIP.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from wireproof.changes import kinds
from wireproof.changes.options import option
from wireproof.finding import Breaks, Severity
from wireproof.rules.context import Context
from wireproof.rules.resources import names
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.schema.fields import Field

BEHAVIOR, FORMAT, REFERENCE = 1052, 291403980, 1055
"""Extension numbers of google.api's `field_behavior`, `field_info` and `resource_reference`."""
_DERIVED = "No code checks it: servers honour it by hand."
_OLD, _NEW = Breaks.OLD_CLIENT, Breaks.NEW_CLIENT


class Row(NamedTuple):
    """What adding (or dropping) one behaviour does, and on which way."""

    number: int
    added: bool
    flow: Flow
    victim: Breaks
    because: str

    @property
    def narrows(self) -> bool:
        return self.added


NAMES = {2: "REQUIRED", 3: "OUTPUT_ONLY", 4: "INPUT_ONLY", 5: "IMMUTABLE", 6: "UNORDERED_LIST"}
_TO, _FRO = Flow.OLD_TO_NEW, Flow.NEW_TO_OLD
# AIP-203. OPTIONAL, NON_EMPTY_DEFAULT and IDENTIFIER ask nothing of anybody.
BEHAVIORS = (
    Row(2, True, _TO, _OLD, "requests without it are refused"),
    Row(3, True, _TO, _OLD, "what old clients send in it is ignored"),
    Row(4, True, _FRO, _OLD, "replies no longer hold it"),
    Row(5, True, _TO, _OLD, "updates of it are refused"),
    Row(6, True, _FRO, _OLD, "replies may hold it in any order"),
    Row(2, False, _FRO, _NEW, "an old server refuses requests without it"),
    Row(3, False, _FRO, _NEW, "an old server ignores what clients send in it"),
    Row(5, False, _FRO, _NEW, "an old server refuses updates of it"),
)
_UNORDERED = 6


def behaviour_narrowed(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    return _behaviour(change, context, narrows=True)


def behaviour_widened(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    return _behaviour(change, context, narrows=False)


def _behaviour(
    change: kinds.CustomOptionChanged, context: Context, *, narrows: bool
) -> Iterator[Break]:
    if change.number != BEHAVIOR or not isinstance(change.old, Field):
        return
    was, now = (set(value or ()) for value in _both(change, context))
    for row in BEHAVIORS:
        moved = row.number in (now - was if row.added else was - now)
        if moved and row.narrows is narrows:
            yield _of_row(row, change.old.holder)


def _of_row(row: Row, holder: str) -> Break:
    name = NAMES[row.number]
    sides = (f"not {name}", name) if row.added else (name, f"not {name}")
    return Break(
        *sides,
        promise=row.flow,
        because=row.because,
        type_name=holder,
        spared=_all_but(row.victim),
        severity=Severity.WARNING if row.number == _UNORDERED else None,
    )


def _all_but(*victims: Breaks) -> frozenset[Breaks]:
    """Callers over HTTP break where the client does that stands for them."""
    return frozenset(Breaks) - {*victims, Breaks.REST}


def required_added(change: kinds.FieldAdded, context: Context) -> Iterator[Break]:
    """A new field that every request must fill."""
    if change.message is None or not change.new.proto.HasField("options"):
        return
    if 2 in (option(change.new, BEHAVIOR, context.versions.new_pool) or ()):
        yield Break(
            promised="may be left out",
            found="REQUIRED",
            promise=Flow.OLD_TO_NEW,
            because="old clients do not know it, and requests without it are refused",
            type_name=change.message.full_name,
            spared=_all_but(_OLD),
        )


_ALL = frozenset({"uuid", "ipv4", "ipv6", "others"})
# FieldInfo.Format (AIP-202): the values that each takes.
_FORMATS = {1: {"uuid"}, 2: {"ipv4"}, 3: {"ipv6"}, 4: {"ipv4", "ipv6"}}
_FORMAT_NAMES = {0: "no format", 1: "UUID4", 2: "IPV4", 3: "IPV6", 4: "IPV4_OR_IPV6"}


def format_changed(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    if change.number != FORMAT or not isinstance(change.old, Field):
        return
    was, now = (getattr(value, "format", 0) for value in _both(change, context))
    before, after = _FORMATS.get(was, _ALL), _FORMATS.get(now, _ALL)
    promised, found = (_FORMAT_NAMES.get(number, str(number)) for number in (was, now))
    if before - after:
        yield Break(
            promised,
            found,
            promise=Flow.OLD_TO_NEW,
            because="values that were right are refused",
            type_name=change.old.holder,
            spared=frozenset({_NEW}),
            # Many write down late what has always been so.
            severity=None if was else Severity.WARNING,
        )
    elif after - before:
        yield Break(
            promised,
            found,
            promise=Flow.NEW_TO_OLD,
            because="readers and old servers meet values that they do not expect",
            type_name=change.old.holder,
            severity=Severity.WARNING,
        )


def reference_changed(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    if change.number != REFERENCE or not isinstance(change.old, Field):
        return
    values = _both(change, context)
    was, now = map(_referred, values)
    if was == now or not was or _takes_all(*values, context):
        return
    if now and now != "*":
        yield Break(
            was,
            now,
            promise=Flow.OLD_TO_NEW,
            because="names of the old type are refused",
            type_name=change.old.holder,
            spared=frozenset({_NEW}),
        )
    else:
        yield Break(
            was,
            now or "none",
            source=True,
            because="generated helpers for the name are gone",
            severity=Severity.WARNING,
        )


def _takes_all(was: Any, now: Any, context: Context) -> bool:
    """Whether the names that were right are, whatever type they are said to be of."""
    if now is None:
        return False
    before, after = names(was, context.resources.old), names(now, context.resources.new)
    return bool(before) and (before <= after or "*" in after)


def _referred(value: Any) -> str:
    if value is None:
        return ""
    child = f"parent of {value.child_type}" if value.child_type else ""
    return str(value.type or child)


def _both(change: kinds.CustomOptionChanged, context: Context) -> tuple[Any, Any]:
    """The decoded option of both versions."""
    versions = context.versions
    return (
        option(change.old, change.number, versions.old_pool),
        option(change.new, change.number, versions.new_pool),
    )


RULES: tuple[Rule, ...] = (
    Rule(
        id="FIELD_BEHAVIOR_NARROWED",
        on=(kinds.CustomOptionChanged,),
        check=behaviour_narrowed,
        says="{subject} is {found} now: {because}",
        why="Callers rely on the behaviour that they were built against (AIP-203).",
        fix="Leave the field as it is, and add another one that behaves so.",
        unshown=_DERIVED,
    ),
    Rule(
        id="FIELD_BEHAVIOR_WIDENED",
        on=(kinds.CustomOptionChanged,),
        check=behaviour_widened,
        says="{subject} is {found} any more: {because}",
        why="After a rollback, or before the servers are deployed, new clients meet the old rule.",
        fix="Deploy servers first.",
        unshown=_DERIVED,
    ),
    Rule(
        id="REQUIRED_BEHAVIOR_ADDED",
        on=(kinds.FieldAdded,),
        check=required_added,
        says="{subject} is new and {found}: {because}",
        why="Every request of an old client is refused (AIP-203).",
        fix="Let the field be OPTIONAL, with a default that does what was done before.",
        unshown=_DERIVED,
    ),
    Rule(
        id="FIELD_FORMAT_CHANGED",
        on=(kinds.CustomOptionChanged,),
        check=format_changed,
        says="the format of {subject} changed from {promised} to {found}: {because}",
        why="A format tells callers which values are right (AIP-202).",
        fix="Keep the format, or add another field.",
        unshown=_DERIVED,
    ),
    Rule(
        id="RESOURCE_REFERENCE_CHANGED",
        on=(kinds.CustomOptionChanged,),
        check=reference_changed,
        says="{subject} refers to {found}, no longer to {promised}: {because}",
        why="Callers pass the names of the resources that the field is said to take (AIP-4231).",
        fix="Keep the reference, or add another field.",
        unshown=_DERIVED,
    ),
)
