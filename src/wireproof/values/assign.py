"""Setting values in dynamic messages, whatever their shape."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from wireproof.values.plan import UNSET, Member, Shape

_DEEPEST = 8


def blank(kind: type[Message], depth: int = _DEEPEST) -> Message:
    """An empty message, in which only what proto2 cannot encode without is set."""
    message = kind()
    for field in message.DESCRIPTOR.fields:
        if field.is_required:
            _set_default(message, field, depth)
    return message


def _set_default(message: Message, field: Any, depth: int) -> None:
    if field.message_type is None:
        setattr(message, field.name, field.default_value)
    elif depth:
        part = getattr(message, field.name)
        part.CopyFrom(blank(type(part), depth - 1))
        part.SetInParent()


def assign(message: Message, member: Member, whole: Any) -> None:
    """Set *member* in *message* to *whole*: a value, a list, a mapping, or UNSET."""
    message.ClearField(member.name)
    if whole is UNSET:
        return
    if member.shape is Shape.MANY:
        getattr(message, member.name).extend(whole)
    elif member.shape is Shape.MAP:
        _update(getattr(message, member.name), whole, member)
    elif member.field.message_type is not None:
        part = getattr(message, member.name)
        part.CopyFrom(whole)
        part.SetInParent()
    else:
        setattr(message, member.name, whole)


def _update(entries: Any, whole: dict[Any, Any], member: Member) -> None:
    for key, value in whole.items():
        if member.element.message_type is not None:
            entries[key].CopyFrom(value)
        else:
            entries[key] = value


def clear_rivals(message: Message, member: Member, choices: Any) -> None:
    """Clear what may not stand beside *member*."""
    for choice in choices:
        if member in choice.members:
            for rival in choice.members:
                if rival is not member:
                    message.ClearField(rival.name)


def copied(message: Message) -> Message:
    """A message of its own."""
    twin = type(message)()
    twin.CopyFrom(message)
    return twin
