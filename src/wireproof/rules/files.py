"""Rules over files: removed, package, public imports."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.changes import kinds
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow, Rule


def removed(change: kinds.FileRemoved, _: Context) -> Iterator[Break]:
    yield Break(change.old.name, "removed", source=True)


def package_changed(change: kinds.PackageChanged, _: Context) -> Iterator[Break]:
    yield Break(
        promised=f"package {change.before}",
        found=f"package {change.after}",
        rpc=Flow.BOTH if change.old.services else Flow.NONE,
        source=True,
    )


def public_import(change: kinds.PublicImportRemoved, _: Context) -> Iterator[Break]:
    yield Break(f"public import of {change.promised}", "removed", source=True)


_NO_BYTES = "It concerns generated code only."

RULES: tuple[Rule, ...] = (
    Rule(
        id="FILE_REMOVED",
        on=(kinds.FileRemoved,),
        check=removed,
        says="{subject} was removed",
        why="Whoever imports the file no longer compiles.",
        fix="Keep the file; it may import the new ones publicly.",
        buf=("FILE_NO_DELETE",),
        unshown=_NO_BYTES,
    ),
    Rule(
        id="PACKAGE_CHANGED",
        on=(kinds.PackageChanged,),
        check=package_changed,
        says="{subject} changed from {promised} to {found}",
        why="Every full name in the file changes, and with them the paths of its RPCs.",
        fix="Keep the package, and put a new version into a new file.",
        buf=("FILE_SAME_PACKAGE", "PACKAGE_NO_DELETE"),
        unshown="Names are in no message; the path of a call shows it.",
    ),
    Rule(
        id="PUBLIC_IMPORT_REMOVED",
        on=(kinds.PublicImportRemoved,),
        check=public_import,
        says="{subject} dropped its {promised}",
        why="Files that reached those types through this one no longer compile.",
        fix="Keep the public import.",
        unshown=_NO_BYTES,
    ),
)
