"""Rules over what only generated code shows: options and features of single languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wireproof.changes import kinds
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Rule
from wireproof.rules.spellings import effective, java_apart, outer_class
from wireproof.schema import languages
from wireproof.schema.elements import File
from wireproof.schema.fields import Field

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
_STRING_TYPE = "FIELD_SAME_CPP_STRING_TYPE"
_WIDE = frozenset({"int64", "uint64", "sint64", "fixed64", "sfixed64"})
_NO_BYTES = "It concerns generated code only."


def language_option(change: kinds.OptionChanged, _: Context) -> Iterator[Break]:
    if not isinstance(change.old, File) or change.name not in LANGUAGE_OPTIONS:
        return
    told = [effective(file, change.name) for file in (change.old, change.new)]
    was, now = (change.promised, change.found) if None in told else told
    if was != now:
        buf = (LANGUAGE_OPTIONS[change.name],)
        yield Break(f"{change.name} {was}", f"{change.name} {now}", source=True, buf=buf)


def field_option(
    change: kinds.OptionChanged | kinds.LanguageFeatureChanged, _: Context
) -> Iterator[Break]:
    if not isinstance(change.old, Field):
        return
    told = f"{change.name} {change.promised}", f"{change.name} {change.found}"
    if isinstance(change, kinds.LanguageFeatureChanged):
        if not _all_there(change):
            yield Break(*told, source=True, buf=(_STRING_TYPE,))
    elif change.name == "jstype" and {change.old.kind, change.new.kind} <= _WIDE:
        yield Break(*told, source=True, buf=("FIELD_SAME_JSTYPE",))


def language_feature(change: kinds.LanguageFeatureChanged, _: Context) -> Iterator[Break]:
    if isinstance(change.old, Field) or _all_there(change):
        return
    buf = (_STRING_TYPE,) if change.name == languages.STRING_TYPE.name else ()
    told = f"{change.name} {change.promised}", f"{change.name} {change.found}"
    yield Break(*told, source=True, buf=buf)


def _all_there(change: kinds.LanguageFeatureChanged) -> bool:
    """Whether generated code still offers all that it did."""
    old, new = change.old, change.new
    if change.name == languages.NESTING.name:
        return java_apart(old) == java_apart(new) or _told_as(change, "java_multiple_files")
    if change.name == languages.OLD_OUTER_CLASS.name:
        return outer_class(old) == outer_class(new) or _told_as(change, "java_outer_classname")
    offers = _OFFERS.get(change.name, {})
    was, now = (offers.get(told, {told}) for told in (change.promised, change.found))
    return was <= now


def _told_as(change: kinds.LanguageFeatureChanged, option: str) -> bool:
    """Whether the file's *option* changed as well, and tells the same."""
    was, now = (getattr(one.proto.options, option, None) for one in (change.old, change.new))
    return isinstance(change.old, File) and was != now


_OFFERS: Mapping[str, Mapping[str, set[str]]] = {
    languages.API_LEVEL.name: {
        "API_OPEN": {"struct fields"},
        "API_HYBRID": {"struct fields", "accessors and builders"},
        "API_OPAQUE": {"accessors and builders"},
    },
    languages.ENUM_PREFIX.name: {
        "KEEP": {"long names"},
        "GENERATE_BOTH": {"long names", "short names"},
        "STRIP": {"short names"},
    },
    # The accessors of a STRING_PIECE are private outside of Google: nobody uses them.
    languages.STRING_TYPE.name: {"STRING_PIECE": set()},
}
"""Feature → its values → what generated code offers under them; by itself, each its own."""


RULES: tuple[Rule, ...] = (
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
        id="LANGUAGE_FEATURE_CHANGED",
        on=(kinds.LanguageFeatureChanged,),
        check=language_feature,
        says="{subject} changed from {promised} to {found}",
        why="Generated code of that language changes its shape, and its users no longer compile.",
        fix="Set the feature to what it was, a new edition's default included.",
        buf=(_STRING_TYPE,),
        unshown=_NO_BYTES,
    ),
    Rule(
        id="FIELD_CODE_OPTION_CHANGED",
        on=(kinds.OptionChanged, kinds.LanguageFeatureChanged),
        check=field_option,
        says="{subject} changed from {promised} to {found}",
        why="Generated code gets another type for the field.",
        fix="Keep the option.",
        buf=("FIELD_SAME_JSTYPE", _STRING_TYPE),
        unshown=_NO_BYTES,
    ),
)
