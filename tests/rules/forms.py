"""Values that JSON says in a form of their own, compared by what both versions say."""

from __future__ import annotations

from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tests.rules.random_messages import map_entry


def formed(field: FieldDescriptor) -> bool:
    """Whether JSON says it in a form of its own: a well-known type, or a map to one."""
    entry = map_entry(field)
    kind: Any = (entry[1] if entry else field).message_type
    return kind is not None and kind.file.package == "google.protobuf" and bool(kind.fields)


def form_differs(
    field: FieldDescriptor, written: Message, other: FieldDescriptor, read: Message, *, owed: bool
) -> str:
    """By what either says in JSON, numbers in quotes or not.

    *owed*: whether the reader owes the writer to tell a zero that was set from what was not.
    """
    was, now = _form(field, written), _form(other, read)
    if now is None and not owed and was in ("", "0", "0.0", "false"):
        return ""  # a zero without presence is as good as written
    return "" if was == now else f"{was!r} reads as {now!r}"


def _form(field: FieldDescriptor, message: Message) -> Any:
    pool: Any = message.DESCRIPTOR.file.pool
    try:
        said = json_format.MessageToDict(message, descriptor_pool=pool)
    except (json_format.Error, ValueError, TypeError) as error:
        return f"not in JSON: {error}"
    name = f"[{field.full_name}]" if field.is_extension else field.json_name
    return _said(said[name]) if name in said else None


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _said(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_said(one) for one in value]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
