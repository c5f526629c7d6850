"""What `options` under the plugin in buf.yaml may say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wireproof.buf_plugin.rpc import PluginError
from wireproof.errors import UnknownName
from wireproof.finding import Severity, Surface
from wireproof.rules.reach import DEPLOYS, MODES

_SEVERITIES = tuple(str(severity) for severity in Severity)
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "mode": tuple(MODES),
    "deploy": tuple(DEPLOYS),
    "severity": _SEVERITIES,
    "surfaces": ("all", *(str(surface) for surface in Surface)),
}


@dataclass(frozen=True, slots=True)
class Options:
    """How to judge; the defaults are those of `wireproof diff`."""

    mode: str = "rpc"
    deploy: str = "any"
    surfaces: tuple[Surface, ...] | None = None
    severity: Severity = Severity.ERROR
    """Findings below it are left out, except those of rules that never weigh more."""

    def weighs(self, severity: Severity) -> bool:
        """Whether a finding of that severity is told."""
        return _SEVERITIES.index(severity) <= _SEVERITIES.index(self.severity)


def options_of(given: Iterable[Any]) -> Options:
    """The options of a CheckRequest; raises PluginError for a key or value that does not exist."""
    chosen: dict[str, Any] = {}
    for option in given:
        if option.key not in _CHOICES:
            raise _unknown("option", option.key, tuple(_CHOICES))
        words = _words(option.key, option.value)
        if option.key == "surfaces":
            chosen["surfaces"] = tuple(Surface(w) for w in words if w != "all") or tuple(Surface)
        elif len(words) == 1:
            chosen[option.key] = words[0]
        else:
            raise PluginError(f"option {option.key} takes one value, not {len(words)}")
    if "severity" in chosen:
        chosen["severity"] = Severity(chosen["severity"])
    return Options(**chosen)


def _words(key: str, value: Any) -> list[str]:
    """The words of a string (`wire,json`) or of a list of strings, each a known one."""
    kind = value.WhichOneof("type")
    if kind == "list_value":
        return [word for one in value.list_value.values for word in _words(key, one)]
    if kind != "string_value":
        raise PluginError(f"option {key} takes one of {', '.join(_CHOICES[key])}")
    words = [word.strip() for word in value.string_value.split(",") if word.strip()]
    for word in words:
        if word not in _CHOICES[key]:
            raise _unknown(key, word, _CHOICES[key])
    return words


def _unknown(kind: str, name: str, known: tuple[str, ...]) -> PluginError:
    return PluginError(str(UnknownName(kind, name, known)))
