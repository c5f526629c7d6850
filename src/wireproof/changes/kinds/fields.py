"""Changes of fields and extensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wireproof.changes.change import Added, Altered, Bump, Removed, Stated
from wireproof.changes.kinds.messages import Moved
from wireproof.schema.elements import MessageType
from wireproof.schema.fields import Field


@dataclass(frozen=True, slots=True)
class FieldAdded(Added[Field]):
    message: MessageType | None
    """The message before it was added; None where the field is an extension."""

    @property
    def words(self) -> str:
        return f"added as {self.new.cardinality} {self.new.type_words} = {self.new.number}"


class FieldRemoved(Removed[Field]):
    __slots__ = ()


class FieldRenamed(Altered[Field]):
    __slots__ = ()
    what = "name"
    told = "name"


@dataclass(frozen=True, slots=True)
class FieldRenumbered(Altered[Field]):
    """A field that kept its name under another number."""

    taken: Field | None = None
    """The field that has the old number now."""
    what = "number"
    told = "number"


class NumberReused(Altered[Field]):
    """A number that another field has now, while the old field lives on elsewhere or is gone."""

    __slots__ = ()
    what = "number's field"
    told = "declared"


class FieldTypeChanged(Altered[Field]):
    __slots__ = ()
    what = "type"
    told = "type_words"


class FieldCardinalityChanged(Altered[Field]):
    """Repeated, map or singular; the type of what is held may have changed as well."""

    __slots__ = ()
    what = "cardinality"
    told = "held"


class FieldPresenceChanged(Stated[Field]):
    """Explicit, implicit or required."""

    __slots__ = ()
    what = "presence"


class FieldJsonNameChanged(Altered[Field]):
    __slots__ = ()
    what = "JSON name"
    told = "json_key"


class FieldOneofChanged(Altered[Field]):
    """A field moved into, out of, or between oneofs."""

    __slots__ = ()
    what = "oneof"
    told = "oneof.name"


class FieldDefaultChanged(Stated[Field]):
    __slots__ = ()
    what = "default"


class FieldPackingChanged(Stated[Any]):
    """Harmless: parsers read both encodings."""

    __slots__ = ()
    usual = Bump.NONE
    what = "packing"


class FieldUtf8Changed(Stated[Field]):
    __slots__ = ()
    what = "UTF-8 validation"


class FieldJavaUtf8Changed(Stated[Field]):
    """What only Java verifies, whatever the feature of all languages says."""

    __slots__ = ()
    what = "UTF-8 validation in Java"


class ExtensionAdded(FieldAdded):
    __slots__ = ()


class ExtensionRemoved(Removed[Field]):
    __slots__ = ()


class ExtensionRenumbered(FieldRenumbered):
    __slots__ = ()


class ExtendeeChanged(Stated[Field]):
    """The message that an extension extends."""

    __slots__ = ()
    what = "extended message"


class ExtensionMoved(Moved):
    __slots__ = ()
