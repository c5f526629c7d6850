"""CEL expressions in one form for all the ways to write the same.

Conjunctions in any order, comparisons from either side, negations moved inwards, `cond ? '' : 'no'`
for `cond`, `size(x)` for `x.size()`, lists that are only looked through in any order. What is left
apart may still mean the same: then validators have to be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from wireproof.schema.cel_syntax import (
    Call,
    Expr,
    Index,
    Literal,
    Name,
    NotCel,
    Select,
    Several,
    parse,
)

Form = tuple[Any, ...]

_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_ORDERED = frozenset({"<", "<=", ">", ">="})
_SWAPPED = {">": "<", ">=": "<="}
_DUAL = {"&&": "||", "||": "&&"}


def conjuncts(expressions: Iterable[str], *, floats: bool) -> frozenset[Form]:
    """What all *expressions* together ask for, as a set of forms.

    *floats*: whether numbers may be NaN, of which neither `a < b` nor `a >= b` holds.
    """
    return frozenset(form for text in expressions for form in _of(text, floats=floats))


def _of(text: str, *, floats: bool) -> Iterator[Form]:
    try:
        form = _Forms(floats).form(parse(text), negated=False)
    except NotCel:
        yield ("text", text)
        return
    yield from form[1] if form[0] == "&&" else (form,)


class _Forms:
    """The forms of one expression's parts; *floats* as above."""

    def __init__(self, floats: bool) -> None:
        self.floats = floats

    def form(self, expression: Expr, *, negated: bool) -> Form:
        if isinstance(expression, Several):
            return self.operator(expression, negated=negated)
        found = self.plain(expression)
        return ("!", found) if negated else found

    def plain(self, expression: Expr) -> Form:
        if isinstance(expression, Name):
            return ("name", expression.name)
        if isinstance(expression, Select):
            return ("select", self.value(expression.of), expression.field)
        if isinstance(expression, Index):
            return ("index", self.value(expression.of), self.value(expression.key))
        if isinstance(expression, Call):
            return self.call(expression)
        assert isinstance(expression, Literal)
        return ("literal", *_literal(expression))

    def value(self, expression: Expr) -> Form:
        return self.form(expression, negated=False)

    def call(self, call: Call) -> Form:
        if call.name == "size" and call.of is None and len(call.args) == 1:
            return ("call", self.value(call.args[0]), "size")
        of = self.value(call.of) if call.of is not None else ()
        return ("call", of, call.name, *map(self.value, call.args))

    def operator(self, several: Several, *, negated: bool) -> Form:
        what, parts = several.what, several.parts
        if what == "!":
            return self.form(parts[0], negated=not negated)
        if what in _DUAL:
            return self.junction(_DUAL[what] if negated else what, parts, negated=negated)
        if what == "?" and (condition := self.told(parts)) is not None:
            return self.form(condition[0], negated=condition[1] != negated)
        if what in _NEGATED and not (negated and self.floats and what in _ORDERED):
            return self.comparison(_NEGATED[what] if negated else what, parts)
        found = self.other(what, parts)
        return ("!", found) if negated else found

    def junction(self, what: str, parts: tuple[Expr, ...], *, negated: bool) -> Form:
        forms: set[Form] = set()
        for part in parts:
            form = self.form(part, negated=negated)
            forms |= form[1] if form[0] == what else {form}
        return next(iter(forms)) if len(forms) == 1 else (what, frozenset(forms))

    def comparison(self, what: str, parts: tuple[Expr, ...]) -> Form:
        left, right = map(self.value, parts)
        if what in ("==", "!="):
            return (what, frozenset((left, right)))
        form = (_SWAPPED[what], right, left) if what in _SWAPPED else (what, left, right)
        return _counted(*form)

    def other(self, what: str, parts: tuple[Expr, ...]) -> Form:
        if what in ("map", "message"):
            raise NotCel("what is built of names is compared as it is written")
        if what in _NEGATED:
            return self.comparison(what, parts)
        if what == "in" and isinstance(parts[1], Several) and parts[1].what == "list":
            return ("in", self.value(parts[0]), frozenset(map(self.value, parts[1].parts)))
        return (what, *map(self.value, parts))

    @staticmethod
    def told(parts: tuple[Expr, ...]) -> tuple[Expr, bool] | None:
        """The condition of `cond ? '' : 'words'`, and whether it is the wrong way round."""
        condition, yes, no = parts
        if not isinstance(yes, Literal) or not isinstance(no, Literal):
            return None
        empty = [one.value == "" for one in (yes, no)]
        texts = all(isinstance(one.value, str) for one in (yes, no))
        return (condition, empty[1]) if texts and empty[0] != empty[1] else None


def _counted(what: str, low: Form, high: Form) -> Form:
    """Sizes are whole: less than one is at most none."""
    sized = [side[0] == "call" and side[-1] == "size" for side in (low, high)]
    if what != "<" or sized[0] == sized[1]:
        return (what, low, high)
    by = -1 if sized[0] else 1
    limit = high if sized[0] else low
    if limit[:2] != ("literal", "number") or not limit[2].isdigit():
        return (what, low, high)
    moved = ("literal", "number", str(int(limit[2]) + by))
    return ("<=", low, moved) if sized[0] else ("<=", moved, high)


def _literal(literal: Literal) -> tuple[str, object]:
    """Texts by what they say, numbers by how they are written: 1 is no 1.0, and no 1u."""
    if isinstance(literal.value, str):
        return "text", literal.value
    return "number", literal.text
