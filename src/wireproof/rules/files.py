"""Rules over files: removed, package, language options, public imports."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.changes import kinds
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.schema.elements import File
from wireproof.schema.fields import Field

# What a language option means where it is not set, as protoc's generators have it.
_DEFAULT_TRUE = frozenset({"cc_enable_arenas"})
LANGUAGE_OPTIONS = {
    name: f"FILE_SAME_{name.upper()}"
    for name in (
        "cc_enable_arenas",
        "cc_generic_services",
        "csharp_namespace",
        "go_package",
        "java_generic_services",
        "java_multiple_files",
        "java_outer_classname",
        "java_package",
        "objc_class_prefix",
        "optimize_for",
        "php_class_prefix",
        "php_metadata_namespace",
        "php_namespace",
        "py_generic_services",
        "ruby_package",
        "swift_prefix",
    )
}
_FIELD_OPTIONS = {"jstype": "FIELD_SAME_JSTYPE", "ctype": "FIELD_SAME_CPP_STRING_TYPE"}


def removed(change: kinds.FileRemoved, _: Context) -> Iterator[Break]:
    yield Break(change.old.name, "removed", source=True)


def package_changed(change: kinds.PackageChanged, _: Context) -> Iterator[Break]:
    yield Break(
        promised=f"package {change.before}",
        found=f"package {change.after}",
        rpc=Flow.BOTH if change.old.services else Flow.NONE,
        source=True,
    )


def language_option(change: kinds.OptionChanged, _: Context) -> Iterator[Break]:
    if not isinstance(change.old, File) or change.name not in LANGUAGE_OPTIONS:
        return
    was, now = _effective(change.old, change), _effective(change.new, change)
    if was != now:
        buf = (LANGUAGE_OPTIONS[change.name],)
        yield Break(f"{change.name} {was}", f"{change.name} {now}", source=True, buf=buf)


def _effective(file: File, change: kinds.OptionChanged) -> str:
    """The option as generators take it, its default included."""
    value = getattr(file.proto.options, change.name)
    if change.name == "java_package":
        return value or file.package
    if change.name == "csharp_namespace" and not value:
        return ".".join(part[:1].upper() + part[1:] for part in file.package.split("."))
    if isinstance(value, bool):
        return str(value).lower()
    return change.promised if file is change.old else change.found


def field_option(change: kinds.OptionChanged, _: Context) -> Iterator[Break]:
    if isinstance(change.old, Field) and change.name in _FIELD_OPTIONS:
        yield Break(
            f"{change.name} {change.promised}", f"{change.name} {change.found}", source=True
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
        id="LANGUAGE_OPTION_CHANGED",
        on=(kinds.OptionChanged,),
        check=language_option,
        says="{subject} changed from {promised} to {found}",
        why="Generated code moves or changes its shape, and its users no longer compile.",
        fix="Keep the option.",
        buf=tuple(LANGUAGE_OPTIONS.values()),
        unshown=_NO_BYTES,
    ),
    Rule(
        id="FIELD_CODE_OPTION_CHANGED",
        on=(kinds.OptionChanged,),
        check=field_option,
        says="{subject} changed from {promised} to {found}",
        why="Generated code gets another type for the field.",
        fix="Keep the option.",
        buf=tuple(_FIELD_OPTIONS.values()),
        unshown=_NO_BYTES,
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
