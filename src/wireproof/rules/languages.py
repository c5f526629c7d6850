"""Rules over what only generated code shows: options and features of single languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from wireproof.changes import kinds
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Rule
from wireproof.schema import languages
from wireproof.schema.elements import EnumType, File, MessageType
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
    was, now = _effective(change.old, change), _effective(change.new, change)
    if was != now:
        buf = (LANGUAGE_OPTIONS[change.name],)
        yield Break(f"{change.name} {was}", f"{change.name} {now}", source=True, buf=buf)


def _effective(file: File, change: kinds.OptionChanged) -> str:
    """The option as generators take it, its default included."""
    value = getattr(file.proto.options, change.name)
    if change.name == "java_package":
        return value or file.package
    if change.name == "csharp_namespace":
        return value or _pascal(file.package)
    if change.name == "go_package":
        return _go_package(value) or "none"
    if change.name == "java_outer_classname":
        return _outer_class(file)
    if change.name == "java_multiple_files":
        return str(_apart(file)).lower()
    if isinstance(value, bool):
        return str(value).lower()
    return change.promised if file is change.old else change.found


def _pascal(package: str) -> str:
    """`Shop.V1Beta1` of `shop.v1beta1`: a letter after anything else is a capital."""
    spelled = re.sub(r"(?<![A-Za-z])[a-z]", lambda found: found.group().upper(), package)
    return spelled.replace("_", "")


def _go_package(said: str) -> str:
    """The import path and the package's name, which is the path's last part unless it is said."""
    path, _, name = said.partition(";")
    own = re.sub(r"\W", "_", path.rpartition("/")[2])
    return f"{path};{name}" if name not in ("", own) else path


def _outer_class(file: File) -> str:
    """Java's class for the file itself: since edition 2024 the name that it takes ends in Proto.

    Before, what the file declares under that name, in any place, made it end in OuterClass.
    """
    if file.proto.options.java_outer_classname:
        return file.proto.options.java_outer_classname
    words = PurePosixPath(file.name).stem.replace("-", "_").split("_")
    name = "".join(word[:1].upper() + word[1:] for word in words)
    if not file.features.of(languages.OLD_OUTER_CLASS):
        return f"{name}Proto"
    taken = {one.name for one in file.all_messages()} | {one.name for one in file.all_enums()}
    taken |= {one.name for one in file.services}
    return f"{name}OuterClass" if name in taken else name


def _apart(element: File | MessageType | EnumType) -> bool:
    """Whether Java gets a file of its own for the element, or for what the file declares."""
    nested = languages.NESTING.told(element.features.of(languages.NESTING))
    if nested == "LEGACY":
        return element.file.proto.options.java_multiple_files
    return nested == "NO"


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
        return _apart(old) == _apart(new) or _told_as(change, "java_multiple_files")
    if change.name == languages.OLD_OUTER_CLASS.name:
        return _outer_class(old) == _outer_class(new) or _told_as(change, "java_outer_classname")
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
