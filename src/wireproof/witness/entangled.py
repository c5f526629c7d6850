"""Rules that move between a message and its fields: the same, said in another place.

What the fields' rules ask for is lifted into the words of the message (`this > 0` of the field `a`
is `this.a > 0` of the message), so that both versions are compared as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from wireproof.schema.constraints import Constraints, FieldConstraints, Ignore
from wireproof.values.descriptors import class_of
from wireproof.values.integers import INTEGERS
from wireproof.witness.cel_equal import THIS, Form, conjuncts, either
from wireproof.witness.cel_logic import same
from wireproof.witness.cel_renamed import renamed
from wireproof.witness.cel_told import told
from wireproof.witness.offers import filled

_F = FieldDescriptor
_OF_THIS = ("select", THIS)
_LONGEST = 4096
_COMPARED = frozenset({"<", "<=", "==", "!="})


@dataclass(frozen=True, slots=True)
class Side:
    """One version's message and its rules."""

    message: Descriptor
    constraints: Constraints

    @property
    def own(self) -> tuple[Any, ...]:
        rules = self.constraints.message(self.message)
        return tuple(cel.expression for cel in rules.cel), rules.oneofs

    def chosen(self) -> set[int]:
        """The fields that the message's rules of choice name."""
        names = (name for oneof in self.own[1] for name in oneof.fields)
        return {self.message.fields_by_name[name].number for name in names}

    def stated(self) -> dict[Any, bytes]:
        """Number of a field, or name of a oneof → its rules as they are encoded."""
        fields = {f.number: self.constraints.stated(f) for f in self.message.fields}
        return fields | {o.name: self.constraints.stated(o) for o in self.message.oneofs}

    def whole(self) -> frozenset[Form]:
        """The fields that hold integers, as forms."""
        fields = (f for f in self.message.fields if not f.is_repeated)
        return frozenset(_at(f) for f in fields if f.cpp_type in INTEGERS)


class Entangled:
    """Both versions of a message in which its own rules and those of its fields changed."""

    def __init__(self, old: Side, new: Side) -> None:
        self.sides = old, new
        was, now = old.stated(), new.stated()
        self.apart = {key for key in was.keys() | now.keys() if was.get(key) != now.get(key)}

    def __bool__(self) -> bool:
        old, new = self.sides
        return old.own != new.own and bool(self.apart)

    def joining(self) -> frozenset[int]:
        """The fields that a rule of choice names in one version only.

        What it names is not asked for its own rules where it is zero (buf/validate/validate.proto).
        """
        old, new = (side.chosen() for side in self.sides)
        return frozenset(old ^ new)

    def settled(self, *, floats: bool) -> bool:
        """Whether the two ask for the same, as far as forms and what `tried` yields can tell."""
        forms = self._forms(floats=floats)
        if forms is None:
            return False
        old, new = self.sides
        if same(renamed(forms[0], (old.message, new.message)), forms[1]):
            return True
        return bool(self) and all(self._tells(_simple(form)) for form in forms[0] ^ forms[1])

    def _tells(self, told: tuple[str, Any] | None) -> bool:
        """Whether a few values around what a field is compared with stand for all of them."""
        name, literal = told or ("", None)
        fields = [side.message.fields_by_name.get(name) for side in self.sides]
        return all(f is not None and not f.is_repeated and _fits(f, literal) for f in fields)

    def tried(self) -> Iterator[Message]:
        """Each field at, inside and outside what either version compares it with."""
        forms = self._forms(floats=True) or (frozenset(), frozenset())
        told = [one for form in forms[0] ^ forms[1] if (one := _simple(form))]
        for side in self.sides:
            for field in side.message.fields:
                stated = [literal for name, literal in told if name == field.name]
                for value in _around(field, stated):
                    if (message := filled(class_of(side.message), field, value)) is not None:
                        yield message

    def _forms(self, *, floats: bool) -> tuple[frozenset[Form], frozenset[Form]] | None:
        try:
            was, now = (self._all(side, floats=floats) for side in self.sides)
        except LookupError:
            return None
        return was, now

    def _all(self, side: Side, *, floats: bool) -> frozenset[Form]:
        expressions, oneofs = side.own
        found = set(conjuncts(expressions, floats=floats, whole=side.whole()))
        for oneof in oneofs:
            fields = [side.message.fields_by_name[name] for name in oneof.fields]
            found.update(_one_of(fields, required=oneof.required))
        for field in side.message.fields:
            if field.number in self.apart:
                found.update(_lifted(field, side, floats=floats))
        for oneof in side.message.oneofs:
            if oneof.name in self.apart and side.constraints.oneof_required(oneof):
                found.add(either(*map(_has, oneof.fields)))
        return frozenset(_resolved(_spelled(form, side.message) for form in found))


def _one_of(fields: list[FieldDescriptor], *, required: bool) -> Iterator[Form]:
    """That no two of the fields are set, and one is."""
    for one, other in combinations(fields, 2):
        yield either(("!", _has(one)), ("!", _has(other)))
    if required:
        yield either(*map(_has, fields))


def ask_alike(
    sides: tuple[Side, Side], fields: tuple[FieldDescriptor, FieldDescriptor], *, floats: bool
) -> bool:
    """Whether the rules of a field ask for the same in both versions, whatever their words."""
    try:
        was, now = (
            frozenset(_resolved(_asked(field, side, floats=floats)))
            for field, side in zip(fields, sides, strict=True)
        )
    except LookupError:
        return False
    of_one_type = fields[0].type == fields[1].type
    old = renamed(was, (sides[0].message, sides[1].message))
    return same(old, now, _at(fields[1]), fields[1] if of_one_type else None)


def _asked(field: FieldDescriptor, side: Side, *, floats: bool) -> Iterator[Form]:
    return (_spelled(form, side.message) for form in _lifted(field, side, floats=floats))


def _at(field: FieldDescriptor) -> Form:
    return ("select", THIS, field.name)


def _has(field: FieldDescriptor) -> Form:
    return ("call", (), "has", _at(field))


def _lifted(field: FieldDescriptor, side: Side, *, floats: bool) -> Iterator[Form]:
    """What a field's rules ask of its message; raises LookupError for what CEL does not say."""
    rules = side.constraints.field(field)
    if not all(one.plain for one in rules.predefined):
        raise LookupError(field.name)
    if rules.ignore is Ignore.ALWAYS:
        return
    if rules.required:
        yield _has(field)
    for form in told(rules, floats=floats, this=_at(field), whole=side.whole()):
        yield either(("!", _has(field)), form) if _guarded(field, rules) else form


def _guarded(field: FieldDescriptor, rules: FieldConstraints) -> bool:
    """Whether the rules are passed over where the field is unset."""
    if rules.ignore is Ignore.IF_ZERO_VALUE and field.has_presence:
        raise LookupError("set to zero is passed over as well")
    return field.has_presence or rules.ignore is Ignore.IF_ZERO_VALUE


def _spelled(form: Form, message: Descriptor) -> Form:
    """With `has()` of a field without presence as the comparison with its zero that it is."""
    if form[0] == "||":
        return either(*(_spelled(one, message) for one in form[1]))
    if form[0] == "&&" or (form[0] in ("==", "!=") and len(form) == 2):
        return (form[0], frozenset(_spelled(one, message) for one in form[1]))
    if form[0] == "!":
        return _zero(form[1], message) or ("!", _spelled(form[1], message))
    return _zero(form, message, unlike=True) or form


def _zero(form: Form, message: Descriptor, *, unlike: bool = False) -> Form | None:
    if form[:3] != ("call", (), "has") or form[3][:2] != _OF_THIS:
        return None
    field = message.fields_by_name.get(form[3][2])
    if field is None or (field.has_presence and not field.is_repeated):
        return None
    at, number = _at(field), ("literal", "number", "0")
    if field.is_repeated or field.type in (_F.TYPE_STRING, _F.TYPE_BYTES):
        size, one = ("call", at, "size"), ("literal", "number", "1")
        return ("<=", one, size) if unlike else ("==", frozenset((size, number)))
    if field.cpp_type not in INTEGERS:
        return None
    signed = field.cpp_type in (_F.CPPTYPE_INT32, _F.CPPTYPE_INT64)
    zero = number if signed else ("literal", "number", "0u")
    return ("!=" if unlike else "==", frozenset((at, zero)))


def _resolved(forms: Iterable[Form]) -> Iterator[Form]:
    """Without the alternatives that something else of *forms* rules out."""
    found = set(forms)
    for form in found:
        if form[0] != "||":
            yield form
            continue
        left = [one for one in form[1] if not (one[0] == "!" and one[1] in found)]
        yield either(*left) if left else form


def _simple(form: Form) -> tuple[str, Any] | None:
    """The field and the literal that a comparison is between; None for anything else."""
    if form[0] not in _COMPARED:
        return None
    sides = [*form[1]] if len(form) == 2 else [*form[1:]]
    literal = next((one for one in sides if one[0] == "literal"), None)
    other = next((one for one in sides if one[0] != "literal"), None)
    if literal is None or other is None or (literal[1] == "text" and form[0] in ("<", "<=")):
        return None
    at = other[1] if other[0] == "call" and other[-1] == "size" and len(other) == 3 else other
    return (at[2], _read(literal)) if at[:2] == _OF_THIS and len(at) == 3 else None


def _fits(field: FieldDescriptor, literal: Any) -> bool:
    if field.type == _F.TYPE_STRING:
        return isinstance(literal, str) or (isinstance(literal, int) and literal < _LONGEST)
    return field.cpp_type in INTEGERS and isinstance(literal, int)


def _read(literal: Form) -> Any:
    if literal[1] == "text":
        return literal[2]
    text = str(literal[2]).rstrip("u")
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _around(field: FieldDescriptor, stated: list[Any]) -> Iterator[Any]:
    numbers = [one for one in stated if isinstance(one, int)]
    near = sorted({number + by for number in numbers for by in (-1, 0, 1)})
    if field.is_repeated or not stated:
        return
    if field.cpp_type in INTEGERS:
        low, high = INTEGERS[field.cpp_type]
        yield from (one for one in (*near, 0, low, high) if low <= one <= high)
    elif field.type == _F.TYPE_STRING:
        yield from ("a" * n for n in (*near, 0, 1) if 0 <= n <= _LONGEST)
        texts = [one for one in stated if isinstance(one, str)]
        yield from (text for one in texts for text in (one, f"{one}a"))
