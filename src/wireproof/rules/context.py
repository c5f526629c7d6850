"""What rules may ask of the two versions besides their change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

from wireproof.changes.change import Change
from wireproof.changes.versions import Versions
from wireproof.rules.rule import Break
from wireproof.rules.structure import Structure
from wireproof.schema.elements import EnumType, MessageType
from wireproof.schema.roles import ANYWHERE, Role
from wireproof.witness.sides import Sides


class Context:
    """The two versions, the roles of their types, and what becomes of a whole type."""

    def __init__(
        self, versions: Versions, judge: Callable[[Change, Context], Iterable[Break]]
    ) -> None:
        self.versions = versions
        self.structure = Structure(versions, lambda change: judge(change, self))

    @cached_property
    def sides(self) -> Sides:
        """Both versions' messages, ready to be written and read."""
        return Sides(self.versions)

    def role(self, type_name: str) -> Role:
        """The role of the type that the old version calls *type_name*, in either version."""
        if not type_name:
            return ANYWHERE
        return self.versions.roles.of(type_name)

    def old_message(self, name: str) -> MessageType | None:
        return self.versions.old.message(name)

    def new_message(self, name: str) -> MessageType | None:
        return self.versions.new.message(name)

    def old_enum(self, name: str) -> EnumType | None:
        return self.versions.old.enum(name)

    def new_enum(self, name: str) -> EnumType | None:
        return self.versions.new.enum(name)
