"""Match the elements of two versions once, and tell every difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from wireproof.changes import kinds
from wireproof.changes.change import Change
from wireproof.changes.compare_enums import enum_changes
from wireproof.changes.compare_extensions import extension_changes
from wireproof.changes.compare_files import file_changes
from wireproof.changes.compare_messages import message_changes
from wireproof.changes.compare_services import service_changes
from wireproof.changes.matching import match_types
from wireproof.changes.versions import Versions
from wireproof.schema.elements import EnumType, File, MessageType, Service

_T = TypeVar("_T", MessageType, EnumType, Service)


def changes_between(versions: Versions) -> tuple[Change, ...]:
    """Every difference between the two versions' own files, files first, in file order."""
    old = [versions.old.file(name) for name in versions.old_files]
    new = [versions.new.file(name) for name in versions.new_files]
    return tuple(_changes(old, new, versions))


def _changes(old: list[File], new: list[File], versions: Versions) -> Iterator[Change]:
    yield from file_changes(old, new, versions)
    messages = match_types(
        [m for f in old for m in f.messages], [m for f in new for m in f.messages], versions
    )
    enums = match_types(
        [e for f in old for e in f.enums], [e for f in new for e in f.enums], versions
    )
    yield from message_changes(messages, versions)
    yield from enum_changes(enums, versions)
    yield from extension_changes(
        [x for f in old for x in f.extensions], [x for f in new for x in f.extensions], versions
    )
    yield from _services(old, new, versions)


def _services(old: list[File], new: list[File], versions: Versions) -> Iterator[Change]:
    here = _named(s for f in new for s in f.services)
    kept: set[str] = set()
    for service in (s for f in old for s in f.services):
        name = versions.new_name(service.full_name)
        found = here.get(name)
        kept.add(name)
        if found is None:
            yield kinds.ServiceRemoved(service, _around(service, versions))
        else:
            yield from service_changes(service, found, versions)
    yield from (kinds.ServiceAdded(s) for name, s in here.items() if name not in kept)


def _named(types: Iterable[_T]) -> dict[str, _T]:
    return {one.full_name: one for one in types}


def _around(service: Service, versions: Versions) -> File | None:
    name = service.file.name
    return versions.new.file(name) if name in versions.new.schema.by_name else None
