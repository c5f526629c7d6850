"""What a type that takes another's place refuses of what the other's rules let through."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.changes.change import Change
from wireproof.finding import Witness
from wireproof.rules.context import Context
from wireproof.rules.promises import RULES
from wireproof.rules.rule import Flow, Rule
from wireproof.schema.elements import MessageType


def refused_of(old: str, new: str, role: str, context: Context) -> tuple[str, Witness | None]:
    """What the new version's type *new* refuses though the old one's *old* accepts it, and shown.

    Empty where nothing is refused, where nobody who has the *role* of that type judges it, and
    where both are one type: then its own changes are told.
    """
    judged = context.role(role)
    if context.versions.new_name(old) == new or not (judged.request or judged.stored):
        return "", None
    for change in context.structure.inside(old, new):
        for rule in rules_for(change):
            for broken in rule.check(change, context):
                whole = isinstance(change.element, MessageType)
                because = f"{'it' if whole else change.element.name} accepts less: {broken.found}"
                shown = rule.show and rule.show(change, broken, Flow.OLD_TO_NEW, context)
                return because, shown or None
    return "", None


def rules_for(change: Change) -> Iterator[Rule]:
    """The rules that tell of what is refused from now on."""
    return (r for r in RULES if type(change) in r.on and r.id != "VALIDATION_WIDENED")
