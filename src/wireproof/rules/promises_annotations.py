"""Rules over Wireproof's own annotations: a promise taken back, or more asked than before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wireproof.changes import kinds
from wireproof.changes.options import option
from wireproof.finding import Breaks
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.schema.annotated import ANNOTATION

_OLD = frozenset({Breaks.OLD_CLIENT})
_UNSHOWN = "What an annotation promises shows in calls, not in a message."

Strength = Callable[[Any], int]


def _number(value: Any) -> int:
    return int(value or 0)


_PROMISES: Mapping[str, Strength] = {
    "permission_first": _number,
    "idempotent": _number,
    "side_effects": lambda value: int(value is False),
    "ordering": _number,
    "replies_valid": _number,
    "data_class": _number,
}
"""Field of an annotation → how much it promises."""


def withdrawn(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    was, now = _both(change, context)
    for name, strength in _PROMISES.items():
        if strength(_said(was, name)) > strength(_said(now, name)):
            yield _break(name, was, now)
    owner = _said(was, "owner")
    if owner and owner != _said(now, "owner"):
        yield _break("owner", was, now)


def demanding(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    """What was not said was not promised: writing it down is news to nobody."""
    was, now = _both(change, context)
    for name in ("needs_credentials", "closed_to_updates"):
        if _said(was, name) is False and _said(now, name):
            yield _break(name, was, now)
    before, after = set(_said(was, "only_from") or ()), set(_said(now, "only_from") or ())
    if after and before - after:
        yield _break("only_from", was, now)


def _both(change: kinds.CustomOptionChanged, context: Context) -> tuple[Any, Any]:
    if change.number != ANNOTATION:
        return None, None
    pools = context.versions.old_pool, context.versions.new_pool
    was, now = option(change.old, ANNOTATION, pools[0]), option(change.new, ANNOTATION, pools[1])
    # The number is anyone's within an organisation: only what is declared as ours is read as ours.
    ours = [
        one
        for one in (was, now)
        if one is None or one.DESCRIPTOR.full_name.startswith("wireproof.annotations.")
    ]
    return (was, now) if len(ours) == 2 else (None, None)


def _said(annotation: Any, name: str) -> Any:
    """The value of the annotation's field *name*; None where it is not said."""
    field = None if annotation is None else annotation.DESCRIPTOR.fields_by_name.get(name)
    if field is None or (field.has_presence and not annotation.HasField(name)):
        return None
    return getattr(annotation, name)


def _break(name: str, was: Any, now: Any) -> Break:
    return Break(
        promised=f"{name} = {_words(was, name)}",
        found=f"{name} = {_words(now, name)}",
        promise=Flow.OLD_TO_NEW,
        hits=_OLD,
    )


def _words(annotation: Any, name: str) -> str:
    value = _said(annotation, name)
    if value is None or value == []:
        return "not said"
    field = annotation.DESCRIPTOR.fields_by_name[name]
    if field.enum_type is not None:
        return str(field.enum_type.values_by_number[value].name)
    if field.is_repeated:
        return ", ".join(value) or "not said"
    return str(value).lower() if isinstance(value, bool) else str(value)


RULES: tuple[Rule, ...] = (
    Rule(
        id="ANNOTATED_PROMISE_WITHDRAWN",
        on=(kinds.CustomOptionChanged,),
        check=withdrawn,
        says="{subject} promises less than it did: {promised} became {found}",
        why="Clients were built on what the annotation promises, and are not told when it ends.",
        fix="Keep the promise, or agree with the clients that rely on it.",
        unshown=_UNSHOWN,
    ),
    Rule(
        id="ANNOTATED_DEMAND_ADDED",
        on=(kinds.CustomOptionChanged,),
        check=demanding,
        says="{subject} asks for more than it did: {promised} became {found}",
        why="Calls that were answered are refused from now on.",
        fix="Let old calls pass for as long as there are clients that make them.",
        unshown=_UNSHOWN,
    ),
)
