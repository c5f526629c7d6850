"""Validation rules of buf.validate as keywords of JSON Schema.

What JSON Schema cannot say exactly (rules on bytes of UTF-8, CEL, RE2 beyond ECMA 262) is left to
the description: a document must never refuse what the server takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from wireproof.openapi.numbers import integer
from wireproof.schema.constraints import FieldConstraints, comparable, formats_of

Shape = dict[str, Any]

_FORMATS = {
    "email": "email",
    "hostname": "hostname",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "uri": "uri",
    "uri_ref": "uri-reference",
    "uuid": "uuid",
}
_TUUID = "^[0-9a-fA-F]{32}$"
_PARTS = {
    "prefix": "^{}",
    "suffix": "{}$",
    "contains": "{}",
    "not_contains": r"^(?![\s\S]*{})",
}
# RE2 that ECMA 262 does not have, or reads differently: flags, named groups, classes of POSIX.
_ONLY_RE2 = re.compile(r"\(\?[^:]|\\[AzQECpPx]|\[\[:|\\a")

_INTEGERS = {
    "int32": "int32",
    "sint32": "int32",
    "sfixed32": "int32",
    "uint32": "uint32",
    "fixed32": "uint32",
    "int64": "int64",
    "sint64": "int64",
    "sfixed64": "int64",
    "uint64": "uint64",
    "fixed64": "uint64",
}


def ruled(shape: Shape, rules: FieldConstraints) -> Shape:
    """*shape*, held to the rules of its own value; items and entries have theirs already."""
    kind = rules.kind
    if kind in _INTEGERS:
        return _integers(shape, rules, _INTEGERS[kind])
    apply = _BY_KIND.get(kind)
    return {**shape, **apply(rules)} if apply else shape


def unsaid(rules: FieldConstraints) -> list[str]:
    """Sentences for the rules that the schema does not show."""
    said = [f"Rule {cel.id}: {cel.message or cel.expression}" for cel in rules.all_cel()]
    pattern = rules.rule("pattern") if rules.kind in ("string", "bytes") else None
    if pattern is not None and (rules.kind == "bytes" or not portable(pattern)):
        said.append(f"Matches the RE2 pattern {pattern}")
    silent = _SILENT.get(rules.kind, ())
    said += [f"Rule {rules.kind}.{name}: {_shown(rules.rule(name))}" for name in silent
             if rules.rule(name) not in (None, False)]  # fmt: skip
    others = formats_of(rules) - _FORMATS.keys() - {"tuuid", "ip"}
    said += [f"Format: {name}" for name in sorted(others) if rules.rule(name)]
    return said


def portable(pattern: str) -> bool:
    """Whether a pattern of RE2 means the same to JSON Schema."""
    return not _ONLY_RE2.search(pattern)


def _string(rules: FieldConstraints) -> Shape:
    found = _renamed(rules, {"min_len": "minLength", "max_len": "maxLength", "const": "const"})
    if (length := rules.rule("len")) is not None:
        found |= {"minLength": length, "maxLength": length}
    if chosen := rules.rule("in"):
        found["enum"] = [*chosen]
    for name, format_ in _FORMATS.items():
        if rules.rule(name):
            found["format"] = format_
    if rules.rule("ip"):
        found["anyOf"] = [{"format": "ipv4"}, {"format": "ipv6"}]
    patterns = [*_patterns(rules)]
    if len(patterns) == 1:
        found["pattern"] = patterns[0]
    elif patterns:
        found["allOf"] = [{"pattern": pattern} for pattern in patterns]
    if banned := rules.rule("not_in"):
        found["not"] = {"enum": [*banned]}
    return found


def _patterns(rules: FieldConstraints) -> list[str]:
    found = []
    if (pattern := rules.rule("pattern")) is not None and portable(pattern):
        found.append(pattern)
    if rules.rule("tuuid"):
        found.append(_TUUID)
    for name, form in _PARTS.items():
        if (part := rules.rule(name)) is not None:
            found.append(form.format(escaped(part)))
    return found


def escaped(text: str) -> str:
    """A literal text in a pattern of ECMA 262."""
    return re.sub(r"([\\^$.*+?()\[\]{}|/])", r"\\\1", text)


def _bytes(rules: FieldConstraints) -> Shape:
    """Lengths of base64: every 3 bytes make 4 characters, padding is optional on input."""
    shortest, longest = rules.rule("min_len"), rules.rule("max_len")
    if (length := rules.rule("len")) is not None:
        shortest = longest = length
    found: Shape = {}
    if shortest:
        found["minLength"] = -(-shortest * 8 // 6)
    if longest is not None:
        found["maxLength"] = -(-longest // 3) * 4
    return found


def _integers(shape: Shape, rules: FieldConstraints, kind: str) -> Shape:
    low, high = _bounds(rules)
    if low is not None and high is not None and low > high:  # outside of a range
        return {"anyOf": [integer(kind, None, high), integer(kind, low, None)]}
    found = {**shape, **integer(kind, low, high)}
    if (const := rules.rule("const")) is not None:
        return {**found, "enum": _numbers([const], kind)}
    if chosen := rules.rule("in"):
        found["enum"] = _numbers(chosen, kind)
    if banned := rules.rule("not_in"):
        found["not"] = {"enum": _numbers(banned, kind)}
    return found


def _numbers(values: Any, kind: str) -> list[Any]:
    texts = [str(value) for value in values] if kind.endswith("64") else []
    return [*texts, *values]


def _bounds(rules: FieldConstraints) -> tuple[int | None, int | None]:
    """The least and the greatest number allowed; the first is the greater outside of a range."""
    low, high = rules.rule("gte"), rules.rule("lte")
    low = rules.rule("gt") + 1 if rules.rule("gt") is not None else low
    high = rules.rule("lt") - 1 if rules.rule("lt") is not None else high
    return low, high


def _floats(rules: FieldConstraints) -> Shape:
    names = {"gt": "exclusiveMinimum", "gte": "minimum", "lt": "exclusiveMaximum", "lte": "maximum"}
    bounds = _renamed(rules, names)
    low, high = rules.rule("gt", rules.rule("gte")), rules.rule("lt", rules.rule("lte"))
    number: Shape = {"type": "number", **bounds}
    outside = low is not None and high is not None and low >= high  # of a range
    if outside:
        number = {"type": "number", "anyOf": [{name: at} for name, at in bounds.items()]}
    if (const := rules.rule("const")) is not None:
        number["const"] = const
    if chosen := rules.rule("in"):
        number["enum"] = [*chosen]
    exact = const is not None or bool(chosen)
    ends = {"NaN": low is high is None, "Infinity": high is None or outside}
    ends["-Infinity"] = low is None or outside
    texts = [] if exact or rules.rule("finite") else [name for name, open_ in ends.items() if open_]
    return {"anyOf": [number, {"type": "string", "enum": texts}] if texts else [number]}


def _bool(rules: FieldConstraints) -> Shape:
    return _renamed(rules, {"const": "const"})


def _repeated(rules: FieldConstraints) -> Shape:
    found = _renamed(rules, {"min_items": "minItems", "max_items": "maxItems"})
    return found | ({"uniqueItems": True} if rules.rule("unique") else {})


def _map(rules: FieldConstraints) -> Shape:
    return _renamed(rules, {"min_pairs": "minProperties", "max_pairs": "maxProperties"})


def _renamed(rules: FieldConstraints, names: Mapping[str, str]) -> Shape:
    found = {keyword: rules.rule(name) for name, keyword in names.items()}
    return {keyword: value for keyword, value in found.items() if value is not None}


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    return f"{comparable(value) / 1e9:g} s" if hasattr(value, "seconds") else str(value)


_BY_KIND: Mapping[str, Callable[[FieldConstraints], Shape]] = {
    "string": _string,
    "bytes": _bytes,
    "float": _floats,
    "double": _floats,
    "bool": _bool,
    "repeated": _repeated,
    "map": _map,
}

_TIMES = ("const", "lt", "lte", "gt", "gte", "lt_now", "gt_now", "within")
_SILENT: Mapping[str, tuple[str, ...]] = {
    "string": ("min_bytes", "max_bytes", "len_bytes", "well_known_regex"),
    "bytes": ("prefix", "suffix", "contains", "const", "in", "not_in"),
    "float": ("not_in",),
    "double": ("not_in",),
    "duration": (*_TIMES, "in", "not_in"),
    "timestamp": _TIMES,
    "any": ("in", "not_in"),
    "field_mask": ("const", "in", "not_in"),
}
