"""Rules over predefined validation rules: what a definition asks of the fields that use it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from google.protobuf.message import Message

from wireproof.changes import kinds
from wireproof.changes.options import VALIDATION, option
from wireproof.finding import Breaks, Severity, Witness
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.schema.fields import Field

if TYPE_CHECKING:  # heavy: imported by whoever asks for it
    from wireproof.witness.trials import Trials
    from wireproof.witness.validation import Search

PREDEFINED = 1160
"""Extension number of `buf.validate.predefined`."""
USERS = 25
"""How many fields that use a rule are searched."""


class Use(NamedTuple):
    """A field that uses the rule, and what a search for a value of it came to."""

    field: Field
    search: Search


def narrowed(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    uses = _uses(change, context)
    shown = next((use for use in uses if use.search.narrowed), None)
    found = shown or next((use for use in uses if use.search.undecided), None)
    if found is None:
        return
    role = context.role(found.field.holder)
    judged = role.request or role.stored
    yield Break(
        promised=change.promised,
        found=change.found,
        because=f", by {found.field.full_name}{'' if shown else f'; {found.search.words}'}",
        promise=Flow.OLD_TO_NEW,
        type_name=found.field.holder,
        spared=frozenset({Breaks.NEW_CLIENT}) if judged else frozenset(),
        severity=None if judged else Severity.WARNING,
    )


def widened(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    for use in _uses(change, context):
        if use.search.widened:
            yield Break(
                promised=change.promised,
                found=change.found,
                because=f", by {use.field.full_name}",
                promise=Flow.NEW_TO_OLD,
                type_name=use.field.holder,
                severity=Severity.ERROR if context.role(use.field.holder).promised else None,
            )
            return


def _uses(change: kinds.CustomOptionChanged, context: Context) -> tuple[Use, ...]:
    if change.number != PREDEFINED or not isinstance(change.old, Field):
        return ()
    found: tuple[Use, ...] = context.trials.once(change, _searched)
    return found


def _searched(change: kinds.CustomOptionChanged, trials: Trials) -> tuple[Use, ...]:
    from wireproof.witness.trials import Trials
    from wireproof.witness.validation import of_field

    versions = trials.versions
    pairs = []
    for field in islice(_users(change.old, trials), USERS):
        heir = versions.new.message(versions.new_name(field.holder))
        same = heir.by_number.get(field.number) if heir else None
        if same is not None:
            pairs.append((field, same))
    wider = Trials(versions, {one.file.name for pair in pairs for one in pair})
    return tuple(Use(old, of_field(old, new, wider)) for old, new in pairs)


def _users(extension: Field, trials: Trials) -> Iterator[Field]:
    versions = trials.versions
    for name in sorted(versions.old.schema.own):
        for message in versions.old.file(name).all_messages():
            for field in message.fields:
                if field.proto.HasField("options") and _used(field, extension, trials):
                    yield field


def _used(field: Field, extension: Field, trials: Trials) -> bool:
    rules = (option(field, number, trials.versions.old_pool) for number in VALIDATION)
    return any(_holds(one, extension.full_name) for one in rules if isinstance(one, Message))


def _holds(rules: Any, name: str) -> bool:
    return any(
        field.full_name == name
        or (isinstance(value, Message) and field.message_type and _holds(value, name))
        for field, value in rules.ListFields()
    )


def show_narrowed(
    change: kinds.CustomOptionChanged, _: Break, _flow: Flow, context: Context
) -> Witness | None:
    return next((u.search.narrowed for u in _uses(change, context) if u.search.narrowed), None)


def show_widened(
    change: kinds.CustomOptionChanged, _: Break, _flow: Flow, context: Context
) -> Witness | None:
    return next((u.search.widened for u in _uses(change, context) if u.search.widened), None)


RULES: tuple[Rule, ...] = (
    Rule(
        id="PREDEFINED_RULE_NARROWED",
        on=(kinds.CustomOptionChanged,),
        check=narrowed,
        says="{subject} accepts less than it did{because}: {promised} became {found}",
        why="Every field that uses the rule refuses values that were valid.",
        fix="Define another rule, and let fields change to it one by one.",
        show=show_narrowed,
    ),
    Rule(
        id="PREDEFINED_RULE_WIDENED",
        on=(kinds.CustomOptionChanged,),
        check=widened,
        says="{subject} accepts more than it did{because}: {promised} became {found}",
        why="An old server refuses what new clients may send, and old readers are surprised.",
        fix="Deploy servers first, and tell readers who rely on the old rule.",
        show=show_widened,
    ),
)
