"""CEL over messages whose fields were renamed: the rule follows, and asks for the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from wireproof.witness.cel_equal import THIS, Form
from wireproof.witness.samples import entry, is_map

Held = Descriptor | FieldDescriptor
"""What a part of an expression is: a message, or a field that holds a list or a map."""
Both = tuple[Held | None, Held | None]
"""The same in the old version and in the new one; None for what has no fields."""
UNKNOWN: Both = (None, None)


def renamed(forms: Iterable[Form], both: Both) -> frozenset[Form]:
    """*forms* over the first of *both* with the names of the second.

    Fields are the same by their numbers.
    """
    return frozenset(_renamed(form, {THIS: both}) for form in forms)


def held_by(field: FieldDescriptor | None) -> Held | None:
    """What a field is to an expression."""
    if field is None or field.is_repeated:
        return field
    return field.message_type


def element_of(held: Held | None) -> Held | None:
    """What each element of a list is, and each value of a map."""
    if not isinstance(held, FieldDescriptor):
        return None
    return entry(held)[1].message_type if is_map(held) else held.message_type


_Known = Mapping[Form, Both]


def _renamed(form: Any, known: _Known) -> Any:
    if isinstance(form, frozenset):
        return frozenset(_renamed(one, known) for one in form)
    if not isinstance(form, tuple):
        return form
    if form[:1] == ("call",) and len(form) > 4 and form[3][:1] == ("bound",):
        known = {**known, form[3]: _each(_held(form[1], known))}
    whole = tuple(_renamed(one, known) for one in form)
    heir = _selected(form, known)[1]
    return ("select", whole[1], heir.name) if heir is not None else whole


def _each(both: Both) -> Both:
    """What the variable of a macro stands for: elements of a list; keys of a map have no fields."""
    if any(isinstance(one, FieldDescriptor) and is_map(one) for one in both):
        return UNKNOWN
    return element_of(both[0]), element_of(both[1])


def _held(form: Any, known: _Known) -> Both:
    """What *form* is in both versions."""
    if form in known:
        return known[form]
    if form[:1] == ("index",):
        both = _held(form[1], known)
        return element_of(both[0]), element_of(both[1])
    if form[:1] == ("call",) and form[2:3] == ("filter",):
        return _held(form[1], known)
    was, now = _selected(form, known)
    return held_by(was), held_by(now)


def _selected(form: Any, known: _Known) -> tuple[FieldDescriptor | None, FieldDescriptor | None]:
    """The field that *form* selects of a message, in both versions."""
    if form[:1] != ("select",) or len(form) != 3:
        return None, None
    was, now = _held(form[1], known)
    if not isinstance(was, Descriptor) or not isinstance(now, Descriptor):
        return None, None
    field = was.fields_by_name.get(form[2])
    heir = now.fields_by_number.get(field.number) if field else None
    return (field, heir) if heir is not None else (None, None)
