"""Every element of a schema by its full name, found when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from wireproof.schema.elements import EnumType, File, MessageType, Service
from wireproof.schema.schema import Schema


class Index:
    """The views of one schema. Files are viewed when first asked for."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._files: dict[str, File] = {}

    def file(self, name: str) -> File:
        if name not in self._files:
            self._files[name] = File(self.schema.file(name), self.schema)
        return self._files[name]

    def files(self) -> Iterator[File]:
        return (self.file(packed.name) for packed in self.schema.packed)

    def message(self, full_name: str) -> MessageType | None:
        return self.messages.get(full_name)

    def enum(self, full_name: str) -> EnumType | None:
        return self.enums.get(full_name)

    @cached_property
    def messages(self) -> Mapping[str, MessageType]:
        """Every message, map entries included."""
        found: dict[str, MessageType] = {}
        for file in self.files():
            waiting = list(file.messages)
            while waiting:
                message = waiting.pop()
                found[message.full_name] = message
                waiting += message.messages
        return found

    @cached_property
    def enums(self) -> Mapping[str, EnumType]:
        found = {enum.full_name: enum for file in self.files() for enum in file.enums}
        nested = (enum for message in self.messages.values() for enum in message.enums)
        return found | {enum.full_name: enum for enum in nested}

    @cached_property
    def services(self) -> Mapping[str, Service]:
        return {s.full_name: s for file in self.files() for s in file.services}
