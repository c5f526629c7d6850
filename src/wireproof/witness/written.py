"""Typed rules written as CEL, so that a rule and an expression that say the same are known to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from wireproof.schema.constraints import FieldConstraints, comparable
from wireproof.witness.words import REGULAR

_BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "const": "=="}
_SIZES = {
    "len": "==",
    **dict.fromkeys(("min_len", "min_items", "min_pairs"), ">="),
    **dict.fromkeys(("max_len", "max_items", "max_pairs"), "<="),
}
_OCTETS = {"len_bytes": "==", "min_bytes": ">=", "max_bytes": "<="}
_TEXTS = {
    "prefix": "this.startsWith({})",
    "suffix": "this.endsWith({})",
    "contains": "this.contains({})",
    "not_contains": "!this.contains({})",
    "pattern": "this.matches({})",
}
_ASKED = {
    "lt_now": "this < now",
    "gt_now": "this > now",
    **{name: f"this.matches({json.dumps(pattern)})" for name, pattern in REGULAR.items()},
    "unique": "this.unique()",
    "email": "this.isEmail()",
    "hostname": "this.isHostname()",
    "ip": "this.isIp()",
    "ipv4": "this.isIp(4)",
    "ipv6": "this.isIp(6)",
    "uri": "this.isUri()",
    "uri_ref": "this.isUriRef()",
    "ip_prefix": "this.isIpPrefix(true)",
    "ipv4_prefix": "this.isIpPrefix(4, true)",
    "ipv6_prefix": "this.isIpPrefix(6, true)",
    "ip_with_prefixlen": "this.isIpPrefix()",
    "ipv4_with_prefixlen": "this.isIpPrefix(4)",
    "ipv6_with_prefixlen": "this.isIpPrefix(6)",
    "host_and_port": "this.isHostAndPort(true)",
}
_UPPER, _LOWER = ("lt", "lte"), ("gt", "gte")
_SILENT = frozenset({"example", "items", "keys", "values"})
"""What asks nothing of the value itself."""
_NUMBERS = frozenset(
    {"int32", "int64", "sint32", "sint64", "sfixed32", "sfixed64", "enum", "float", "double"}
)
_TEXTUAL = frozenset({"string", "repeated", "map"})
"""Kinds whose sizes CEL counts as the rules do, and whose formats are functions of CEL."""


def as_cel(rules: FieldConstraints) -> frozenset[str] | None:
    """The typed rules of one value as expressions; None where one of them cannot be said so."""
    try:
        return frozenset(_expressions(rules))
    except LookupError:
        return None


def _expressions(rules: FieldConstraints) -> Iterator[str]:
    stated = {name: rules.rule(name) for name in rules.names() if name not in _SILENT}
    upper, lower = ([stated[n] for n in stated if n in side] for side in (_UPPER, _LOWER))
    if upper and lower and comparable(upper[0]) <= comparable(lower[0]):
        raise LookupError("a range may wrap around, and is a choice of two then")
    for name, value in stated.items():
        if value is not False:
            yield _expression(name, value, rules.kind)


def _expression(name: str, value: Any, kind: str) -> str:
    if name in ("in", "not_in"):
        found = f"this in [{', '.join(_literal(one, kind) for one in value)}]"
        return found if name == "in" else f"!({found})"
    if name in _BOUNDS:
        return f"this {_BOUNDS[name]} {_literal(value, kind)}"
    if kind in ("timestamp", "duration"):
        return _ASKED[name]
    if name in _SIZES and kind in {*_TEXTUAL, "bytes"}:
        return f"size(this) {_SIZES[name]} {value}"
    if kind not in _TEXTUAL:
        raise LookupError(name)
    if name in _OCTETS:
        return f"size(bytes(this)) {_OCTETS[name]} {value}"
    return _TEXTS[name].format(_literal(value, kind)) if name in _TEXTS else _ASKED[name]


def _literal(value: Any, kind: str) -> str:
    if kind in ("string", "bool"):
        return json.dumps(value)
    if kind.startswith(("uint", "fixed")):
        return f"{value}u"
    if kind in _NUMBERS:
        return str(value)
    if kind in ("timestamp", "duration"):
        return f'{kind}("{value.ToJsonString()}")'
    raise LookupError(kind)
