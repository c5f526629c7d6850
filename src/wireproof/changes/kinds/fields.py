"""Changes of fields and extensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from wireproof.changes.change import Added, Altered, Bump, Removed, Stated
from wireproof.changes.kinds.messages import Moved
from wireproof.schema.elements import MessageType
from wireproof.schema.fields import Field


@dataclass(frozen=True, slots=True)
class FieldAdded(Added):
    new: Field
    message: MessageType | None
    """The message before it was added; None where the field is an extension."""

    @property
    def words(self) -> str:
        return f"added as {self.new.cardinality} {self.new.type_words} = {self.new.number}"


@dataclass(frozen=True, slots=True)
class FieldRemoved(Removed):
    old: Field
    around: MessageType | None = None


@dataclass(frozen=True, slots=True)
class FieldRenamed(Altered):
    old: Field
    new: Field
    what: ClassVar[str] = "name"

    @property
    def before(self) -> str:
        return self.old.name

    @property
    def after(self) -> str:
        return self.new.name


@dataclass(frozen=True, slots=True)
class FieldRenumbered(Altered):
    """A field that kept its name under another number."""

    old: Field
    new: Field
    taken: Field | None = None
    """The field that has the old number now."""
    what: ClassVar[str] = "number"

    @property
    def before(self) -> str:
        return str(self.old.number)

    @property
    def after(self) -> str:
        return str(self.new.number)


@dataclass(frozen=True, slots=True)
class NumberReused(Altered):
    """A number that another field has now, while the old field lives on elsewhere or is gone."""

    old: Field
    new: Field
    what: ClassVar[str] = "number's field"

    @property
    def before(self) -> str:
        return f"{self.old.type_words} {self.old.name}"

    @property
    def after(self) -> str:
        return f"{self.new.type_words} {self.new.name}"


@dataclass(frozen=True, slots=True)
class FieldTypeChanged(Altered):
    old: Field
    new: Field
    what: ClassVar[str] = "type"

    @property
    def before(self) -> str:
        return self.old.type_words

    @property
    def after(self) -> str:
        return self.new.type_words


@dataclass(frozen=True, slots=True)
class FieldCardinalityChanged(Altered):
    """Repeated, map or singular; the type of what is held may have changed as well."""

    old: Field
    new: Field
    what: ClassVar[str] = "cardinality"

    @property
    def before(self) -> str:
        return _held(self.old)

    @property
    def after(self) -> str:
        return _held(self.new)


@dataclass(frozen=True, slots=True)
class FieldPresenceChanged(Stated):
    """Explicit, implicit or required."""

    old: Field
    new: Field
    what: ClassVar[str] = "presence"


@dataclass(frozen=True, slots=True)
class FieldJsonNameChanged(Altered):
    old: Field
    new: Field
    what: ClassVar[str] = "JSON name"

    @property
    def before(self) -> str:
        return self.old.json_name

    @property
    def after(self) -> str:
        return self.new.json_name


@dataclass(frozen=True, slots=True)
class FieldOneofChanged(Altered):
    """A field moved into, out of, or between oneofs."""

    old: Field
    new: Field
    what: ClassVar[str] = "oneof"

    @property
    def before(self) -> str:
        return self.old.oneof.name if self.old.oneof else "none"

    @property
    def after(self) -> str:
        return self.new.oneof.name if self.new.oneof else "none"


@dataclass(frozen=True, slots=True)
class FieldDefaultChanged(Stated):
    old: Field
    new: Field
    what: ClassVar[str] = "default"


@dataclass(frozen=True, slots=True)
class FieldPackingChanged(Stated):
    """Harmless: parsers read both encodings."""

    bump: ClassVar[Bump] = Bump.NONE
    what: ClassVar[str] = "packing"


@dataclass(frozen=True, slots=True)
class FieldUtf8Changed(Stated):
    old: Field
    new: Field
    what: ClassVar[str] = "UTF-8 validation"


@dataclass(frozen=True, slots=True)
class ExtensionAdded(FieldAdded):
    pass


@dataclass(frozen=True, slots=True)
class ExtensionRemoved(Removed):
    old: Field


@dataclass(frozen=True, slots=True)
class ExtensionRenumbered(FieldRenumbered):
    pass


@dataclass(frozen=True, slots=True)
class ExtendeeChanged(Stated):
    """The message that an extension extends."""

    old: Field
    new: Field
    what: ClassVar[str] = "extended message"


@dataclass(frozen=True, slots=True)
class ExtensionMoved(Moved):
    pass


def _held(field: Field) -> str:
    words = field.type_words
    return f"repeated {words}" if field.cardinality == "repeated" else words
