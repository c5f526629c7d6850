"""Changes that only a history of versions shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wireproof.changes.change import Stated
from wireproof.changes.kinds.enums import EnumDefaultChanged
from wireproof.changes.kinds.fields import FieldDefaultChanged


@dataclass(frozen=True, slots=True)
class ReusedLater(Stated[Any]):
    """What an earlier version used, a later one dropped, and the last one uses for something else.

    *dropped* is the source of the version that lacked it.
    """

    dropped: str

    @property
    def since(self) -> str:
        """The source of the version that used it."""
        source: str = self.old.file.schema.source
        return source

    @property
    def now(self) -> str:
        """The source of the version that uses it anew."""
        source: str = self.new.file.schema.source
        return source

    @property
    def words(self) -> str:
        since, now = f"was {self.promised} in {self.since}", f"is {self.found} now"
        return f"{since}, gone in {self.dropped}, and {now}"


class FieldNumberReusedLater(ReusedLater):
    __slots__ = ()


class FieldNameReusedLater(ReusedLater):
    __slots__ = ()


class EnumNumberReusedLater(ReusedLater):
    __slots__ = ()


class EnumNameReusedLater(ReusedLater):
    __slots__ = ()


class RpcReusedLater(ReusedLater):
    __slots__ = ()


class ServiceReusedLater(ReusedLater):
    """A service that came back without some of its RPCs."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class FieldDefaultReturned(FieldDefaultChanged):
    """A default that drifted for a while: *old* is the field of the time between."""

    before_that: str
    """The source of the version that had the default already."""

    @property
    def words(self) -> str:
        return f"default drifted to {self.before} and is {self.after} again"


@dataclass(frozen=True, slots=True)
class EnumDefaultReturned(EnumDefaultChanged):
    """A first value that drifted for a while: *old* is the enum of the time between."""

    before_that: str

    @property
    def words(self) -> str:
        return f"first value drifted to {self.before} and is {self.after} again"
