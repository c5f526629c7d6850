"""Changes of messages and their oneofs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from wireproof.changes.change import Added, Altered, Removed, Stated
from wireproof.schema.elements import MessageType, Oneof


@dataclass(frozen=True, slots=True)
class MessageAdded(Added):
    new: MessageType


@dataclass(frozen=True, slots=True)
class MessageRemoved(Removed):
    old: MessageType


@dataclass(frozen=True, slots=True)
class MessageRenamed(Altered):
    old: MessageType
    new: MessageType
    what: ClassVar[str] = "name"

    @property
    def before(self) -> str:
        return self.old.full_name

    @property
    def after(self) -> str:
        return self.new.full_name


@dataclass(frozen=True, slots=True)
class Moved(Altered):
    """A type, service or extension that another file declares now."""

    what: ClassVar[str] = "file"

    @property
    def before(self) -> str:
        return str(self.old.file.name)

    @property
    def after(self) -> str:
        return str(self.new.file.name)


@dataclass(frozen=True, slots=True)
class MessageMoved(Moved):
    pass


@dataclass(frozen=True, slots=True)
class ReservedRemoved(Stated):
    """Numbers or names that a message or enum no longer keeps from being used."""

    what: ClassVar[str] = "reserved"


@dataclass(frozen=True, slots=True)
class ExtensionRangeRemoved(Stated):
    what: ClassVar[str] = "extension ranges"


@dataclass(frozen=True, slots=True)
class JsonFormatChanged(Stated):
    """Whether JSON must work (ALLOW), of a message or enum."""

    what: ClassVar[str] = "JSON format"


@dataclass(frozen=True, slots=True)
class OneofAdded(Added):
    new: Oneof


@dataclass(frozen=True, slots=True)
class OneofRemoved(Removed):
    old: Oneof


@dataclass(frozen=True, slots=True)
class OneofRenamed(Altered):
    old: Oneof
    new: Oneof
    what: ClassVar[str] = "name"

    @property
    def before(self) -> str:
        return self.old.name

    @property
    def after(self) -> str:
        return self.new.name
