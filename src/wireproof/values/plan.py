"""What a message of one descriptor can be, compiled once: its members, choices and rules."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from wireproof.schema.constraints import (
    NONE,
    Cel,
    FieldConstraints,
    Ignore,
    MessageConstraints,
    rule_ids,
)
from wireproof.values.descriptors import entry_part
from wireproof.values.settle import Settled


class Shape(StrEnum):
    ONE = "one"
    MANY = "many"
    MAP = "map"


@dataclass(eq=False, slots=True)
class Member:
    """A field and the values it can take."""

    field: FieldDescriptor
    rules: FieldConstraints
    shape: Shape
    value: Settled | None
    """The value, each item, or each map value; None where it is a message with a plan."""
    key: Settled | None = None
    needed: bool = False
    """Whether a message without it is refused."""
    low: int = 0
    high: int | None = None
    """How many items or entries."""
    name: str = dataclasses.field(init=False)
    element: FieldDescriptor = dataclasses.field(init=False)
    """The field that says of which type the value, item or map value is."""
    ids: tuple[str, ...] = dataclasses.field(init=False)
    """The ids of the rules of the whole value."""
    inner_ids: tuple[str, ...] = dataclasses.field(init=False)
    """The ids of the rules of items or map values."""
    key_ids: tuple[str, ...] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.name = self.field.name
        self.element = entry_part(self.field, "value") if self.shape is Shape.MAP else self.field
        looked_at = self.rules if self.rules.ignore is not Ignore.ALWAYS else NONE
        inner = looked_at.items if self.shape is Shape.MANY else looked_at.values
        self.ids = rule_ids(looked_at)
        self.inner_ids = rule_ids(inner or NONE, inside=True)
        self.key_ids = rule_ids(looked_at.keys or NONE, inside=True)

    @property
    def nested(self) -> Descriptor | None:
        """The message that is planned on its own."""
        return self.element.message_type if self.value is None else None

    @property
    def inner_rules(self) -> FieldConstraints | None:
        """The rules of items or map values, or of the value itself."""
        if self.shape is Shape.ONE:
            return self.rules
        return self.rules.items if self.shape is Shape.MANY else self.rules.values

    @property
    def inner_place(self) -> str:
        """The name of a value in a path: `users[*]` for an item."""
        return self.name if self.shape is Shape.ONE else f"{self.name}[*]"

    @property
    def judged(self) -> bool:
        """Whether the rules of this member, and of what is inside of it, are looked at."""
        inner = self.inner_rules
        ignored = inner is not None and inner.ignore is Ignore.ALWAYS
        return self.rules.ignore is not Ignore.ALWAYS and not ignored

    @property
    def tying_cel(self) -> tuple[Cel, ...]:
        """Expressions over more than one value: a list, a map, a message with its own plan."""
        whole = self.rules.all_cel() if self.shape is not Shape.ONE and self.judged else ()
        return (*self.nested_cel, *whole)

    @property
    def nested_cel(self) -> tuple[Cel, ...]:
        """Expressions over a nested message, which its own plan does not know of."""
        one_message = self.shape is Shape.ONE and self.value is None and self.judged
        return self.rules.cel if one_message else ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Members of which at most one is set; exactly one where required."""

    name: str
    members: tuple[Member, ...]
    required: bool
    rule: str
    """The id of the violation: `required` or `message.oneof`."""
    declared: bool
    """Whether it is a oneof of the message, rather than a rule over its fields."""


@dataclass(eq=False, slots=True)
class Plan:
    """The members of one descriptor, with what ties them together."""

    descriptor: Descriptor
    members: tuple[Member, ...]
    choices: tuple[Choice, ...]
    rules: MessageConstraints
    free: tuple[Member, ...] = dataclasses.field(init=False)
    """Members that stand in no choice."""
    needed: tuple[Member, ...] = dataclasses.field(init=False)
    """Those of them without which a message is not valid."""
    by_name: dict[str, Member] = dataclasses.field(init=False)
    uncertain: bool = dataclasses.field(init=False)
    """Whether something ties members together, so that each may be right and the whole wrong."""

    def __post_init__(self) -> None:
        chosen = {id(member) for choice in self.choices for member in choice.members}
        self.free = tuple(member for member in self.members if id(member) not in chosen)
        self.needed = tuple(member for member in self.free if member.needed)
        self.by_name = {member.name: member for member in self.members}
        names = [name for oneof in self.rules.oneofs for name in oneof.fields]
        overlap = len(names) != len(set(names)) or any(
            self.by_name[n].field.containing_oneof for n in names if n in self.by_name
        )
        tied = any(member.tying_cel for member in self.members)
        self.uncertain = bool(self.rules.cel) or tied or overlap


Route = tuple[Member, ...]
"""The members to pass through from a message to a place inside it."""


def route_place(route: Route, *, whole: bool = False) -> str:
    """The path of a place without subscripts; *whole*: the list or map itself."""
    parts = [member.inner_place for member in route]
    if whole and route:
        parts[-1] = route[-1].name
    return ".".join(parts)


class _Unset:
    def __repr__(self) -> str:
        return "unset"


UNSET: Any = _Unset()
"""In place of a value: the field is not set."""
