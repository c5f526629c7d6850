"""What differs between the extensions of two versions."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.changes import kinds
from wireproof.changes.change import Change
from wireproof.changes.compare_fields import altered_field
from wireproof.changes.versions import Versions
from wireproof.schema.fields import Field


def extension_changes(old: list[Field], new: list[Field], versions: Versions) -> Iterator[Change]:
    """Extensions matched by full name, else by what they extend and under which number."""
    named = {field.full_name: field for field in new}
    numbered = {(field.holder, field.number): field for field in new}
    before = {versions.new_name(field.full_name) for field in old}
    heirs: set[str] = set()
    for field in old:
        same = named.get(versions.new_name(field.full_name))
        heir = numbered.get((versions.new_name(field.holder), field.number))
        if same is not None:
            yield from _kept(field, same, heir, versions)
        elif heir is not None and heir.full_name not in before:
            heirs.add(heir.full_name)
            yield kinds.FieldRenamed(field, heir)
            yield from altered_field(field, heir, versions)
        elif (plain := _as_field(field, versions)) is not None:
            yield kinds.FieldRenamed(field, plain)
            yield from altered_field(field, plain, versions)
        else:
            yield kinds.ExtensionRemoved(field)
    for field in new:
        if field.full_name not in before and field.full_name not in heirs:
            yield kinds.ExtensionAdded(field, None)


def _as_field(extension: Field, versions: Versions) -> Field | None:
    """The field that its message itself has now under the number."""
    message = versions.new.message(versions.new_name(extension.holder))
    return message.by_number.get(extension.number) if message else None


def _kept(old: Field, same: Field, heir: Field | None, versions: Versions) -> Iterator[Change]:
    if old.json_key != same.json_key:  # the package moved, and with it the names of extensions
        yield kinds.FieldJsonNameChanged(old, same)
    if old.proto == same.proto and old.features == same.features:
        if old.file.name != same.file.name:
            yield kinds.ExtensionMoved(old, same)
        return
    if versions.new_name(old.holder) != same.holder:
        yield kinds.ExtendeeChanged(old, same, old.holder, same.holder)
    elif old.number != same.number:
        yield kinds.ExtensionRenumbered(old, same, heir)
    yield from altered_field(old, same, versions)
