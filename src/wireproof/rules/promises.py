"""Rules over what annotations promise: validation and HTTP mapping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wireproof.changes import kinds
from wireproof.changes.http import Binding
from wireproof.finding import Breaks, Severity, Witness
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.schema.fields import Field
from wireproof.schema.roles import Role
from wireproof.witness.http import captured, sample_path
from wireproof.witness.validation import Search, search

_REST = frozenset({Breaks.REST})


def narrowed(change: kinds.ValidationChanged, context: Context) -> Iterator[Break]:
    found = _searched(change, context)
    if found.narrowed or found.undecided:
        holder = _holder(change)
        judged = _judged(context.role(holder))
        yield Break(
            promised=change.promised,
            found=change.found,
            promise=Flow.OLD_TO_NEW,
            because="" if found.narrowed else f"; {found.words}",
            type_name=holder,
            spared=frozenset({Breaks.NEW_CLIENT}) if judged else frozenset(),
            severity=None if judged else Severity.WARNING,
        )


def _judged(role: Role) -> bool:
    """Whether somebody validates it: servers do with requests, and readers with what they stored;
    replies are rarely validated.
    """
    return role.request or role.stored


def widened(change: kinds.ValidationChanged, context: Context) -> Iterator[Break]:
    if _searched(change, context).widened:
        yield Break(
            promised=change.promised,
            found=change.found,
            promise=Flow.NEW_TO_OLD,
            type_name=_holder(change),
        )


def _searched(change: kinds.ValidationChanged, context: Context) -> Search:
    return search(change, context.versions)


def _holder(change: kinds.ValidationChanged) -> str:
    old: Any = change.old
    if isinstance(old, Field):
        return old.holder
    message = getattr(old, "message", old)
    return str(message.full_name)


def show_narrowed(
    change: kinds.ValidationChanged, _: Break, _flow: Flow, context: Context
) -> Witness | None:
    return _searched(change, context).narrowed


def show_widened(
    change: kinds.ValidationChanged, _: Break, _flow: Flow, context: Context
) -> Witness | None:
    return _searched(change, context).widened


def binding_lost(change: kinds.HttpChanged, _: Context) -> Iterator[Break]:
    for binding in change.was:
        if not _reaching(binding, change.now):
            yield Break(str(binding), _now(change), promise=Flow.OLD_TO_NEW, hits=_REST)


def binding_altered(change: kinds.HttpChanged, _: Context) -> Iterator[Break]:
    for binding in change.was:
        heirs = _reaching(binding, change.now)
        if heirs and not any(_same(binding, heir) for heir in heirs):
            yield Break(str(binding), str(heirs[0]), promise=Flow.OLD_TO_NEW, hits=_REST)


def _reaching(binding: Binding, now: tuple[Binding, ...]) -> list[Binding]:
    """The new bindings to which a request line of the old one still leads."""
    path = sample_path(binding.path)
    return [b for b in now if b.verb == binding.verb and captured(b.path, path) is not None]


def _same(old: Binding, new: Binding) -> bool:
    """Whether the request still fills the same fields, and the reply has the same form."""
    path = sample_path(old.path)
    bodies = (old.body, old.response_body) == (new.body, new.response_body)
    return bodies and captured(old.path, path) == captured(new.path, path)


def _now(change: kinds.HttpChanged) -> str:
    return change.after


def request_line(
    change: kinds.HttpChanged, broken: Break, _: Flow, _context: Context
) -> Witness | None:
    """A request as an old client sends it."""
    binding = next(b for b in change.was if str(b) == broken.promised)
    path = sample_path(binding.path)
    heirs = _reaching(binding, change.now)
    written = f"{binding.verb} {path}"
    if not heirs:
        return Witness("old", "new", written=written, read="404: no binding of the method matches")
    was, now = captured(binding.path, path), captured(heirs[0].path, path)
    return Witness(
        writer="old",
        reader="new",
        written=f"{written} with body {binding.body or 'none'}, fields {was}",
        read=f"body {heirs[0].body or 'none'}, fields {now}",
    )


RULES: tuple[Rule, ...] = (
    Rule(
        id="VALIDATION_NARROWED",
        on=(kinds.ValidationChanged,),
        check=narrowed,
        says="{subject} accepts less than it did: {promised} became {found}{because}",
        why="Requests that were valid are refused, and stored data no longer validates.",
        fix="Keep the old rule, or refuse in the service with a warning period first.",
        show=show_narrowed,
    ),
    Rule(
        id="VALIDATION_WIDENED",
        on=(kinds.ValidationChanged,),
        check=widened,
        says="{subject} accepts more than it did: {promised} became {found}",
        why="An old server refuses what new clients may send, and old readers are surprised.",
        fix="Deploy servers first, and tell readers who rely on the old rule.",
        show=show_widened,
    ),
    Rule(
        id="HTTP_BINDING_REMOVED",
        on=(kinds.HttpChanged,),
        check=binding_lost,
        says="{subject} is no longer reached by {promised}; it has {found}",
        why="Whoever calls the old URL gets 404.",
        fix="Keep the old binding under additional_bindings.",
        show=request_line,
    ),
    Rule(
        id="HTTP_BINDING_CHANGED",
        on=(kinds.HttpChanged,),
        check=binding_altered,
        says="{subject} reads {promised} otherwise: {found}",
        why="The same request fills other fields, or the reply has another form.",
        fix="Keep the body, response_body and variables, or add another binding.",
        show=request_line,
    ),
)
