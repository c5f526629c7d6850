"""What differs between two versions of an enum."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf import descriptor_pb2

from wireproof.changes import kinds
from wireproof.changes.change import Change
from wireproof.changes.languages import language_changes
from wireproof.changes.matching import Matched
from wireproof.changes.options import option_changes
from wireproof.changes.versions import Versions
from wireproof.schema.elements import EnumType, EnumValue, File, MessageType
from wireproof.schema.spans import freed, in_words


def enum_changes(matched: Matched[EnumType], versions: Versions) -> Iterator[Change]:
    """Everything that happened to the enums of one scope."""
    for gone in matched.removed:
        known = gone.file.name in versions.new.schema.by_name
        yield kinds.EnumRemoved(gone, versions.new.file(gone.file.name) if known else None)
    yield from (kinds.EnumAdded(fresh) for fresh in matched.added)
    for old, new in matched.renamed:
        yield kinds.EnumRenamed(old, new)
        yield from _altered(old, new, versions)
    for old, new in matched.pairs:
        if old.file.name != new.file.name and isinstance(old.parent, File):
            yield kinds.EnumMoved(old, new)
        if old.proto != new.proto or old.features != new.features:
            yield from _altered(old, new, versions)


def _altered(old: EnumType, new: EnumType, versions: Versions) -> Iterator[Change]:
    yield from option_changes(old, new, versions)
    yield from language_changes(old, new)
    if old.closed != new.closed:
        yield kinds.EnumOpennessChanged(old, new, _openness(old), _openness(new))
    if _json(old) != _json(new):
        yield kinds.JsonFormatChanged(old, new, _json(old), _json(new))
    yield from _values(old, new, versions)
    yield from first_changes(old, new)
    yield from _alias_order(old, new)
    yield from reserved_changes(old, new)
    yield from visibility_changes(old, new)


def _openness(enum: EnumType) -> str:
    return "closed" if enum.closed else "open"


def _json(enum: EnumType) -> str:
    allowed = enum.features.json == descriptor_pb2.FeatureSet.ALLOW
    return "allowed" if allowed else "best effort"


def _values(old: EnumType, new: EnumType, versions: Versions) -> Iterator[Change]:
    for value in old.values:
        same = new.by_name.get(value.name)
        if same is not None:
            if same.number != value.number:
                yield kinds.EnumValueRenumbered(value, same)
            yield from option_changes(value, same, versions)
        elif renamed := _renamed(value, old, new):
            yield kinds.EnumValueRenamed(value, renamed)
            yield from option_changes(value, renamed, versions)
        else:
            yield kinds.EnumValueRemoved(value, new)
    for value in new.values:
        if value.name not in old.by_name and not _took_over(value, old, new):
            yield kinds.EnumValueAdded(value, old)


def _renamed(value: EnumValue, old: EnumType, new: EnumType) -> EnumValue | None:
    """The value that has the number under a name that the old version did not know."""
    heirs = [v for v in new.numbers.get(value.number, ()) if v.name not in old.by_name]
    # Where another old name of the number lives on, the missing one was an alias that went.
    alive = any(v.name in new.by_name for v in old.numbers[value.number])
    return None if alive or not heirs else heirs[0]


def _took_over(value: EnumValue, old: EnumType, new: EnumType) -> bool:
    before = old.numbers.get(value.number, ())
    return any(v.name not in new.by_name and _renamed(v, old, new) for v in before)


def first_changes(old: EnumType, new: EnumType) -> Iterator[kinds.EnumDefaultChanged]:
    """The first value, which an unset field reads as, where the two differ."""
    if not old.values or not new.values:
        return
    was, now = old.values[0], new.values[0]
    names = {value.name for value in old.numbers[was.number]}
    kept = any(value.name in names for value in new.numbers[now.number])
    if was.number != now.number and not kept:  # a first value renumbered is told as that
        yield kinds.EnumDefaultChanged(old, new, _value(was), _value(now))


def _value(value: EnumValue) -> str:
    return f"{value.name} = {value.number}"


def _alias_order(old: EnumType, new: EnumType) -> Iterator[Change]:
    for number, values in old.numbers.items():
        here = new.numbers.get(number, ())
        lives_on = {value.name for value in here} & {value.name for value in values}
        if lives_on and here[0].name != values[0].name:
            yield kinds.EnumAliasOrderChanged(old, new, values[0].name, here[0].name, number)


def reserved_changes(old: MessageType | EnumType, new: MessageType | EnumType) -> Iterator[Change]:
    """Numbers and names that were reserved and are no longer."""
    gone = freed(old.reserved, new.reserved)
    names = [f'"{n}"' for n in old.proto.reserved_name if n not in new.proto.reserved_name]
    if gone or names:
        words = ", ".join([*map(in_words, gone), *names])
        yield kinds.ReservedRemoved(old, new, words, "not reserved")


def visibility_changes(
    old: MessageType | EnumType, new: MessageType | EnumType
) -> Iterator[kinds.VisibilityChanged]:
    """Whether other files may use the type."""
    if old.exported != new.exported:
        told = ("exported" if one.exported else "local" for one in (old, new))
        yield kinds.VisibilityChanged(old, new, *told)
