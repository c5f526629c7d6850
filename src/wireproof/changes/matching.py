"""Which old type is which new type: by full name, else by its structure."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from wireproof.changes.compare_files import lasts
from wireproof.changes.versions import Versions
from wireproof.schema.elements import EnumType, MessageType

T = TypeVar("T", MessageType, EnumType)


@dataclass(frozen=True, slots=True)
class Matched(Generic[T]):
    """The types of one scope in both versions."""

    pairs: tuple[tuple[T, T], ...]
    renamed: tuple[tuple[T, T], ...]
    removed: tuple[T, ...]
    added: tuple[T, ...]


def match_types(old: Sequence[T], new: Sequence[T], versions: Versions) -> Matched[T]:
    """Match by full name; what is left, where one old and one new type are built alike."""
    here = {one.full_name: one for one in new}
    named = [(one, here.get(versions.new_name(one.full_name))) for one in old]
    pairs = tuple((was, now) for was, now in named if now is not None)
    taken = {now.full_name for _, now in pairs}
    gone = [was for was, now in named if now is None]
    fresh = [one for one in new if one.full_name not in taken]
    renamed = tuple(pair for pair in _alike(gone, fresh) if _one_type(*pair, versions))
    for was, now in renamed:
        versions.names[was.full_name] = now.full_name
    old_names = {was.full_name for was, _ in renamed}
    new_names = {now.full_name for _, now in renamed}
    return Matched(
        pairs,
        renamed,
        tuple(one for one in gone if one.full_name not in old_names),
        tuple(one for one in fresh if one.full_name not in new_names),
    )


def _alike(gone: list[T], fresh: list[T]) -> tuple[tuple[T, T], ...]:
    """Pairs in which each side is the only one of its shape."""
    if not gone or not fresh:
        return ()
    old, new = _by_shape(gone), _by_shape(fresh)
    return tuple(
        (old[shape][0], new[shape][0])
        for shape in old
        if shape and len(old[shape]) == 1 and len(new.get(shape, ())) == 1
    )


def _one_type(was: T, now: T, versions: Versions) -> bool:
    """Within a package any name may change; into another one a type takes its name along.

    Where the old package is gone with all it held, nothing of it was renamed.
    """
    package = was.file.package
    if now.file.package == versions.packages.get(package, package):
        return True
    return was.name == now.name and lasts(package, versions.new.schema)


def _by_shape(types: list[T]) -> dict[Hashable, list[T]]:
    found: dict[Hashable, list[T]] = {}
    for one in types:
        found.setdefault(_shape(one), []).append(one)
    return found


def _shape(one: MessageType | EnumType) -> Hashable:
    """What a type is made of, its own name left out; empty for what says too little to match."""
    if isinstance(one, EnumType):
        return tuple((v.number, v.name) for v in one.values)
    own = f".{one.full_name}"
    fields = tuple(
        (f.number, f.name, f.type, f.label, "" if f.type_name.startswith(own) else f.type_name)
        for f in one.proto.field
    )
    return fields and (one.is_map_entry, *fields)  # the entry of a map is nobody's to name
