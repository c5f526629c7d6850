"""What differs between two versions of a file itself."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf import descriptor_pb2

from wireproof.changes import kinds
from wireproof.changes.change import Change
from wireproof.changes.languages import language_changes
from wireproof.changes.options import option_changes
from wireproof.changes.versions import Versions
from wireproof.schema.elements import File


def file_changes(old: list[File], new: list[File], versions: Versions) -> Iterator[Change]:
    """Files added, removed and altered; notes which package became which on the way."""
    before = {file.name for file in old}
    for file in old:
        if file.name not in versions.new.schema.by_name:
            yield kinds.FileRemoved(file)
        else:
            yield from _altered(file, versions.new.file(file.name), versions)
    yield from (kinds.FileAdded(file) for file in new if file.name not in before)


def _altered(old: File, new: File, versions: Versions) -> Iterator[Change]:
    if old.packed.parts.rest == new.packed.parts.rest:
        return
    if old.package != new.package:
        if old.package:
            versions.packages[old.package] = new.package
        else:
            _name_types(old, new, versions)
        yield kinds.PackageChanged(old, new)
    if (was := _syntax(old)) != (now := _syntax(new)):
        yield kinds.SyntaxChanged(old, new, was, now)
    yield from _imports(old, new)
    yield from option_changes(old, new, versions)
    yield from language_changes(old, new)


def _name_types(old: File, new: File, versions: Versions) -> None:
    """Without a package to replace, each name of the file moves on its own."""
    types = [message.full_name for message in old.all_messages()]
    types += [enum.full_name for enum in old.all_enums()]
    types += [service.full_name for service in old.services]
    for full_name in types:
        versions.names[full_name] = f"{new.package}.{full_name}"


def _syntax(file: File) -> str:
    if file.proto.syntax == "editions":
        edition = descriptor_pb2.Edition.Name(file.proto.edition)
        return f"edition {edition.removeprefix('EDITION_')}"
    return file.proto.syntax or "proto2"


def _imports(old: File, new: File) -> Iterator[Change]:
    was, now = set(old.proto.dependency), set(new.proto.dependency)
    if was != now:
        yield kinds.ImportChanged(old, new, _list(was - now), _list(now - was))
    if gone := _public(old) - _public(new):
        yield kinds.PublicImportRemoved(old, new, _list(gone), "none")


def _public(file: File) -> set[str]:
    return {file.proto.dependency[index] for index in file.proto.public_dependency}


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
