"""Every element of a schema by its full name, viewed when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wireproof.schema.elements import EnumType, File, MessageType, Service
from wireproof.schema.lazy import lazy
from wireproof.schema.schema import Schema


class Index:
    """The views of one schema; a file is viewed when something in it is first asked for."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._files: dict[str, File] = {}
        self._near: dict[str, str] = {}
        """The homes of the types whose files are viewed: mostly, no others are asked for."""
        self._unlisted: list[str] = []
        """The viewed files whose types do not stand in it yet."""

    def file(self, name: str) -> File:
        if name not in self._files:
            self._files[name] = File(self.schema.by_name[name], self.schema)
            self._unlisted.append(name)
        return self._files[name]

    def files(self) -> Iterator[File]:
        return (self.file(packed.name) for packed in self.schema.packed)

    def message(self, full_name: str, near: str = "") -> MessageType | None:
        """The message of that name, map entries included; the file *near* is looked at first."""
        if near in self.schema.by_name and (found := self.file(near).types.get(full_name)):
            return found
        file = self._file_of(full_name)
        return file.types.get(full_name) if file else None

    def enum(self, full_name: str) -> EnumType | None:
        file = self._file_of(full_name)
        return file.enum_types.get(full_name) if file else None

    def _file_of(self, full_name: str) -> File | None:
        home = self.home(full_name)
        return self.file(home) if home else None

    def home(self, full_name: str) -> str | None:
        """The file that declares a type: the home of its outermost message, or its own."""
        return _home(full_name, self._listed()) or _home(full_name, self._homes)

    def _listed(self) -> Mapping[str, str]:
        """`_near`, complete."""
        while self._unlisted:
            name = self._unlisted.pop()
            parts = self.schema.by_name[name].parts
            self._near.update((full_name, name) for full_name in parts.types())
        return self._near

    @lazy
    def _homes(self) -> Mapping[str, str]:
        """Full name of each outermost type → its file; read without views, as there are many."""
        return {name: packed.name for packed in self.schema.packed for name in packed.parts.types()}

    def messages(self) -> Iterator[MessageType]:
        """Every message but map entries."""
        return (message for file in self.files() for message in file.all_messages())

    def enums(self) -> Iterator[EnumType]:
        return (enum for file in self.files() for enum in file.all_enums())

    @lazy
    def services(self) -> Mapping[str, Service]:
        return {s.full_name: s for file in self.files() for s in file.services}


def _home(full_name: str, homes: Mapping[str, str]) -> str | None:
    """Where the outermost type around *full_name*, or itself, is at home."""
    name = full_name
    while name:
        if name in homes:
            return homes[name]
        name = name.rpartition(".")[0]
    return None
