"""Rules over a history: what was dropped and came back as something else."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.changes import kinds
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.rules.shows import by_number
from wireproof.rules.shows_enums import enum_trip


def number(change: kinds.FieldNumberReusedLater, _: Context) -> Iterator[Break]:
    holder = change.old.holder
    yield Break(
        change.promised, change.found, wire=Flow.BOTH, type_name=holder, because=_gap(change)
    )


def name(change: kinds.FieldNameReusedLater, _: Context) -> Iterator[Break]:
    yield Break(
        change.promised,
        change.found,
        wire=Flow.BOTH,
        json=Flow.BOTH if change.old.type_words != change.new.type_words else Flow.NONE,
        type_name=change.old.holder,
        because=_gap(change),
    )


def value(
    change: kinds.EnumNumberReusedLater | kinds.EnumNameReusedLater, _: Context
) -> Iterator[Break]:
    enum = change.old.enum.full_name
    yield Break(change.promised, change.found, wire=Flow.BOTH, type_name=enum, because=_gap(change))


def rpc(change: kinds.RpcReusedLater, _: Context) -> Iterator[Break]:
    yield Break(change.promised, change.found, rpc=Flow.BOTH, because=_gap(change))


def _gap(change: kinds.ReusedLater) -> str:
    return f"gone in {change.dropped}"


_WHY = "Data and clients of the time before the gap still exist, and are taken for the new thing."

RULES: tuple[Rule, ...] = (
    Rule(
        id="FIELD_NUMBER_REUSED_LATER",
        on=(kinds.FieldNumberReusedLater,),
        check=number,
        says="the number of {subject} came back as another field: {promised}, {because}, {found}",
        why=_WHY,
        fix="Give the new field a number that no version has used.",
        show=by_number,
    ),
    Rule(
        id="FIELD_NAME_REUSED_LATER",
        on=(kinds.FieldNameReusedLater,),
        check=name,
        says="the name of {subject} came back for another field: {promised}, {because}, {found}",
        why=_WHY,
        fix="Give the new field a name that no version has used, or its old number.",
        show=by_number,
    ),
    Rule(
        id="ENUM_VALUE_REUSED_LATER",
        on=(kinds.EnumNumberReusedLater, kinds.EnumNameReusedLater),
        check=value,
        says="{subject} came back as something else: {promised}, {because}, {found}",
        why=_WHY,
        fix="Use a number and a name that no version has used.",
        show=enum_trip,
    ),
    Rule(
        id="RPC_REUSED_LATER",
        on=(kinds.RpcReusedLater,),
        check=rpc,
        says="{subject} came back with another signature: {promised}, {because}, {found}",
        why=_WHY,
        fix="Give the new RPC a name that no version has used.",
        unshown="The path is the same; the differences between the messages decide.",
    ),
)
