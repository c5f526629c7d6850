"""Rules over a history: what was dropped and came back as something else, what drifted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wireproof.changes import kinds
from wireproof.finding import Finding, Witness
from wireproof.rules.context import Context
from wireproof.rules.loss import cardinality_difference, type_difference
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.rules.services import turned
from wireproof.rules.shows import by_number, same_field
from wireproof.rules.shows_enums import enum_trip
from wireproof.rules.shows_oneofs import default_differs
from wireproof.rules.structure import Difference
from wireproof.schema.fields import Field
from wireproof.witness.sides import wire_witness


def number(change: kinds.FieldNumberReusedLater, context: Context) -> Iterator[Break]:
    """Under another name it is another field; under its own, its type decides."""
    if change.old.full_name != change.new.full_name:
        yield _break(change, Difference(wire=Flow.BOTH), change.old.holder, source=True)
        return
    lost = _difference(change.old, change.new, context)
    if lost.wire or lost.json:
        yield _break(change, lost, change.old.holder, source=True)


def name(change: kinds.FieldNameReusedLater, context: Context) -> Iterator[Break]:
    lost = _difference(change.old, change.new, context)
    both = Difference(Flow.BOTH, lost.json)
    other = change.old.type_words != change.new.type_words
    yield _break(change, both, change.old.holder, source=other)


def _difference(old: Field, new: Field, context: Context) -> Difference:
    """What single values, or lists of them, lose between the two fields' types."""
    if (old.repeated, bool(old.map_entry)) != (new.repeated, bool(new.map_entry)):
        return cardinality_difference(old, new, context)
    return type_difference(old, new, context)


def value(
    change: kinds.EnumNumberReusedLater | kinds.EnumNameReusedLater, _: Context
) -> Iterator[Break]:
    """JSON goes by the name: it breaks where one version writes a name that the other lacks."""
    old, new = change.old, change.new
    forth = Flow.NONE if old.name in new.enum.by_name else Flow.OLD_TO_NEW
    back = Flow.NONE if new.name in old.enum.by_name else Flow.NEW_TO_OLD
    lost = Difference(Flow.BOTH, forth | back)
    yield _break(change, lost, old.enum.full_name, source=True)


def rpc(change: kinds.RpcReusedLater, context: Context) -> Iterator[Break]:
    """Another style breaks every call; other messages do where one cannot stand in for the other.

    Code that calls it does not compile in either case.
    """
    old, new = change.old, change.new
    sent = context.structure.messages(old.request, new.request)
    answered = context.structure.messages(old.response, new.response)
    flows = sent.wire | sent.json | turned(answered.wire | answered.json)
    if old.style != new.style:
        flows = Flow.BOTH
    yield Break(_then(change), _now(change), rpc=flows, source=True)


def service(change: kinds.ServiceReusedLater, _: Context) -> Iterator[Break]:
    yield Break(_then(change), _now(change), rpc=Flow.OLD_TO_NEW, source=True)


def default(change: kinds.FieldDefaultReturned, _: Context) -> Iterator[Break]:
    yield _drifted(change, "default", change.old.holder)


def first_value(change: kinds.EnumDefaultReturned, _: Context) -> Iterator[Break]:
    yield _drifted(change, "first value", change.old.full_name)


def _drifted(
    change: kinds.FieldDefaultReturned | kinds.EnumDefaultReturned, what: str, type_name: str
) -> Break:
    between, now = (side.file.schema.source for side in (change.old, change.new))
    return Break(
        promised=f"{what} {change.before} in {between}",
        found=f"{what} {change.after} in {now} as in {change.before_that}",
        wire=Flow.BOTH,
        json=Flow.BOTH,
        source=True,
        type_name=type_name,
    )


def _break(
    change: kinds.ReusedLater, lost: Difference, type_name: str, *, source: bool = False
) -> Break:
    return Break(
        promised=_then(change),
        found=_now(change),
        wire=lost.wire,
        json=lost.json,
        source=source,
        type_name=type_name,
    )


def _then(change: kinds.ReusedLater) -> str:
    return f"{change.promised} in {change.since}"


def _now(change: kinds.ReusedLater) -> str:
    return f"{change.found} in {change.now}, gone in {change.dropped}"


def trip(
    change: kinds.FieldNumberReusedLater, broken: Break, flow: Flow, context: Context
) -> Witness | None:
    """A value that the other version reads as another field, or as another type."""
    if change.old.full_name == change.new.full_name:
        return same_field(change, broken, flow, context)
    if flow & Flow.OLD_TO_NEW:
        return by_number(change, broken, flow, context)
    writer, reader = context.sides.ordered(old_writes=False)
    return wire_witness(writer, reader, change.new, None, change.old.holder)


_WHY = "Data and clients of the time before the gap still exist, and are taken for the new thing."
_WHY_DRIFTED = "What was left unset in the time between means another value to each version."

RULES: tuple[Rule, ...] = (
    Rule(
        id="FIELD_NUMBER_REUSED_LATER",
        on=(kinds.FieldNumberReusedLater,),
        check=number,
        says="the number of {subject} came back for something else: {promised}; {found}",
        why=_WHY,
        fix="Give the new field a number that no version has used.",
        show=trip,
    ),
    Rule(
        id="FIELD_NAME_REUSED_LATER",
        on=(kinds.FieldNameReusedLater,),
        check=name,
        says="the name of {subject} came back for another field: {promised}; {found}",
        why=_WHY,
        fix="Give the new field a name that no version has used, or its old number.",
        show=by_number,
    ),
    Rule(
        id="FIELD_DEFAULT_RETURNED",
        on=(kinds.FieldDefaultReturned,),
        check=default,
        says="the default of {subject} drifted and came back: {promised}; {found}",
        why=_WHY_DRIFTED,
        fix="Keep the default that was released last, and set the field where another is meant.",
        show=default_differs,
    ),
    Rule(
        id="ENUM_VALUE_REUSED_LATER",
        on=(kinds.EnumNumberReusedLater, kinds.EnumNameReusedLater),
        check=value,
        says="{subject} came back as something else: {promised}; {found}",
        why=_WHY,
        fix="Use a number and a name that no version has used.",
        show=enum_trip,
    ),
    Rule(
        id="ENUM_DEFAULT_RETURNED",
        on=(kinds.EnumDefaultReturned,),
        check=first_value,
        says="the first value of {subject} drifted and came back: {promised}; {found}",
        why=_WHY_DRIFTED,
        fix="Keep the first value that was released last.",
        show=enum_trip,
    ),
    Rule(
        id="RPC_REUSED_LATER",
        on=(kinds.RpcReusedLater,),
        check=rpc,
        says="{subject} came back with another signature: {promised}; {found}",
        why=_WHY,
        fix="Give the new RPC a name that no version has used.",
        unshown="The path is the same; the differences between the messages decide.",
    ),
    Rule(
        id="SERVICE_REUSED_LATER",
        on=(kinds.ServiceReusedLater,),
        check=service,
        says="{subject} came back without what it had: {promised}; {found}",
        why="Clients of the time before the gap find the service and not their RPC.",
        fix="Give the new service a name that no version has used.",
        unshown="A call that answers UNIMPLEMENTED has no bytes of its own.",
    ),
)

_TYPE = frozenset({"FIELD_TYPE_CHANGED", "FIELD_CARDINALITY_CHANGED"})
_GONE = frozenset({"FIELD_REMOVED", "FIELD_NAME_FREED"})
SUPERSEDED: Mapping[str, frozenset[str]] = {
    "FIELD_NUMBER_REUSED_LATER": _TYPE | _GONE | {"FIELD_RENAMED", "FIELD_NUMBER_REUSED"},
    "FIELD_NAME_REUSED_LATER": _TYPE | {"FIELD_RENUMBERED"},
    "FIELD_DEFAULT_RETURNED": frozenset({"FIELD_DEFAULT_CHANGED"}),
    "ENUM_VALUE_REUSED_LATER": frozenset({"ENUM_VALUE_RENAMED", "ENUM_VALUE_RENUMBERED"}),
    "ENUM_DEFAULT_RETURNED": frozenset({"ENUM_DEFAULT_CHANGED"}),
    "RPC_REUSED_LATER": frozenset(
        {"RPC_REQUEST_TYPE_CHANGED", "RPC_RESPONSE_TYPE_CHANGED", "RPC_STREAMING_CHANGED"}
    ),
    "SERVICE_REUSED_LATER": frozenset({"RPC_REMOVED"}),
}
"""Rule of a history → rules that tell the same of two of its versions, without the gap."""


def supersedes(later: Finding, other: Finding) -> bool:
    """Whether *later*, of the whole history, tells all that *other* tells of two versions."""
    about = other.subject == later.subject or (
        later.id == "SERVICE_REUSED_LATER" and other.subject.startswith(f"{later.subject}.")
    )
    return about and other.id in SUPERSEDED.get(later.id, ())
