"""Rules over what extension ranges declare: which extension may stand under which number.

A number that is declared belongs to one extension, of one name and type (descriptor.proto,
ExtensionRangeOptions); protoc compiles no other there, and none where the number is reserved.
"""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.changes import kinds
from wireproof.changes.declarations import RESERVED, UNDECLARED
from wireproof.finding import Severity
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow, Rule


def declaration_changed(
    change: kinds.ExtensionDeclarationChanged, context: Context
) -> Iterator[Break]:
    promised = f"{change.promised} = {change.number}"
    told = change.found if change.found == UNDECLARED else f"{change.found} = {change.number}"
    if change.promised == RESERVED:
        if change.found != UNDECLARED:  # the number stays as shut as it was
            yield Break(
                promised,
                told,
                wire=Flow.OLD_TO_NEW,
                type_name=change.old.full_name,
                severity=Severity.WARNING,
            )
    elif change.promised != UNDECLARED and not _told_of_itself(change, context):
        yield Break(promised, told, source=True, type_name=change.old.full_name)


def _told_of_itself(change: kinds.ExtensionDeclarationChanged, context: Context) -> bool:
    """Whether the extension stands in these files: then its own change is told."""
    name = change.promised.rpartition(" ")[2]
    index = context.versions.old
    files = (index.file(own) for own in index.schema.own)
    return any(one.full_name == name for file in files for one in file.extensions)


def verification_added(change: kinds.ExtensionVerificationAdded, _: Context) -> Iterator[Break]:
    yield Break(change.promised, change.found, source=True, type_name=change.old.full_name)


RULES: tuple[Rule, ...] = (
    Rule(
        id="EXTENSION_DECLARATION_CHANGED",
        on=(kinds.ExtensionDeclarationChanged,),
        check=declaration_changed,
        says="{subject} declared {promised} and declares {found} now",
        why="The extension that was declared no longer compiles, and another may take its number.",
        fix="Keep the declaration; reserve it once nobody uses the extension any more.",
        unshown="Which extensions compile is in no message.",
    ),
    Rule(
        id="EXTENSION_VERIFICATION_ADDED",
        on=(kinds.ExtensionVerificationAdded,),
        check=verification_added,
        says="{subject} admitted {promised}, and admits {found}",
        why="Extensions that others have put there, and that are not declared, no longer compile.",
        fix="Declare what is in use first, or verify a range of its own.",
        unshown="Which extensions compile is in no message.",
    ),
)
