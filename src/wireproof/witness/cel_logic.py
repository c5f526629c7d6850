"""Whether two sets of forms hold of the same values, by going through every case there is.

A comparison of the value with a number or a text is settled by what is stated and what lies beside
it. Anything else may be so or not: both are tried, so what is found the same is the same whatever
it means.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from wireproof.values.integers import INTEGERS
from wireproof.witness.cel_equal import Form

_F = FieldDescriptor
_MOST = 8
"""How many parts of no known meaning are tried in all ways."""
_LONGEST = 2**31
"""No message is longer (protobuf.dev, encoding)."""
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda low, high: low < high,
    "<=": lambda low, high: low <= high,
    "==": lambda one, other: one == other,
}
_JOINED: Mapping[str, Callable[[Iterable[bool]], bool]] = {"&&": all, "||": any}
_SIZED = frozenset({_F.TYPE_STRING, _F.TYPE_BYTES})
_FLOATS = (_F.CPPTYPE_FLOAT, _F.CPPTYPE_DOUBLE)


def same(
    was: frozenset[Form],
    now: frozenset[Form],
    at: Form | None = None,
    field: FieldDescriptor | None = None,
) -> bool:
    """Whether all of *was* holds wherever all of *now* does, and the other way round.

    *at* is the form of the *field* whose values are gone through.
    """
    apart = was - now, now - was
    parts = {part for forms in apart for form in forms for part in _parts(form)}
    value = _Value(at, field)
    told = {part: read for part in parts if (read := value.reading(part)) is not None}
    free = sorted(parts - told.keys(), key=repr)
    if len(free) > _MOST:
        return False
    for case in value.cases(told.values()):
        known = {part: read.holds(case) for part, read in told.items()}
        for truths in product((False, True), repeat=len(free)):
            known.update(zip(free, truths, strict=True))
            if _all(apart[0], known) != _all(apart[1], known):
                return False
    return True


def _parts(form: Form) -> Iterator[Form]:
    """What its conjunctions, alternatives and negations join."""
    if form[0] in _JOINED:
        for one in form[1]:
            yield from _parts(one)
    elif form[0] == "!":
        yield from _parts(form[1])
    elif _of_truths(form):
        for one in form[1]:
            yield from _parts(one)
    elif form != _TRUE and form != _FALSE:
        yield _basis(form)[0]


_TRUE, _FALSE = ("name", "true"), ("name", "false")


def _of_truths(form: Form) -> bool:
    """Whether it compares what is so or not."""
    return form[0] in ("==", "!=") and all(map(_is_truth, form[1]))


def _is_truth(form: Form) -> bool:
    return form[0] in {*_COMPARED, *_JOINED, "!=", "!", "in"} or form[:3] == ("call", (), "has")


def _all(forms: frozenset[Form], known: Mapping[Form, bool]) -> bool:
    return all(_holds(form, known) for form in forms)


def _holds(form: Form, known: Mapping[Form, bool]) -> bool:
    if form[0] in _JOINED:
        return _JOINED[form[0]](_holds(one, known) for one in form[1])
    if form[0] == "!":
        return not _holds(form[1], known)
    if form in (_TRUE, _FALSE):
        return form == _TRUE
    if _of_truths(form):
        alike = len({_holds(one, known) for one in form[1]}) == 1
        return alike is (form[0] == "==")
    part, so = _basis(form)
    return known[part] is so


def _basis(form: Form) -> tuple[Form, bool]:
    """The comparison that *form* is, or the opposite of."""
    if form[0] == "!=":
        return ("==", *form[1:]), False
    if form[:2] == ("<=", _ONE) and form[2][:1] == ("call",) and form[2][-1] == "size":
        return ("==", frozenset((form[2], _NONE))), False
    return form, True


_NONE, _ONE = ("literal", "number", "0"), ("literal", "number", "1")


@dataclass(frozen=True, slots=True)
class _Case:
    """A value, or a text of a size that is none of those that are stated."""

    value: Any
    size: int = 0


@dataclass(frozen=True, slots=True)
class _Reading:
    """A comparison of the value, or of its size, with what is *stated*."""

    holds: Callable[[_Case], bool]
    stated: tuple[Any, ...]
    of_size: bool = False


class _Value:
    """The value of a field, and the cases of it that stand for all."""

    def __init__(self, at: Form | None, field: FieldDescriptor | None) -> None:
        self.at = at
        self.field = field if field is not None and not field.is_repeated else None
        self.sized = ("call", at, "size")

    def reading(self, part: Form) -> _Reading | None:
        """What *part* says of the value; None where that is not known."""
        if self.field is None:
            return None
        if part == self.at and self.field.type == _F.TYPE_BOOL:
            return _Reading(lambda case: bool(case.value), ())
        if part[0] == "in" and part[1] == self.at:
            return self._among(part[2])
        if part[0] not in _COMPARED:
            return None
        sides = tuple(part[1]) if part[0] == "==" else part[1:]
        place = next((i for i, side in enumerate(sides) if side in (self.at, self.sized)), None)
        if len(sides) != 2 or place is None:
            return None
        of_size = sides[place] == self.sized
        return self._compared(part[0], place, sides[1 - place], of_size=of_size)

    def _among(self, forms: Any) -> _Reading | None:
        listed = [_literal(one) for one in forms] if isinstance(forms, frozenset) else [None]
        if not all(self._fits(one, of_size=False) for one in listed):
            return None
        return _Reading(lambda case: case.value in listed, tuple(listed))

    def _compared(self, what: str, place: int, side: Form, *, of_size: bool) -> _Reading | None:
        stated = _literal(side)
        if not self._fits(stated, of_size=of_size):
            return None
        if isinstance(stated, str) and what != "==":
            return None
        compare = _COMPARED[what]

        def holds(case: _Case) -> bool:
            found = case.size if of_size else case.value
            return compare(found, stated) if place == 0 else compare(stated, found)

        return _Reading(holds, (stated,), of_size)

    def _fits(self, stated: Any, *, of_size: bool) -> bool:
        assert self.field is not None
        if isinstance(stated, bool):
            return bool(self.field.type == _F.TYPE_BOOL)
        if of_size:
            return isinstance(stated, int) and self.field.type in _SIZED
        if isinstance(stated, str):
            return bool(self.field.type == _F.TYPE_STRING)
        number = self.field.cpp_type in INTEGERS or self.field.cpp_type in _FLOATS
        number = number or self.field.enum_type is not None
        return number and isinstance(stated, int | float)

    def cases(self, told: Iterable[_Reading]) -> list[_Case]:
        """One value of each kind that those comparisons tell apart."""
        readings = list(told)
        field = self.field
        if field is None or not readings:
            return [_Case(None)]
        plain = [one for reading in readings if not reading.of_size for one in reading.stated]
        if field.type == _F.TYPE_BOOL:
            return [_Case(False), _Case(True)]
        if field.type in _SIZED:
            sizes = {one for reading in readings if reading.of_size for one in reading.stated}
            near = {size + by for size in sizes | {0} for by in (-1, 0, 1)}
            texts = [_Case(text, len(text)) for text in {*plain, ""}]
            return texts + [_Case(None, size) for size in near if 0 < size <= _LONGEST]
        if field.cpp_type in _FLOATS:
            ends = (-math.inf, math.inf)
            near = {math.nextafter(one, end) for one in plain for end in ends}
            return [_Case(one) for one in (*near, *plain, 0.0, *ends, math.nan)]
        low, high = INTEGERS.get(field.cpp_type, INTEGERS[_F.CPPTYPE_INT32])
        around = {math.floor(one) + by for one in plain for by in (-1, 0, 1, 2)} | {0, low, high}
        return [_Case(one) for one in around if low <= one <= high]


def _literal(form: Form) -> Any:
    """The text, number or truth that a form is; None for anything else."""
    if form in (_TRUE, _FALSE):
        return form == _TRUE
    if form[:1] != ("literal",):
        return None
    if form[1] == "text":
        return form[2]
    if form[1] != "number":
        return None
    text = str(form[2]).rstrip("uU")
    for read in (lambda: int(text, 0), lambda: float(text)):
        try:
            return read()
        except ValueError:
            continue
    return None
