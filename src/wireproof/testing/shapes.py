"""Where messages hold what: paths, carriers, plain fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

IDENTIFYING = frozenset(
    {
        FieldDescriptor.TYPE_STRING,
        FieldDescriptor.TYPE_BYTES,
        FieldDescriptor.TYPE_INT32,
        FieldDescriptor.TYPE_INT64,
        FieldDescriptor.TYPE_UINT32,
        FieldDescriptor.TYPE_UINT64,
    }
)
"""Types of fields that can name a thing."""

MASK = "google.protobuf.FieldMask"
TIME = "google.protobuf.Timestamp"
_WRAPPERS = ("Response", "Reply", "Result", "Rsp", "Resp")
_DEPTH = 4


def descriptor_of(message: Message) -> Descriptor:
    """The descriptor of *message*, as the types spell it."""
    return cast("Descriptor", message.DESCRIPTOR)


def is_foreign(message: Descriptor | None) -> bool:
    """Whether a message is one of the common ones that no service keeps."""
    return message is not None and message.full_name.startswith("google.")


def is_plain(field: FieldDescriptor) -> bool:
    """Whether a field holds one scalar."""
    return not field.is_repeated and not field.message_type


def type_name(field: FieldDescriptor) -> str:
    """The full name of the field's message; empty for scalars and enums."""
    return str(field.message_type.full_name) if field.message_type else ""


def is_mask(field: FieldDescriptor) -> bool:
    return not field.is_repeated and type_name(field) == MASK


def is_map(field: FieldDescriptor) -> bool:
    return bool(field.message_type and field.message_type.GetOptions().map_entry)


def singular_messages(message: Descriptor) -> Iterator[FieldDescriptor]:
    """Fields that hold one message of the service's own."""
    for field in message.fields:
        if field.message_type and not field.is_repeated and not is_foreign(field.message_type):
            yield field


def repeated_messages(message: Descriptor) -> Iterator[FieldDescriptor]:
    """Fields that hold a list of messages of the service's own."""
    for field in message.fields:
        listed = field.message_type and field.is_repeated and not is_map(field)
        if listed and not is_foreign(field.message_type):
            yield field


def batched(reply: Descriptor) -> FieldDescriptor | None:
    """The list that a reply is made of, beside what describes it: a batch of one kind of thing."""
    own = [f for f in reply.fields if f.message_type and not is_foreign(f.message_type)]
    alone = len(own) == 1 and own[0].is_repeated and not is_map(own[0]) and not reply.oneofs
    return own[0] if alone else None


def held(reply: Descriptor) -> str | None:
    """Where a reply holds the resource: empty for the reply itself, None for nowhere."""
    if is_foreign(reply) or not reply.fields:
        return None
    inner = list(singular_messages(reply))
    if reply.name.endswith(_WRAPPERS):
        return inner[0].name if inner else None
    return inner[0].name if len(reply.fields) == 1 and inner else ""


def field_at(message: Descriptor, path: str, *, default: Any = ...) -> Any:
    """The field at *path*, also in values of maps; *default* (or KeyError) where there is none."""
    field: FieldDescriptor | None = None
    for name in path.split("."):
        inner = message if field is None else _held_type(field)
        field = inner.fields_by_name.get(name) if inner is not None else None
        if field is None:
            if default is ...:
                raise KeyError(path)
            return default
    return field


def paths_to(message: Descriptor, full_name: str) -> tuple[str, ...]:
    """The paths at which *message* holds one *full_name*, the nearest first."""
    return tuple(sorted(_paths(message, full_name, (), 0), key=lambda p: p.count(".")))


def _paths(
    message: Descriptor, full_name: str, above: tuple[str, ...], depth: int
) -> Iterator[str]:
    if message.full_name == full_name:
        yield ".".join(above)
    elif depth < _DEPTH:
        for field in message.fields:
            if field.message_type and not field.is_repeated:
                yield from _paths(field.message_type, full_name, (*above, field.name), depth + 1)


def types_in(root: Descriptor) -> list[Descriptor]:
    """The types of messages that a message may hold, itself included."""
    found = {root.full_name: root}
    waiting = [root]
    while waiting:
        for field in waiting.pop().fields:
            inner = field.message_type
            if inner is not None and inner.full_name not in found:
                found[inner.full_name] = inner
                waiting.append(inner)
    return list(found.values())


def messages_in(
    message: Message, path: str = "", into: Callable[[Descriptor], bool] | None = None
) -> Iterator[tuple[str, Message]]:
    """The message and every message in it that is set, with paths (lists and maps by `[]`).

    Messages of a type that *into* denies are left out, with all that they hold.
    """
    yield path, message
    for field, value in message.ListFields() if _nests(descriptor_of(message)) else ():
        within = _within(field)
        if within is None or (into is not None and not into(_held_type(field))):
            continue
        below = f"{path}.{field.name}".lstrip(".")
        for inner in within(value):
            yield from messages_in(inner, f"{below}[]" if field.is_repeated else below, into)


@lru_cache(maxsize=4096)
def _held_type(field: FieldDescriptor) -> Descriptor:
    """The type of the messages in *field*, also where they are a map's values."""
    held = field.message_type
    if is_map(field):
        held = cast("Descriptor", held).fields_by_name["value"].message_type
    return cast("Descriptor", held)


@lru_cache(maxsize=4096)
def _nests(kind: Descriptor) -> bool:
    """Whether there may be messages in those of that kind: extensions may hold some anywhere."""
    return kind.is_extendable or any(_within(field) for field in kind.fields)


@lru_cache(maxsize=4096)
def _within(field: FieldDescriptor) -> Callable[[Any], Iterable[Message]] | None:
    """Finds the messages in a value of *field*; None where there are none: every step asks."""
    if not field.message_type:
        return None
    if is_map(field):
        of_messages = field.message_type.fields_by_name["value"].message_type is not None
        return (lambda entries: list(entries.values())) if of_messages else None
    return list if field.is_repeated else lambda one: (one,)


def at(message: Message, path: str) -> Message:
    """The message at *path*, which may be empty."""
    value: Any = message
    for name in path.split(".") if path else ():
        value = getattr(value, name)
    found: Message = value
    return found
