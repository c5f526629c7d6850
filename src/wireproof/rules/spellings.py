"""Where generators put code: the file options that say so, with what generators take by default.

As protoc's own generators and swift-protobuf (NamingUtils.typePrefix) read them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from wireproof.schema import languages
from wireproof.schema.elements import EnumType, File, MessageType

_PHP_WORDS = (
    "abstract and array as bool break callable case catch class clone const continue declare "
    "default die do echo else elseif empty enddeclare endfor endforeach endif endswitch endwhile "
    "eval exit extends false final finally float fn for foreach function global goto if implements "
    "include include_once instanceof insteadof int interface isset iterable list match namespace "
    "new null or parent print private protected public readonly require require_once return self "
    "static string switch throw trait true try unset use var void while xor yield"
)
_PHP_RESERVED = frozenset(_PHP_WORDS.split())


def effective(file: File, option: str) -> str | None:
    """The *option* as generators take it, its default included; None for what has none here."""
    options: Any = file.proto.options
    said = getattr(options, option)
    if isinstance(said, bool) and option != "java_multiple_files":
        return str(said).lower()
    if option in _EMPTY_COUNTS and options.HasField(option):
        return _EMPTY_COUNTS[option](said)
    if default := _DEFAULTS.get(option):
        return default(file)
    return (said or "none") if isinstance(said, str) else None


def _php(package: str) -> str:
    r"""`Shop\PBList` of `shop.list`: what is a word of PHP's own gets a prefix."""
    parts = (part for part in package.split(".") if part)
    prefix = "GPB" if package == "google.protobuf" else "PB"
    named = (part[:1].upper() + part[1:] for part in parts)
    return "\\".join(prefix + one if one.lower() in _PHP_RESERVED else one for one in named)


def _ruby(package: str) -> str:
    """`Shop::V1` of `shop.v1`; what has colons is taken as it stands."""
    if "::" in package:
        return package
    return "::".join(_camel(part) for part in package.split("."))


def _swift(package: str) -> str:
    return "".join(f"{_camel(part)}_" for part in package.split(".") if part)


def _camel(text: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in text.split("_"))


def _pascal(package: str) -> str:
    """`Shop.V1Beta1` of `shop.v1beta1`: a letter after anything else is a capital."""
    spelled = re.sub(r"(?<![A-Za-z])[a-z]", lambda found: found.group().upper(), package)
    return spelled.replace("_", "")


def _go_package(said: str) -> str:
    """The import path and the package's name, which is the path's last part unless it is said."""
    path, _, name = said.partition(";")
    own = re.sub(r"\W", "_", path.rpartition("/")[2])
    return f"{path};{name}" if name not in ("", own) else path


def outer_class(file: File) -> str:
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


def java_apart(element: File | MessageType | EnumType) -> bool:
    """Whether Java gets a file of its own for the element, or for what the file declares."""
    nested = languages.NESTING.told(element.features.of(languages.NESTING))
    if nested == "LEGACY":
        return element.file.proto.options.java_multiple_files
    return nested == "NO"


# Said to be nothing is not the same as unsaid: the global namespace, no prefix.
_EMPTY_COUNTS: Mapping[str, Callable[[str], str]] = {
    "php_namespace": lambda said: said or "the global namespace",
    "swift_prefix": lambda said: said or "none",
}
_DEFAULTS: Mapping[str, Callable[[File], str]] = {
    "java_package": lambda file: file.proto.options.java_package or file.package,
    "java_outer_classname": outer_class,
    "java_multiple_files": lambda file: str(java_apart(file)).lower(),
    "csharp_namespace": lambda file: file.proto.options.csharp_namespace or _pascal(file.package),
    "go_package": lambda file: _go_package(file.proto.options.go_package) or "none",
    "php_namespace": lambda file: _php(file.package) or "the global namespace",
    "ruby_package": lambda file: _ruby(file.proto.options.ruby_package or file.package) or "none",
    "swift_prefix": lambda file: _swift(file.package) or "none",
}
