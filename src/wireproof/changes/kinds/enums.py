"""Changes of enums and their values."""

from __future__ import annotations

from dataclasses import dataclass

from wireproof.changes.change import Added, Altered, Removed, Stated
from wireproof.changes.kinds.messages import Moved
from wireproof.schema.elements import EnumType, EnumValue


class EnumAdded(Added[EnumType]):
    __slots__ = ()


class EnumRemoved(Removed[EnumType]):
    __slots__ = ()


class EnumRenamed(Altered[EnumType]):
    __slots__ = ()
    what = "name"


class EnumMoved(Moved):
    __slots__ = ()


class EnumOpennessChanged(Stated[EnumType]):
    __slots__ = ()
    what = "enum type"


class EnumDefaultChanged(Stated[EnumType]):
    """The first value, which is what an unset field without a default of its own means."""

    __slots__ = ()
    what = "first value"


@dataclass(frozen=True, slots=True)
class EnumValueAdded(Added[EnumValue]):
    enum: EnumType
    """The enum before it was added."""


class EnumValueRemoved(Removed[EnumValue]):
    __slots__ = ()


class EnumValueRenamed(Altered[EnumValue]):
    __slots__ = ()
    what = "name"
    told = "name"


class EnumValueRenumbered(Altered[EnumValue]):
    __slots__ = ()
    what = "number"
    told = "number"


@dataclass(frozen=True, slots=True)
class EnumAliasOrderChanged(Stated[EnumType]):
    """Which of a number's names is written to JSON."""

    number: int
    what = "written name"
