"""CEL over a message whose fields were renamed: the rule follows, and asks for the same."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from wireproof.witness.cel_equal import THIS, Form

_Both = tuple[FieldDescriptor, FieldDescriptor]


def renamed(form: Any, old: Descriptor, new: Descriptor) -> Any:
    """A *form*, or a set of them, over the *old* message with the names of the *new* one.

    Fields are the same by their numbers.
    """
    if isinstance(form, frozenset):
        return frozenset(renamed(one, old, new) for one in form)
    if not isinstance(form, tuple):
        return form
    whole = tuple(renamed(one, old, new) for one in form)
    both = _selected(form, old, new)
    return ("select", whole[1], both[1].name) if both else whole


def _selected(form: Form, old: Descriptor, new: Descriptor) -> _Both | None:
    """The field that *form* selects of `this`, or of a message in it, in both versions."""
    if form[:1] != ("select",) or len(form) != 3:
        return None
    held: tuple[Any, Any] | None = (old, new)
    if form[1] != THIS:
        around = _selected(form[1], old, new)
        held = (around[0].message_type, around[1].message_type) if around else None
    if held is None or None in held:
        return None
    field = held[0].fields_by_name.get(form[2])
    heir = held[1].fields_by_number.get(field.number) if field else None
    return (field, heir) if field is not None and heir is not None else None
