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
from wireproof.schema.schema import Schema


def file_changes(old: list[File], new: list[File], versions: Versions) -> Iterator[Change]:
    """Files added, removed and altered; notes which package became which on the way."""
    before = {file.name for file in old}
    for file in old:
        if file.name not in versions.new.schema.by_name:
            yield kinds.FileRemoved(file)
        else:
            heir = versions.new.file(file.name)
            if heir.package != file.package:
                _take_names_along(file, heir, new, versions)
            yield from _altered(file, heir, versions)
    yield from (kinds.FileAdded(file) for file in new if file.name not in before)


def _altered(old: File, new: File, versions: Versions) -> Iterator[Change]:
    if old.packed.parts.rest == new.packed.parts.rest:
        return
    if old.package != new.package:
        yield kinds.PackageChanged(old, new)
    if (was := _syntax(old)) != (now := _syntax(new)):
        yield kinds.SyntaxChanged(old, new, was, now)
    yield from _imports(old, new)
    yield from option_changes(old, new, versions)
    yield from language_changes(old, new)


def _take_names_along(old: File, new: File, files: list[File], versions: Versions) -> None:
    """Each name of the file moves with it, if *files*, the new version's, have it there.

    Other files may stay in the package, and packages within it are others.
    """
    there = {name for file in files if file.package == new.package for name in _names(file)}
    if old.package and not lasts(old.package, versions.new.schema):
        versions.packages[old.package] = new.package
    for name in _names(old):
        own = name[len(old.package) + 1 :] if old.package else name
        moved = f"{new.package}.{own}".lstrip(".")
        if moved in there:
            versions.moved[name] = moved


def _names(file: File) -> Iterator[str]:
    elements = (file.all_messages(), file.all_enums(), file.extensions, file.services)
    return (one.full_name for kind in elements for one in kind)


def lasts(package: str, schema: Schema) -> bool:
    """Whether a file of *schema* itself is in the package."""
    return any(schema.file(name).package == package for name in schema.own)


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
