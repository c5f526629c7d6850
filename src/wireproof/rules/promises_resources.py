"""Rules over google.api's annotations of messages and methods: resources, signatures, routing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from wireproof.changes import kinds
from wireproof.changes.options import option
from wireproof.finding import Breaks, Severity, Witness
from wireproof.rules.context import Context
from wireproof.rules.resources import RESOURCE
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.schema.elements import File, MessageType, Rpc

SIGNATURE, ROUTING = 1051, 72295729
"""Extension numbers of google.api's `method_signature` and `routing`."""
OPERATION, VISIBILITY = 1049, 72295727
"""Of google.longrunning's `operation_info`, and of google.api's visibility on every element."""
_OLD = frozenset({Breaks.OLD_CLIENT})
_HEADERS = frozenset({Breaks.REST})
"""Callers over HTTP send no routing header."""
_HOLE = re.compile(r"\{([^}]+)\}")
_GENERATED = "It breaks generated code, not data."
_DERIVED = "No code checks it: servers and proxies honour it by hand."
_Check = Callable[[kinds.CustomOptionChanged, Context], Iterator[Break]]


def _decoded(change: kinds.CustomOptionChanged, context: Context) -> tuple[Any, Any]:
    versions = context.versions
    return (
        option(change.old, change.number, versions.old_pool),
        option(change.new, change.number, versions.new_pool),
    )


def resource_changed(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    for was, now in _resources(change, context):
        if now is None and was.type not in context.resources.new:
            yield _type_gone(was.type, "no resource")
        elif now is not None and was.type != now.type:
            yield _type_gone(was.type, now.type)
        elif now is not None:
            yield from _name_field(was.name_field or "name", now.name_field or "name")


def pattern_removed(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    for was, now in _patterns(change, context):
        for pattern in was:
            yield from _pattern(pattern, now)


def patterns_reordered(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    """New patterns come last (AIP-4231): generators that make one helper take the first."""
    for was, now in _patterns(change, context):
        kept = [pattern for pattern in was if pattern in now]
        if now[: len(kept)] == kept:
            continue
        first = was[0] in now and now[0] != was[0]
        yield Break(
            ", ".join(kept),
            ", ".join(now),
            source=True,
            because="helpers build and parse names by the first one, which is another now"
            if first
            else "generators number them by their places",
            severity=None if first else Severity.WARNING,
        )


def _patterns(
    change: kinds.CustomOptionChanged, context: Context
) -> Iterator[tuple[list[str], list[str]]]:
    """The patterns of each resource that the old version declares there, then and now."""
    for was, now in _resources(change, context):
        here = context.resources.new.get(was.type) if now is None else now
        if here is not None and here.type == was.type:
            yield list(was.pattern), list(here.pattern)


def _resources(
    change: kinds.CustomOptionChanged, context: Context
) -> Iterator[tuple[Any, Any | None]]:
    """Each resource that the old version declares there, with what stands in its place."""
    if change.number != RESOURCE:
        return
    was, now = _decoded(change, context)
    if isinstance(change.old, MessageType) and was is not None:
        yield was, now
    elif isinstance(change.old, File):
        here = {one.type: one for one in now or ()}
        yield from ((one, here.get(one.type)) for one in was or ())


def _type_gone(was: str, now: str) -> Break:
    because = "references to the old type lead nowhere"
    return Break(was, now, promise=Flow.OLD_TO_NEW, source=True, hits=_OLD, because=because)


def _name_field(before: str, after: str) -> Iterator[Break]:
    if before != after:
        yield Break(
            f"name in {before}",
            f"name in {after}",
            promise=Flow.OLD_TO_NEW,
            hits=_OLD,
            because="callers look for the name in another field",
        )


def _pattern(pattern: str, now: Sequence[str]) -> Iterator[Break]:
    if pattern in now or "*" in now:
        return
    shapes = {_HOLE.sub("{}", one): one for one in now}
    heir = shapes.get(_HOLE.sub("{}", pattern))
    if heir is None:
        found = ", ".join(now) or "no pattern"
        because = "names that were right match no pattern"
        yield Break(pattern, found, promise=Flow.OLD_TO_NEW, hits=_OLD, because=because)
    else:
        because = "generated helpers take other parameters"
        yield Break(pattern, heir, source=True, because=because, severity=Severity.WARNING)


def show_name(_: object, broken: Break, flow: Flow, _context: Context) -> Witness | None:
    """A name that was right."""
    if not flow:
        return None
    name = _HOLE.sub("x1", broken.promised)
    return Witness("old", "new", written=name, read=f"matches none of {broken.found}")


def signature_changed(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    if change.number != SIGNATURE or not isinstance(change.old, Rpc):
        return
    was, now = (list(value or ()) for value in _decoded(change, context))
    for signature in was:
        if _plain(signature) not in map(_plain, now):
            same = [n for n in now if sorted(_plain(n)) == sorted(_plain(signature))]
            because = "its parameters changed places" if same else "generated calls are gone"
            found = f"({same[0]})" if same else _told(now)
            yield Break(f"({signature})", found, source=True, because=because)
    here = [_plain(signature) for signature in now]
    kept = [plain for signature in was if (plain := _plain(signature)) in here]
    if here[: len(kept)] != kept:
        yield Break(
            f"{' '.join(map(_call, kept))} first",
            " ".join(map(_call, here)),
            source=True,
            because="generators take them in order, and the first of two that look the same",
            severity=Severity.WARNING,
        )


def _plain(signature: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in signature.split(",") if part.strip())


def _call(signature: tuple[str, ...]) -> str:
    return f"({', '.join(signature)})"


def _told(signatures: Sequence[str]) -> str:
    return " ".join(f"({one})" for one in signatures) or "no signature"


def routing_changed(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    if change.number != ROUTING:
        return
    was, now = (_parameters(value) for value in _decoded(change, context))
    if fresh := [one for one in now if one not in was]:
        because = "old clients do not send it, so their requests may be routed elsewhere"
        yield Break(
            ", ".join(was) or "none",
            ", ".join(fresh),
            promise=Flow.OLD_TO_NEW,
            because=because,
            spared=_HEADERS,
        )
    elif gone := [one for one in was if one not in now]:
        because = "old servers and proxies route by it, and new clients do not send it"
        yield Break(
            ", ".join(gone),
            ", ".join(now) or "none",
            promise=Flow.NEW_TO_OLD,
            because=because,
            spared=_HEADERS,
        )


def _parameters(rule: Any) -> list[str]:
    found = rule.routing_parameters if rule is not None else ()
    return [f"{one.field}={one.path_template}" if one.path_template else one.field for one in found]


def operation_changed(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    if change.number != OPERATION or not isinstance(change.old, Rpc):
        return
    was, now = _decoded(change, context)
    if was is not None and now is None:
        because = "generated calls no longer wait for it"
        yield Break(was.response_type, "a bare operation", source=True, because=because)
        return
    for name in ("response_type", "metadata_type"):
        before, after = getattr(was, name, ""), getattr(now, name, "")
        moved = context.versions.new_name(_full(before, change.old))
        if before and _full(after, change.new) != moved:
            because = f"the {name.partition('_')[0]} of the operation does not unpack"
            yield Break(before, after or "none", promise=Flow.BOTH, because=because)


def _full(name: str, rpc: Rpc) -> str:
    """AIP-151: a name without dots is of the method's own package."""
    package = rpc.file.package
    return f"{package}.{name}" if name and "." not in name and package else name


def visibility_narrowed(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    if change.number != VISIBILITY:
        return
    was, now = (_labels(value) for value in _decoded(change, context))
    if now and not (was and was <= now):
        yield Break(
            ", ".join(sorted(was)) or "everybody",
            ", ".join(sorted(now)),
            promise=Flow.OLD_TO_NEW,
            hits=_OLD,
            because="others no longer see it",
        )


def _labels(rule: Any) -> set[str]:
    text = getattr(rule, "restriction", "")
    return {label.strip() for label in text.split(",") if label.strip()}


def _row(rule: str, check: _Check, says: str, why: str, fix: str, **more: Any) -> Rule:
    more = {"unshown": _DERIVED, **more}
    return Rule(rule, (kinds.CustomOptionChanged,), check, says, why, fix, **more)


RULES: tuple[Rule, ...] = (
    _row(
        "RESOURCE_CHANGED",
        resource_changed,
        "the resource of {subject} is {found}, no longer {promised}: {because}",
        "Callers refer to resources by their type, and find names in one field (AIP-123).",
        "Never change the type of a resource, nor the field of its name.",
    ),
    _row(
        "RESOURCE_PATTERN_REMOVED",
        pattern_removed,
        "{subject} has names like {found}, no longer {promised}: {because}",
        "Callers build, parse and store resource names by their patterns (AIP-123).",
        "Add a pattern beside the old ones.",
        show=show_name,
        unshown="",
    ),
    _row(
        "RESOURCE_PATTERNS_REORDERED",
        patterns_reordered,
        "{subject} has its names in another order, {found}, no longer {promised}: {because}",
        "Generated helpers take the patterns of a resource in their order (AIP-4231).",
        "Keep the old patterns in their places, and add new ones behind them.",
        unshown=_GENERATED,
    ),
    _row(
        "METHOD_SIGNATURE_CHANGED",
        signature_changed,
        "{subject} has no longer the signature {promised}, it has {found}: {because}",
        "Generated client libraries offer a call for each signature (AIP-4232).",
        "Keep the old signatures in their places, and add new ones behind them.",
        unshown=_GENERATED,
    ),
    _row(
        "ROUTING_CHANGED",
        routing_changed,
        "{subject} is routed by {found}, no longer by {promised}: {because}",
        "Clients send the routing header of the version they were built with (AIP-4222).",
        "Let the routing of requests without the new header stand.",
    ),
    _row(
        "OPERATION_TYPE_CHANGED",
        operation_changed,
        "{subject} yields {found}, no longer {promised}: {because}",
        "Clients unpack the operation's Any as the type that was announced (AIP-151).",
        "Keep the type, or add another method.",
    ),
    _row(
        "VISIBILITY_NARROWED",
        visibility_narrowed,
        "{subject} is restricted to {found}, and was seen by {promised}: {because}",
        "Those who lose sight of it are told that it does not exist.",
        "Keep it visible to those who could use it.",
    ),
)
