"""The `lint` section of buf's configuration, as buf takes it for a module's image."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

OURS = "wireproof-buf-plugin"
"""Our own rules are run by ourselves, also where buf.yaml has buf run them."""
_PREFIX = "WIREPROOF"


@dataclass(frozen=True, slots=True)
class LintConfig:
    """What one module says of lint; without a section buf's standard rules apply."""

    version: str = "v2"
    section: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""
    """The module, where paths in the section count from its workspace (v2); empty for v1."""
    plugins: tuple[Any, ...] = ()

    @property
    def silent(self) -> bool:
        """Whether the whole module is left out."""
        return any(self._inside(path) == "" for path in self.section.get("ignore") or ())

    def document(self) -> dict[str, Any]:
        """A buf.yaml for the module's image, in which paths count from the module."""
        section = dict(self.section)
        section["ignore"] = self._paths(section.get("ignore") or ())
        only = section.get("ignore_only") or {}
        section["ignore_only"] = {
            rule: self._paths(paths) for rule, paths in only.items() if not ours(rule)
        }
        for key in ("use", "except"):
            if key in section:
                section[key] = [name for name in section[key] or () if not ours(name)]
        document: dict[str, Any] = {"version": self.version, "lint": section}
        return document | ({"plugins": list(self.plugins)} if self.plugins else {})

    def _paths(self, paths: Iterable[str]) -> list[str]:
        return [inside for path in paths if (inside := self._inside(path))]

    def _inside(self, path: str) -> str | None:
        """*path* from the module; empty where it is all of it, None where it lies outside."""
        parts = [part for part in str(path).split("/") if part not in ("", ".")]
        home = [part for part in self.at.split("/") if part not in ("", ".")]
        return "/".join(parts[len(home) :]) if parts[: len(home)] == home else None


def ours(name: str) -> bool:
    """Whether buf knows a rule or category only by our plugin."""
    return str(name).startswith(_PREFIX)


def lint_config(
    config: Mapping[str, Any], section: Mapping[str, Any] | None, at: str = ""
) -> LintConfig:
    """The *section* of a buf.yaml (its whole is *config*) for the module *at*."""
    version = str(config.get("version") or "v1")
    plugins = config.get("plugins") or () if version == "v2" else ()
    theirs = tuple(p for p in plugins if OURS not in str(p.get("plugin")))
    return LintConfig(version, dict(section or {}), at if version == "v2" else "", theirs)
