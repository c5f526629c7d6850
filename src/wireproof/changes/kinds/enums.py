"""Changes of enums and their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from wireproof.changes.change import Added, Altered, Removed, Stated
from wireproof.changes.kinds.messages import MessageRenamed, Moved
from wireproof.schema.elements import EnumType, EnumValue


@dataclass(frozen=True, slots=True)
class EnumAdded(Added):
    new: EnumType


@dataclass(frozen=True, slots=True)
class EnumRemoved(Removed):
    old: EnumType


@dataclass(frozen=True, slots=True)
class EnumRenamed(MessageRenamed):
    old: EnumType  # type: ignore[assignment]  # the same words for another element
    new: EnumType  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class EnumMoved(Moved):
    pass


@dataclass(frozen=True, slots=True)
class EnumOpennessChanged(Stated):
    old: EnumType
    new: EnumType
    what: ClassVar[str] = "enum type"


@dataclass(frozen=True, slots=True)
class EnumDefaultChanged(Stated):
    """The first value, which is what an unset field without a default of its own means."""

    old: EnumType
    new: EnumType
    what: ClassVar[str] = "first value"


@dataclass(frozen=True, slots=True)
class EnumValueAdded(Added):
    new: EnumValue
    enum: EnumType
    """The enum before it was added."""


@dataclass(frozen=True, slots=True)
class EnumValueRemoved(Removed):
    old: EnumValue
    around: EnumType


@dataclass(frozen=True, slots=True)
class EnumValueRenamed(Altered):
    old: EnumValue
    new: EnumValue
    what: ClassVar[str] = "name"

    @property
    def before(self) -> str:
        return self.old.name

    @property
    def after(self) -> str:
        return self.new.name


@dataclass(frozen=True, slots=True)
class EnumValueRenumbered(Altered):
    old: EnumValue
    new: EnumValue
    what: ClassVar[str] = "number"

    @property
    def before(self) -> str:
        return str(self.old.number)

    @property
    def after(self) -> str:
        return str(self.new.number)


@dataclass(frozen=True, slots=True)
class EnumAliasOrderChanged(Stated):
    """Which of a number's names is written to JSON."""

    old: EnumType
    new: EnumType
    number: int
    what: ClassVar[str] = "written name"
