"""Changes of messages and their oneofs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wireproof.changes.change import Added, Altered, Removed, Stated
from wireproof.schema.elements import MessageType, Oneof


class MessageAdded(Added[MessageType]):
    __slots__ = ()


class MessageRemoved(Removed[MessageType]):
    __slots__ = ()


class MessageRenamed(Altered[MessageType]):
    __slots__ = ()
    what = "name"
    told = "full_name"


class Moved(Altered[Any]):
    """A type, service or extension that another file declares now."""

    __slots__ = ()
    what = "file"
    told = "file.name"


class MessageMoved(Moved):
    __slots__ = ()


class ReservedRemoved(Stated[Any]):
    """Numbers or names that a message or enum no longer keeps from being used."""

    __slots__ = ()
    what = "reserved"


class ExtensionRangeRemoved(Stated[Any]):
    __slots__ = ()
    what = "extension ranges"


@dataclass(frozen=True, slots=True)
class ExtensionDeclarationChanged(Stated[MessageType]):
    """What an extension range says of the extension under *number*."""

    number: int

    @property
    def words(self) -> str:
        return f"extension {self.number} changed from {self.promised} to {self.found}"


class ExtensionVerificationAdded(Stated[MessageType]):
    """A range that admitted any extension admits only those that it declares."""

    __slots__ = ()
    what = "extensions"


class VisibilityChanged(Stated[Any]):
    """Whether other files may use a message or enum (since edition 2024)."""

    __slots__ = ()
    what = "visibility"


class JsonFormatChanged(Stated[Any]):
    """Whether JSON must work (ALLOW), of a message or enum."""

    __slots__ = ()
    what = "JSON format"


class OneofAdded(Added[Oneof]):
    __slots__ = ()


class OneofRemoved(Removed[Oneof]):
    __slots__ = ()


class OneofRenamed(Altered[Oneof]):
    __slots__ = ()
    what = "name"
    told = "name"
