"""Messages that travel only inside of others, whose fields may ask for what they no longer do."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.changes.options import VALIDATION, told
from wireproof.rules.context import Context
from wireproof.schema.elements import MessageType
from wireproof.schema.fields import Field
from wireproof.schema.index import Index
from wireproof.schema.uses import uses


def told_by_holders(old: MessageType, new: MessageType, context: Context) -> bool:
    """Whether what changed of a message's own rules is told of each field that holds it.

    A rule may move between the message and the fields of it; then they are looked at together,
    as whoever validates looks at them, unless the message is ever validated alone.
    """
    if context.role(old.full_name).stored:
        return False  # by itself, for all that is known
    sides = context.versions.old, context.versions.new
    held = [_holders(one, index) for one, index in zip((old, new), sides, strict=True)]
    if None in held:
        return False
    was, now = ({(f.holder, f.number): f for f in one or ()} for one in held)
    renamed = {
        (context.versions.new_name(holder), number): (holder, number) for holder, number in was
    }
    return (
        bool(was)
        and renamed.keys() == now.keys()
        and all(
            _rules(was[renamed[key]], context, old=True) != _rules(field, context, old=False)
            for key, field in now.items()
        )
    )


def _holders(message: MessageType, index: Index) -> list[Field] | None:
    """The fields that hold the message; None where it also travels as itself or in extensions."""
    name, found = f".{message.full_name}", list[Field]()
    for path in index.schema.importing([message.file.name]):
        used = uses(index.schema.by_name[path])
        if any(name in carried for carried in used.carried.values()):
            return None
        if any(name in extension for extension in used.extensions):
            return None
        if any(name in held for held in used.types.values()):
            found += _fields(index, path, message.full_name)
    return found


def _fields(index: Index, path: str, wanted: str) -> Iterator[Field]:
    for message in index.file(path).types.values():
        if not message.is_map_entry:
            for field in message.fields:
                entry = field.map_entry
                if field.type_name == wanted or (entry and entry.fields[1].type_name == wanted):
                    yield field


def _rules(field: Field, context: Context, *, old: bool) -> tuple[str, ...]:
    pool = context.versions.old_pool if old else context.versions.new_pool
    return tuple(told(field, number, pool) for number in sorted(VALIDATION))
