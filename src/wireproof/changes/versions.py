"""Two versions of a schema side by side: what every comparison of them needs."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from functools import cached_property

from google.protobuf.descriptor_pool import DescriptorPool

from wireproof.schema.elements import File, MessageType
from wireproof.schema.fields import Field
from wireproof.schema.image import PackedFile
from wireproof.schema.index import Index
from wireproof.schema.linked import Linked
from wireproof.schema.roles import Roles
from wireproof.schema.schema import Schema
from wireproof.schema.spans import within

_Extensions = Mapping[str, Mapping[int, Field]]
"""Message → by number, what it is extended by."""


class Versions:
    """The old and the new schema, their differing files, and which old name became which new."""

    def __init__(self, old: Schema, new: Schema, stored: Iterable[str] = ()) -> None:
        """*stored* names the messages that policy calls stored."""
        self.old = Index(old)
        self.new = Index(new.sharing(old))
        self._stored = tuple(stored)
        self.names: MutableMapping[str, str] = {}
        """Old full name → new full name, of types that live on under another name."""
        self.moved: dict[str, str] = {}
        """Old full name → new full name, of what changed its package along with its file."""
        self.packages: dict[str, str] = {}
        """Old package → new package, where a file changed its own and none was left in the old."""

    @cached_property
    def old_files(self) -> tuple[str, ...]:
        """The old version's own files that are not byte for byte the same in the new one."""
        return _differing(self.old.schema, self.new.schema)

    @cached_property
    def new_files(self) -> tuple[str, ...]:
        return _differing(self.new.schema, self.old.schema)

    def new_extension(self, message: MessageType, number: int) -> Field | None:
        """The extension that has *number* in *message*, both of the new version."""
        if not within(number, message.extension_ranges):  # mostly: spare all files the search
            return None
        return self._new_extensions.get(message.full_name, {}).get(number)

    def old_extensions(self, message: MessageType) -> list[Field]:
        """What the old version's differing files extend *message* by, one of that version."""
        if not message.extension_ranges:
            return []
        return list(self._old_extensions.get(message.full_name, {}).values())

    def new_extensions(self, message: MessageType) -> list[Field]:
        """The same of the new version."""
        if not message.extension_ranges:
            return []
        return list(self._new_extensions.get(message.full_name, {}).values())

    @cached_property
    def _old_extensions(self) -> _Extensions:
        return _extending(self.old.file(name) for name in self.old_files)

    @cached_property
    def _new_extensions(self) -> _Extensions:
        return _extending(self.new.file(name) for name in self.new_files)

    @cached_property
    def roles(self) -> Roles:
        files = {*self.old_files, *self.new_files}
        return Roles((self.old.schema, self.new.schema), about=files, stored=self._stored)

    def begin(self) -> None:
        """Begin with what every finding asks for, beside what is done before, where that pays."""
        self.roles  # noqa: B018 - who makes them begins with them

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Within it, what is learnt of names holds for it alone."""
        known, self.names = self.names, ChainMap({}, self.names)
        try:
            yield
        finally:
            self.names = known

    @cached_property
    def old_linked(self) -> Linked:
        """The differing files and their imports, linked as far as is asked."""
        return self._linked(self.old.schema)

    @cached_property
    def new_linked(self) -> Linked:
        return self._linked(self.new.schema)

    @property
    def old_pool(self) -> DescriptorPool:
        """The differing files and their imports, linked."""
        return self.old_linked.whole()

    @property
    def new_pool(self) -> DescriptorPool:
        return self.new_linked.whole()

    def _linked(self, schema: Schema) -> Linked:
        both = {*self.old_files, *self.new_files}
        return Linked(schema, (name for name in both if name in schema.by_name))

    def keeps(self, name: str) -> bool:
        """Whether the type *name* is called so in both versions, as far as is known."""
        return name not in self.names and self.new_name(name) == name

    def new_name(self, old: str) -> str:
        """What the new version calls the type *old*, wherever a rename is known."""
        return self.names.get(old) or self.moved.get(old, old)


def _extending(files: Iterable[File]) -> _Extensions:
    found: dict[str, dict[int, Field]] = {}
    for file in files:
        for extension in file.extensions:
            found.setdefault(extension.holder, {})[extension.number] = extension
    return found


def _differing(these: Schema, those: Schema) -> tuple[str, ...]:
    judged = these.own | those.own
    return tuple(
        packed.name
        for packed in these.packed
        if packed.name in judged and not _stands(packed, those.by_name.get(packed.name))
    )


def _stands(packed: PackedFile, other: PackedFile | None) -> bool:
    return other is not None and packed.equals(other)
