"""What every kind of change has in common."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from wireproof.finding import Location


class Bump(StrEnum):
    """Which part of a version a change raises."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"
    NONE = "none"

    @property
    def weight(self) -> int:
        return ("none", "patch", "minor", "major").index(self)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. Its natural bump is what it makes where nothing breaks."""

    bump: ClassVar[Bump] = Bump.PATCH

    @property
    def kind(self) -> str:
        return type(self).__name__

    @property
    def element(self) -> Any:
        """The element it is about: the old one, whose promise it may break, else the new one."""
        raise NotImplementedError

    @property
    def subject(self) -> str:
        name: str = self.element.full_name
        return name

    @property
    def words(self) -> str:
        """What happened, in words that follow the subject."""
        raise NotImplementedError

    @property
    def location(self) -> Location:
        """Where to look: in the new version, where there is something of it left."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Added(Change):
    """An element that only the new version has."""

    new: Any
    bump: ClassVar[Bump] = Bump.MINOR

    @property
    def element(self) -> Any:
        return self.new

    @property
    def words(self) -> str:
        return "added"

    @property
    def location(self) -> Location:
        place: Location = self.new.file.location(self.new.path)
        return place


@dataclass(frozen=True, slots=True)
class Removed(Change):
    """An element that only the old version has; *around* is what held it, in the new version."""

    old: Any
    around: Any = None
    bump: ClassVar[Bump] = Bump.MAJOR

    @property
    def element(self) -> Any:
        return self.old

    @property
    def words(self) -> str:
        return "removed"

    @property
    def location(self) -> Location:
        at = self.old if self.around is None else self.around
        place: Location = at.file.location(at.path)
        return place


@dataclass(frozen=True, slots=True)
class Altered(Change):
    """An element that both versions have, and that differs in one respect."""

    old: Any
    new: Any

    what: ClassVar[str] = ""

    @property
    def element(self) -> Any:
        return self.old

    @property
    def before(self) -> str:
        raise NotImplementedError

    @property
    def after(self) -> str:
        raise NotImplementedError

    @property
    def words(self) -> str:
        what = f"{self.what} " if self.what else ""
        return f"{what}changed from {self.before} to {self.after}"

    @property
    def location(self) -> Location:
        place: Location = self.new.file.location(self.new.path)
        return place


@dataclass(frozen=True, slots=True)
class Stated(Altered):
    """An alteration whose two sides are told in words when it is found."""

    promised: str
    found: str

    @property
    def before(self) -> str:
        return self.promised

    @property
    def after(self) -> str:
        return self.found
