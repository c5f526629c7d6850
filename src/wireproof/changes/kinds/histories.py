"""Changes that only a history of versions shows."""

from __future__ import annotations

from dataclasses import dataclass

from wireproof.changes.change import Stated
from wireproof.schema.elements import EnumValue, Rpc
from wireproof.schema.fields import Field


@dataclass(frozen=True, slots=True)
class ReusedLater(Stated):
    """What an earlier version used, a later one dropped, and the last one uses for something else.

    *dropped* is the source of the version that lacked it.
    """

    dropped: str

    @property
    def words(self) -> str:
        return f"was {self.promised}, gone in {self.dropped}, and is {self.found} now"


@dataclass(frozen=True, slots=True)
class FieldNumberReusedLater(ReusedLater):
    old: Field
    new: Field


@dataclass(frozen=True, slots=True)
class FieldNameReusedLater(ReusedLater):
    old: Field
    new: Field


@dataclass(frozen=True, slots=True)
class EnumNumberReusedLater(ReusedLater):
    old: EnumValue
    new: EnumValue


@dataclass(frozen=True, slots=True)
class EnumNameReusedLater(ReusedLater):
    old: EnumValue
    new: EnumValue


@dataclass(frozen=True, slots=True)
class RpcReusedLater(ReusedLater):
    old: Rpc
    new: Rpc
