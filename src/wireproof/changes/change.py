"""The three shapes of a change: an element added, removed, or altered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from wireproof.finding import Location
from wireproof.schema.elements import Element

E = TypeVar("E", bound=Element)


class Bump(StrEnum):
    """Which part of a version a change raises."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"
    NONE = "none"

    @property
    def weight(self) -> int:
        return ("none", "patch", "minor", "major").index(self)


class _Told:
    """What all shapes tell alike. A change's natural bump is what it makes where nothing breaks."""

    __slots__ = ()

    element: Any
    """The element it is about: the old one, whose promise it may break, else the new one."""

    @property
    def kind(self) -> str:
        return type(self).__name__

    @property
    def subject(self) -> str:
        name: str = self.element.full_name
        return name


@dataclass(frozen=True, slots=True)
class Added(_Told, Generic[E]):
    """An element that only the new version has."""

    new: E
    bump: ClassVar[Bump] = Bump.MINOR

    @property
    def element(self) -> E:
        return self.new

    @property
    def words(self) -> str:
        return "added"

    @property
    def location(self) -> Location:
        return self.new.file.location(self.new.path)


@dataclass(frozen=True, slots=True)
class Removed(_Told, Generic[E]):
    """An element that only the old version has; *around* is what held it, in the new version."""

    old: E
    around: Any = None
    bump: ClassVar[Bump] = Bump.MAJOR

    @property
    def element(self) -> E:
        return self.old

    @property
    def words(self) -> str:
        return "removed"

    @property
    def location(self) -> Location:
        at: Element = self.old if self.around is None else self.around
        return at.file.location(at.path)


@dataclass(frozen=True, slots=True)
class Altered(_Told, Generic[E]):
    """An element that both versions have, and that differs in one respect."""

    old: E
    new: E
    usual: ClassVar[Bump] = Bump.PATCH
    what: ClassVar[str] = ""
    told: ClassVar[str] = "full_name"
    """The attribute in which it differs."""

    @property
    def element(self) -> E:
        return self.old

    @property
    def bump(self) -> Bump:
        """Where only some alterations of a kind add something, the kind says which."""
        return self.usual

    @property
    def before(self) -> str:
        return _attribute(self.old, self.told)

    @property
    def after(self) -> str:
        return _attribute(self.new, self.told)

    @property
    def words(self) -> str:
        what = f"{self.what} " if self.what else ""
        return f"{what}changed from {self.before} to {self.after}"

    @property
    def location(self) -> Location:
        """Where to look: in the new version, where there is something of it left."""
        return self.new.file.location(self.new.path)


@dataclass(frozen=True, slots=True)
class Stated(Altered[E]):
    """An alteration whose two sides are told in words when it is found."""

    promised: str
    found: str

    @property
    def before(self) -> str:
        return self.promised

    @property
    def after(self) -> str:
        return self.found


def _attribute(element: Any, path: str) -> str:
    """The attribute at *path*, in words; `none` where it, or one on the way, is empty."""
    for name in path.split("."):
        element = getattr(element, name) if element is not None else None
    return "none" if element in (None, "") else str(element)


Change = Added[Any] | Removed[Any] | Altered[Any]
"""One difference between two versions; a kind that adds nothing to its shape has no body."""
