"""Match the elements of two versions once, and tell every difference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

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
from wireproof.schema.fields import Field


def changes_between(versions: Versions) -> tuple[Change, ...]:
    """Every difference between the two versions' own files, files first, in file order."""
    old = [versions.old.file(name) for name in versions.old_files]
    new = [versions.new.file(name) for name in versions.new_files]
    return tuple(_changes(old, new, versions))


def _changes(old: list[File], new: list[File], versions: Versions) -> Iterator[Change]:
    yield from file_changes(old, new, versions)
    was, now = _parts(old, new), _parts(new, old)
    yield from message_changes(match_types(was.messages, now.messages, versions), versions)
    yield from enum_changes(match_types(was.enums, now.enums, versions), versions)
    yield from extension_changes(was.extensions, now.extensions, versions)
    yield from _services(was.services, now.services, versions)


class _Parts(NamedTuple):
    """What the files of one version declare, less what the other version declares just so."""

    messages: list[MessageType]
    enums: list[EnumType]
    extensions: list[Field]
    services: list[Service]


def _parts(files: list[File], others: list[File]) -> _Parts:
    there = {file.name: file for file in others}
    messages = [m for file in files for m in file.messages_apart(there.get(file.name))]
    enums = [e for file in files for e in file.enums_apart(there.get(file.name))]
    extensions = [x for file in files for x in file.own_extensions]
    extensions += [x for m in messages for x in m.all_extensions()]
    services = [s for file in files for s in file.services_apart(there.get(file.name))]
    return _Parts(messages, enums, extensions, services)


def _services(old: list[Service], new: list[Service], versions: Versions) -> Iterator[Change]:
    here = {service.full_name: service for service in new}
    kept: set[str] = set()
    for service in old:
        name = versions.new_name(service.full_name)
        found = here.get(name)
        kept.add(name)
        if found is None:
            yield kinds.ServiceRemoved(service, _around(service, versions))
        else:
            yield from service_changes(service, found, versions)
    yield from (kinds.ServiceAdded(s) for name, s in here.items() if name not in kept)


def _around(service: Service, versions: Versions) -> File | None:
    name = service.file.name
    return versions.new.file(name) if name in versions.new.schema.by_name else None
