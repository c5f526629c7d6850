"""Rules over oneofs: their names exist in generated code only."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.changes import kinds
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Rule


def removed(change: kinds.OneofRemoved, _: Context) -> Iterator[Break]:
    names = ", ".join(field.name for field in change.old.fields)
    yield Break(f"oneof of {names}", "removed", source=True)


def renamed(change: kinds.OneofRenamed, _: Context) -> Iterator[Break]:
    yield Break(f"oneof {change.before}", f"oneof {change.after}", source=True)


RULES: tuple[Rule, ...] = (
    Rule(
        id="ONEOF_REMOVED",
        on=(kinds.OneofRemoved,),
        check=removed,
        says="{subject} ({promised}) was removed",
        why="Generated code that asks which field is set no longer compiles.",
        fix="Keep the oneof.",
        buf=("ONEOF_NO_DELETE",),
        unshown="A oneof has no bytes of its own; what happens to its fields is found there.",
    ),
    Rule(
        id="ONEOF_RENAMED",
        on=(kinds.OneofRenamed,),
        check=renamed,
        says="{subject} was renamed: {promised} became {found}",
        why="Generated code goes by the name; bytes and JSON do not.",
        fix="Keep the name.",
        buf=("ONEOF_NO_DELETE", "FIELD_SAME_ONEOF"),
        unshown="A oneof has no bytes of its own.",
    ),
)
