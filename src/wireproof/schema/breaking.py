"""The `breaking` section of buf's configuration: which of buf's rules judge which files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wireproof.schema.linting import ours

_CATEGORIES = """
FILE: EXTENSION_NO_DELETE SERVICE_NO_DELETE
CSR,FILE: ENUM_NO_DELETE FILE_NO_DELETE MESSAGE_NO_DELETE
FILE,PACKAGE: ENUM_SAME_TYPE FIELD_SAME_CARDINALITY FIELD_SAME_CPP_STRING_TYPE
  FIELD_SAME_JAVA_UTF8_VALIDATION FIELD_SAME_JSTYPE FIELD_SAME_UTF8_VALIDATION
  FILE_SAME_CC_ENABLE_ARENAS FILE_SAME_CC_GENERIC_SERVICES FILE_SAME_CSHARP_NAMESPACE
  FILE_SAME_GO_PACKAGE FILE_SAME_JAVA_GENERIC_SERVICES FILE_SAME_JAVA_MULTIPLE_FILES
  FILE_SAME_JAVA_OUTER_CLASSNAME FILE_SAME_JAVA_PACKAGE FILE_SAME_OBJC_CLASS_PREFIX
  FILE_SAME_OPTIMIZE_FOR FILE_SAME_PHP_CLASS_PREFIX FILE_SAME_PHP_METADATA_NAMESPACE
  FILE_SAME_PHP_NAMESPACE FILE_SAME_PY_GENERIC_SERVICES FILE_SAME_RUBY_PACKAGE
  FILE_SAME_SWIFT_PREFIX RPC_NO_DELETE
CSR,FILE,PACKAGE: ENUM_VALUE_NO_DELETE EXTENSION_MESSAGE_NO_DELETE FIELD_NO_DELETE FIELD_SAME_TYPE
  FILE_SAME_SYNTAX MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR ONEOF_NO_DELETE
CSR,FILE,PACKAGE,WIRE_JSON: ENUM_SAME_JSON_FORMAT ENUM_VALUE_SAME_NAME FIELD_SAME_JSON_NAME
  FIELD_SAME_NAME MESSAGE_SAME_JSON_FORMAT
CSR,FILE,PACKAGE,WIRE,WIRE_JSON: FIELD_SAME_DEFAULT FIELD_SAME_ONEOF FILE_SAME_PACKAGE
  MESSAGE_SAME_REQUIRED_FIELDS RESERVED_ENUM_NO_DELETE RESERVED_MESSAGE_NO_DELETE
  RPC_SAME_CLIENT_STREAMING RPC_SAME_IDEMPOTENCY_LEVEL RPC_SAME_REQUEST_TYPE
  RPC_SAME_RESPONSE_TYPE RPC_SAME_SERVER_STREAMING
PACKAGE: PACKAGE_ENUM_NO_DELETE PACKAGE_EXTENSION_NO_DELETE PACKAGE_MESSAGE_NO_DELETE
  PACKAGE_NO_DELETE PACKAGE_SERVICE_NO_DELETE
CSR,WIRE_JSON: ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED FIELD_NO_DELETE_UNLESS_NAME_RESERVED
  FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY FIELD_WIRE_JSON_COMPATIBLE_TYPE
CSR,WIRE,WIRE_JSON: ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED
  FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED
WIRE: FIELD_WIRE_COMPATIBLE_CARDINALITY FIELD_WIRE_COMPATIBLE_TYPE
"""


def _rules() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    categories: frozenset[str] = frozenset()
    for word in _CATEGORIES.split():
        if word.endswith(":"):
            categories = frozenset(word[:-1].split(","))
        else:
            found[word] = categories
    return found


RULES: Mapping[str, frozenset[str]] = _rules()
"""Each of buf's rules → its categories (`buf config ls-breaking-rules`, buf 1.75)."""


def expand(names: tuple[str, ...]) -> frozenset[str]:
    """The rules that *names*, rules and categories alike, stand for."""
    return frozenset(
        rule for name in names for rule in ({r for r, of in RULES.items() if name in of} or {name})
    )


@dataclass(frozen=True, slots=True)
class BreakingConfig:
    """What one module says of breaking changes; paths count from its workspace."""

    use: tuple[str, ...] = ("FILE",)
    excepted: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    ignore_only: tuple[tuple[str, tuple[str, ...]], ...] = ()
    ignore_unstable: bool = False

    @property
    def rules(self) -> frozenset[str]:
        """The rules that judge the module."""
        return expand(self.use) - expand(self.excepted)

    def judges(self, rule: str, path: str, package: str) -> bool:
        """Whether *rule* has a say in the file at *path* (from the workspace) of *package*."""
        if rule not in self.rules or any(_under(path, one) for one in self.ignore):
            return False
        if self.ignore_unstable and _unstable(package):
            return False
        return not any(
            rule in expand((names,)) and any(_under(path, one) for one in paths)
            for names, paths in self.ignore_only
        )


DEFAULT = BreakingConfig()


def breaking_config(section: Mapping[str, Any] | None, at: str = "") -> BreakingConfig | None:
    """A `breaking` section as a value; its paths count from *at*. None where there is none.

    Names of our own rules, which buf knows by our plugin, are left out: we judge anyway.
    """
    if not section:
        return None
    only = section.get("ignore_only") or {}
    return BreakingConfig(
        use=tuple(name for name in section.get("use") or () if not ours(name)) or ("FILE",),
        excepted=tuple(section.get("except") or ()),
        ignore=tuple(_at(at, path) for path in section.get("ignore") or ()),
        ignore_only=tuple((rule, tuple(_at(at, p) for p in paths)) for rule, paths in only.items()),
        ignore_unstable=bool(section.get("ignore_unstable_packages")),
    )


def _at(at: str, path: str) -> str:
    parts = [part for part in f"{at}/{path}".split("/") if part not in ("", ".")]
    return "/".join(parts)


def _under(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def _unstable(package: str) -> bool:
    """As buf has it: the last component is v1alpha1, v1beta1, v1p1beta1, v1test and the like."""
    last = package.rpartition(".")[2]
    digits = last[1:].lstrip("0123456789")
    return last[:1] == "v" and last[1:2].isdigit() and digits.startswith(_UNSTABLE)


_UNSTABLE = ("alpha", "beta", "test", "p")
