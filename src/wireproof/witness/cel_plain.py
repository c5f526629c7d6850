"""Expressions of CEL in plainer words: constants computed, choices as what they ask for."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from wireproof.schema.cel_syntax import Call, Expr, Index, Literal, Name, Select, Several
from wireproof.witness.cel_constants import emptiness

_TRUE, _FALSE = Name("true", 0, 0), Name("false", 0, 0)
_BOOLEANS = {"true": _TRUE, "false": _FALSE}
_FOLDED: Mapping[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
_LARGEST = 2**63
_PLAIN = re.compile(r"(\^?)([A-Za-z0-9_/:@,=~ -]+)(\$?)")
_PLACED = {("^", ""): "startsWith", ("", "$"): "endsWith", ("", ""): "contains"}


def plainer(expression: Expr) -> Expr:
    """The same, where there are plainer words for it."""
    if isinstance(expression, Several):
        return _several(expression)
    if isinstance(expression, Select):
        return replace(expression, of=plainer(expression.of))
    if isinstance(expression, Index):
        return Index(plainer(expression.of), plainer(expression.key))
    if isinstance(expression, Call):
        of = plainer(expression.of) if expression.of is not None else None
        return _matched(Call(of, expression.name, tuple(map(plainer, expression.args))))
    return expression


def _several(several: Several) -> Expr:
    if several.what == "?" and (asked := _asked(several)) is not None:
        return asked
    whole = Several(several.what, tuple(map(plainer, several.parts)))
    if several.what == "?":
        condition, yes, no = whole.parts
        known = _boolean(yes) or _boolean(no)
        return _chosen(condition, yes, no) if known else whole
    return _folded(whole)


def _asked(text: Expr) -> Expr | None:
    """When a text of a violation is empty; None where that depends on what is in it."""
    if isinstance(text, Several) and text.what == "?":
        condition, *sides = text.parts
        yes, no = map(_asked, sides)
        return _chosen(plainer(condition), yes, no) if yes and no else None
    empty = emptiness(text)
    return None if empty is None else _TRUE if empty else _FALSE


def _chosen(condition: Expr, yes: Expr, no: Expr) -> Expr:
    """A choice between two truths, in junctions."""
    apart = Several("!", (condition,))
    told = _boolean(yes), _boolean(no)
    if told == (_TRUE, _FALSE):
        return condition
    if told == (_FALSE, _TRUE):
        return apart
    if _TRUE in told:
        return Several("||", (condition, no) if told[0] else (apart, yes))
    if _FALSE in told:
        return Several("&&", (apart, no) if told[0] else (condition, yes))
    return Several("||", (Several("&&", (condition, yes)), Several("&&", (apart, no))))


def _boolean(expression: Expr) -> Name | None:
    return _BOOLEANS.get(expression.name) if isinstance(expression, Name) else None


def _folded(several: Several) -> Expr:
    """Numbers that are added or multiplied, as the number that comes of it."""
    values = [one.value for one in several.parts if isinstance(one, Literal) and one.text.isdigit()]
    numbers = [value for value in values if isinstance(value, int)]
    if several.what not in _FOLDED or not len(numbers) == len(several.parts) == 2:
        return several
    result = _FOLDED[several.what](*numbers)
    return Literal(result, str(result)) if abs(result) < _LARGEST else several


def _matched(call: Call) -> Call | Several:
    """A pattern without any sign but its ends, as the text that it looks for."""
    sought = call.args[0] if call.name == "matches" and len(call.args) == 1 else None
    text = sought.value if isinstance(sought, Literal) and isinstance(sought.value, str) else ""
    found = _PLAIN.fullmatch(text)
    if found is None or call.of is None:
        return call
    literal = Literal(found[2], repr(found[2]))
    name = _PLACED.get((found[1], found[3]))
    return Call(call.of, name, (literal,)) if name else Several("==", (call.of, literal))
