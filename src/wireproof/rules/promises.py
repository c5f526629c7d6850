"""Rules over what annotations promise of values: validation, protovalidate's and PGV's alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.changes import kinds
from wireproof.changes.change import Change
from wireproof.changes.option_words import NONE, apart
from wireproof.changes.options import VALIDATION, option
from wireproof.finding import Breaks, Severity, Witness
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.rules.within import told_by_holders
from wireproof.schema.elements import MessageType, Oneof
from wireproof.schema.fields import Field
from wireproof.schema.roles import Role

if TYPE_CHECKING:  # heavy: imported by whoever asks for it
    from wireproof.witness.trials import Trials
    from wireproof.witness.validation import Search

_Asking = kinds.FieldAdded | kinds.OneofAdded


def narrowed(change: kinds.ValidationChanged, context: Context) -> Iterator[Break]:
    found = _searched(change, context)
    if (found.narrowed or found.undecided) and not _told_elsewhere(change, context):
        because = "" if found.narrowed else f"; {found.words}"
        yield _narrowing(change.promised, change.found, because, _holder(change), change, context)


def _narrowing(
    promised: str, found: str, because: str, holder: str, change: Change, context: Context
) -> Break:
    judged = _judged(context.role(holder))
    pledged = context.pledged(change.element)
    return Break(
        promised=promised,
        found=found,
        promise=Flow.OLD_TO_NEW,
        because=because,
        type_name=holder,
        spared=frozenset({Breaks.NEW_CLIENT}) if judged and not pledged else frozenset(),
        severity=None if judged or pledged else Severity.WARNING,
    )


def _judged(role: Role) -> bool:
    """Whether somebody validates it: servers do with requests, and readers with what they stored;
    replies are rarely validated.
    """
    return role.request or role.stored


def widened(change: kinds.ValidationChanged, context: Context) -> Iterator[Break]:
    if _searched(change, context).widened and not _told_elsewhere(change, context):
        holder = _holder(change)
        role = context.role(holder)
        promised_to_readers = role.promised or (context.pledged(change.element) and role.response)
        yield Break(
            promised=change.promised,
            found=change.found,
            promise=Flow.NEW_TO_OLD,
            type_name=holder,
            severity=Severity.ERROR if promised_to_readers else None,
        )


def _told_elsewhere(change: kinds.ValidationChanged, context: Context) -> bool:
    old, new = change.old, change.new
    messages = isinstance(old, MessageType) and isinstance(new, MessageType)
    return messages and told_by_holders(old, new, context)


def asked_for(change: _Asking, context: Context) -> Iterator[Break]:
    """A new field or oneof without which messages are refused from now on."""
    if _told(change, context) != NONE and context.trials.once(change, _refused):
        yield _narrowing(
            "may be left out", _told(change, context), "", _old_name(change), change, context
        )


def _refused(change: _Asking, trials: Trials) -> Witness | None:
    from wireproof.witness.validation import about_field, about_oneof, refused

    new = change.new
    if isinstance(new, Oneof):
        return refused(_old_name(change), new.message.full_name, about_oneof(new.name), trials)
    if new.is_extension:
        return None  # no validator looks at the rules of an extension
    return refused(_old_name(change), new.holder, about_field(new.number), trials)


def _old_name(change: _Asking) -> str:
    if isinstance(change, kinds.OneofAdded):
        return change.new.message.full_name
    return change.message.full_name if change.message else change.new.holder


def _told(change: _Asking, context: Context) -> str:
    if not change.new.proto.HasField("options"):
        return NONE
    pools = context.versions.new_pool, context.versions.new_pool
    found = (option(change.new, number, pools[1]) for number in VALIDATION)
    rules = next((one for one in found if one is not None), None)
    return apart(None, rules, pools)[1]


def _searched(change: kinds.ValidationChanged, context: Context) -> Search:
    from wireproof.witness.validation import search

    found: Search = context.trials.once(change, search)
    return found


def _holder(change: kinds.ValidationChanged) -> str:
    old = change.old
    if isinstance(old, Field):
        return old.holder
    message: MessageType = getattr(old, "message", old)
    return message.full_name


def show_narrowed(
    change: kinds.ValidationChanged, _: Break, _flow: Flow, context: Context
) -> Witness | None:
    return _searched(change, context).narrowed


def show_widened(
    change: kinds.ValidationChanged, _: Break, _flow: Flow, context: Context
) -> Witness | None:
    return _searched(change, context).widened


def show_asked_for(change: _Asking, _: Break, _flow: Flow, context: Context) -> Witness | None:
    found: Witness | None = context.trials.once(change, _refused)
    return found


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
        id="VALIDATION_ASKS_FOR_NEW",
        on=(kinds.FieldAdded, kinds.OneofAdded),
        check=asked_for,
        says="{subject} is new, and messages without it are refused: {found}",
        why="Old clients do not know the field, so everything that they send is refused.",
        fix="Let the rules pass what is unset (`optional`, or `ignore: IGNORE_IF_ZERO_VALUE`).",
        show=show_asked_for,
    ),
)
