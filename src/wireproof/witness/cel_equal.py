"""CEL expressions in one form for all the ways to write the same.

Conjunctions in any order, comparisons from either side, negations moved inwards, `cond ? '' : 'no'`
for `cond`, `size(x)` for `x.size()`, `x != ""` for `x.size() > 0`, lists that are only looked
through in any order, variables of macros by any name. What is left apart may still mean the same:
then validators have to be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
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
from wireproof.witness.cel_constants import constructed
from wireproof.witness.cel_plain import plainer

Form = tuple[Any, ...]

_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_ORDERED = frozenset({"<", "<=", ">", ">="})
_SWAPPED = {">": "<", ">=": "<="}
_DUAL = {"&&": "||", "||": "&&"}
_QUANTIFIED = frozenset({"all", "exists"})
_INTEGERS = frozenset({"int", "uint"})
_MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})
"""Calls whose first argument is a variable, which stands for each element in turn."""
_WHOLE = re.compile(r"(-?[0-9]+)(u?)")
THIS: Form = ("name", "this")


def conjuncts(
    expressions: Iterable[str],
    *,
    floats: bool,
    this: Form = THIS,
    whole: frozenset[Form] = frozenset(),
    within: int = 0,
) -> frozenset[Form]:
    """What all *expressions* together ask for, as a set of forms.

    *floats*: whether numbers may be NaN, of which neither `a < b` nor `a >= b` holds.
    *this*: what `this` stands for; *whole*: what is known to be an integer; *within*: how many
    macros are around.
    """
    forms = _Forms(floats, this, whole, within)
    return frozenset(form for text in expressions for form in _of(text, forms))


def _of(text: str, forms: _Forms) -> Iterator[Form]:
    try:
        form = forms.form(plainer(parse(text)), negated=False)
    except NotCel:
        # Only what stands in the same place is the same text.
        yield ("text", text) if forms.this == THIS else ("text", text, forms.this)
        return
    yield from _parted(form)


def _parted(form: Form) -> Iterator[Form]:
    """Its conjuncts, those of its only alternative that has some included.

    What all elements keep together, they keep one by one.
    """
    if _over_all(form):
        yield from ((*form[:-1], one) for one in _parted(form[-1]))
        return
    if form[0] == "&&":
        for one in form[1]:
            yield from _parted(one)
        return
    several = [one for one in form[1] if one[0] == "&&"] if form[0] == "||" else []
    if len(several) != 1:
        yield form
        return
    others = form[1] - {several[0]}
    yield from (either(*others, one) for one in several[0][1])


def over_all(of: Form, variable: Form, form: Form) -> Form:
    """That *form* holds of every element of a list, or key of a map."""
    return ("call", of, "all", variable, form)


def _over_all(form: Form) -> bool:
    return form[:1] == ("call",) and form[2:3] == ("all",) and len(form) == 5


def variable(within: int) -> Form:
    """What a macro calls each element, by how many macros are around it."""
    return ("bound", within)


def either(*forms: Form) -> Form:
    """That one of *forms* holds."""
    flat = {part for one in forms for part in (one[1] if one[0] == "||" else (one,))}
    return ("||", frozenset(flat)) if len(flat) > 1 else next(iter(flat))


class _Forms:
    """The forms of one expression's parts; what they are given is told above."""

    def __init__(self, floats: bool, this: Form, whole: frozenset[Form], within: int) -> None:
        self.floats = floats
        self.this = this
        self.whole = whole
        self.within = within
        self.bound: Mapping[str, Form] = {}

    def form(self, expression: Expr, *, negated: bool) -> Form:
        if isinstance(expression, Several):
            return self.operator(expression, negated=negated)
        if isinstance(expression, Call) and expression.name in _QUANTIFIED and expression.of:
            return self.quantified(expression, negated=negated)
        found = self.plain(expression)
        return ("!", found) if negated else found

    def plain(self, expression: Expr) -> Form:
        if isinstance(expression, Name):
            plain = self.this if expression.name == "this" else ("name", expression.name)
            return self.bound.get(expression.name, plain)
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
        if (made := constructed(call)) is not None:
            kind, amount = made
            number = f"{amount}u" if kind == "uint" else str(amount)
            return ("literal", "number", number) if kind in _INTEGERS else ("literal", *made)
        of = self.value(call.of) if call.of is not None else ()
        return ("call", of, call.name, *map(self.inside(call).value, call.args))

    def inside(self, call: Call) -> _Forms:
        """Within a macro, its variable goes by how many there are around it."""
        if call.name not in _MACROS or not call.args or not isinstance(call.args[0], Name):
            return self
        inner = _Forms(self.floats, self.this, self.whole, self.within + 1)
        inner.bound = {**self.bound, call.args[0].name: variable(self.within)}
        return inner

    def quantified(self, call: Call, *, negated: bool) -> Form:
        """That something is so of one is that not of all it is not."""
        inner, every = self.inside(call), call.name == "all"
        if inner is self or len(call.args) != 2 or call.of is None:
            return ("!", self.plain(call)) if negated else self.plain(call)
        body = inner.form(call.args[1], negated=not every)
        found = over_all(self.value(call.of), variable(self.within), body)
        return ("!", found) if negated is every else found

    def operator(self, several: Several, *, negated: bool) -> Form:
        what, parts = several.what, several.parts
        if what == "!":
            return self.form(parts[0], negated=not negated)
        if what in _DUAL:
            return self.junction(_DUAL[what] if negated else what, parts, negated=negated)
        if what in _NEGATED and not (negated and self.floats and what in _ORDERED):
            return self.comparison(_NEGATED[what] if negated else what, parts)
        found = self.other(what, parts)
        if negated:
            return found[1] if found[0] == "!" else ("!", found)
        return found

    def junction(self, what: str, parts: tuple[Expr, ...], *, negated: bool) -> Form:
        forms: set[Form] = set()
        for part in parts:
            form = self.form(part, negated=negated)
            forms |= form[1] if form[0] == what else {form}
        return next(iter(forms)) if len(forms) == 1 else (what, frozenset(forms))

    def comparison(self, what: str, parts: tuple[Expr, ...]) -> Form:
        left, right = map(self.value, parts)
        if what in ("==", "!="):
            return _compared(what, left, right)
        form = (_SWAPPED[what], right, left) if what in _SWAPPED else (what, left, right)
        return self.counted(*form)

    def counted(self, what: str, low: Form, high: Form) -> Form:
        """Of whole numbers, less than one is at most none."""
        counts = [side in self.whole or _sized(side) for side in (low, high)]
        if what != "<" or counts[0] == counts[1]:
            return (what, low, high)
        limit = high if counts[0] else low
        found = _WHOLE.fullmatch(str(limit[2])) if limit[:2] == ("literal", "number") else None
        if found is None:
            return (what, low, high)
        number = int(found[1]) + (-1 if counts[0] else 1)
        moved = ("literal", "number", f"{number}{found[2]}")
        return ("<=", low, moved) if counts[0] else ("<=", moved, high)

    def other(self, what: str, parts: tuple[Expr, ...]) -> Form:
        if what in ("map", "message"):
            raise NotCel("what is built of names is compared as it is written")
        if what in _NEGATED:
            return self.comparison(what, parts)
        if what == "-" and len(parts) == 1 and isinstance(parts[0], Literal):
            kind, said = _literal(parts[0])
            return ("literal", kind, f"-{said}")
        if what == "in" and isinstance(parts[1], Several) and parts[1].what == "list":
            return ("in", self.value(parts[0]), frozenset(map(self.value, parts[1].parts)))
        if what == "in":
            each = variable(self.within)
            unlike = ("!=", frozenset((each, self.value(parts[0]))))
            return ("!", over_all(self.value(parts[1]), each, unlike))
        forms = [*map(self.value, parts)]
        if what == "*" or (what == "+" and all(map(self.counts, forms))):
            forms.sort(key=repr)  # in any order; but texts and lists are joined in theirs
        return (what, *forms)

    def counts(self, form: Form) -> bool:
        """Whether it is known to be a number."""
        return form in self.whole or _sized(form) or form[:2] == ("literal", "number")


_NOTHING: Form = ("literal", "text", "")
_NONE: Form = ("literal", "number", "0")
_ONE: Form = ("literal", "number", "1")


def _sized(form: Form) -> bool:
    return bool(form[0] == "call" and form[-1] == "size")


def _compared(what: str, left: Form, right: Form) -> Form:
    """Equal or not; of texts and sizes, to be empty is to have the size zero."""
    for one, other in ((left, right), (right, left)):
        size = ("call", one, "size") if other == _NOTHING else one if other == _NONE else ()
        if size and _sized(size):
            return ("<=", _ONE, size) if what == "!=" else ("==", frozenset((size, _NONE)))
    return (what, frozenset((left, right)))


def _literal(literal: Literal) -> tuple[str, object]:
    """Texts by what they say, numbers by how they are written: 1 is no 1.0, and no 1u."""
    if isinstance(literal.value, str):
        return "text", literal.value
    return "number", literal.text
