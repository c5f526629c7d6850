"""Changes of messages and their oneofs."""

from __future__ import annotations

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
