"""Methods of other verbs that name something which can be made and read, and what reads tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.compare import differences, is_set, value_at
from wireproof.exchange import Exchange, Method, Style
from wireproof.testing import names
from wireproof.testing.api import Resource, Role
from wireproof.testing.declared import without_side_effects
from wireproof.testing.session import Session
from wireproof.testing.shapes import (
    TIME,
    at,
    descriptor_of,
    held,
    is_plain,
    messages_in,
    type_name,
)
from wireproof.testing.things import Things
from wireproof.values.integers import INTEGERS

Told = dict[str, Message]
"""What each reader tells of a thing, by the full names of the readers."""


@dataclass(frozen=True, slots=True)
class Named:
    """A field of the request that names a thing, and the thing."""

    field: str
    id: Any


class Action:
    """A unary method of another verb, about things of one kind that can be made and read."""

    def __init__(
        self,
        session: Session,
        method: Method,
        resource: Resource,
        *,
        makes: bool = False,
        several: bool = False,
    ) -> None:
        self.session = session
        self.method = method
        self.things = Things(session, resource)
        self.resource = resource
        self.makes = makes
        """Whether its reply is about something else, which it makes."""
        self.several = several
        """Whether it names things of other kinds too, and tells of this one."""

    @cached_property
    def fields(self) -> list[FieldDescriptor]:
        """The fields of its request that name such things."""
        return self._naming(self.method)

    @cached_property
    def readers(self) -> list[tuple[Method, str]]:
        """Methods that tell of one such thing, and where their requests name it."""
        get = self.resource.of(Role.GET)
        found = [(get.method, get.id)] if get is not None and get.id is not None else []
        for method in self.session.api.methods:
            if not _reads(method) or (get is not None and method == get.method):
                continue
            named = self._naming(method)
            if len(named) == len(method.takes.fields) == 1:
                found.append((method, named[0].name))
        return found

    def _naming(self, method: Method) -> list[FieldDescriptor]:
        """The fields of a method's request that name such things."""
        references = self.session.requests.references
        return [f for f in method.takes.fields if references.names(f) is self.resource]

    def request(self, *, fresh: bool = False) -> Message:
        """A request that ought to be accepted; *fresh*, of things that nothing was done to."""
        self.session.prepare(self.method)
        for _ in self.fields if fresh else ():
            self.things.made()
        for other, _ in self.session.requests.references.named(self.method.takes):
            if fresh and self.several and other is not self.resource:
                self.session.make(other)  # another than the one to which the thing belongs
        return self.session.base(self.method)

    def named(self, request: Message) -> list[Named]:
        return [Named(f.name, getattr(request, f.name)) for f in self.fields]

    def told(self, id_: Any) -> Told:
        """What the readers tell of a thing; nothing of those that know it not."""
        found: Told = {}
        for method, path in self.readers:
            request = self.session.base(method)
            *parents, name = path.split(".")
            setattr(value_at(request, ".".join(parents)) if parents else request, name, id_)
            x = self.session.call(method, request)
            reply = next(x.replies(), None) if x.ok else None
            if reply is not None:
                found[method.full_name] = _unwrapped(reply)
        return found

    def told_until(self, id_: Any, fits: Callable[[Told], bool]) -> Told:
        """What the readers tell once it *fits*, or at last: copies may lag behind."""
        return self.things.settled(self.method.full_name, lambda: self.told(id_), fits)

    def call(self, request: Message) -> Exchange:
        return self.session.call(self.method, request)


def actions(session: Session, targets: frozenset[str]) -> Iterator[Action]:
    """The methods of other verbs about each resource that can be made and read.

    Those that make something of another kind are among them: they may take from what they name.
    """
    for method in session.api.methods:
        own, operation = session.api.by_method.get(method.full_name, (None, None))
        plain = operation is not None and operation.role is not Role.CREATE
        if plain or _reads(method) or method.style is not Style.UNARY:
            continue
        if method.full_name not in targets or without_side_effects(
            session.schema, method.descriptor
        ):
            continue
        named = session.requests.references.named(method.takes)
        for resource, _ in named[:1] if len(named) == 1 and named[0][0] is not own else ():
            if resource.of(Role.CREATE) is not None and resource.of(Role.GET) is not None:
                yield Action(session, method, resource, makes=own is not None)
        for resource, count in named if len(named) > 1 and own is None else ():
            told = method.gives.full_name == resource.type.full_name
            if told and count == 1 and resource.of(Role.CREATE) and resource.of(Role.GET):
                yield Action(session, method, resource, several=True)


def _unwrapped(reply: Message) -> Message:
    """What a reply is about where it holds that alone: `GetJobResponse` with its only `job`."""
    kind = descriptor_of(reply)
    inner = held(kind) if len(kind.fields) == 1 else None
    return at(reply, inner) if inner and is_set(reply, inner) else reply


def _reads(method: Method) -> bool:
    role = names.role_by_name(method.name)
    return method.style is Style.UNARY and role in (Role.GET, Role.LIST)


def contradicted(
    reply: Message, named: Named, told: Told, *, alone: bool, ids: frozenset[str]
) -> set[str]:
    """Paths of *reply* that what was *told* of the thing afterwards contradicts.

    Messages that a reader tells too, and plain fields of its names: `from_balance` beside the
    `balance` of the thing that `from_account_id` names.
    """
    found: set[str] = set()
    for reader in told.values():
        kind = descriptor_of(reader)
        times = frozenset(f.name for f in kind.fields if type_name(f) == TIME)
        for path, part in messages_in(reply):
            same = descriptor_of(part).full_name == kind.full_name and "[]" not in path
            if same and _about(part, named, ids, alone=alone):
                below = (p for p in differences(part, reader, times) if is_set(part, p))
                found |= {f"{path}.{p}".lstrip(".") for p in below}
        for name, twin in _twins(reply, kind, _prefix(named.field), alone=alone):
            if getattr(reply, name) != getattr(reader, twin):
                found.add(name)
    return found


def _twins(
    reply: Message, kind: Descriptor, prefix: str, *, alone: bool
) -> Iterator[tuple[str, str]]:
    """Plain fields of a reply that tell what a reader tells too, and their names there."""
    for field in descriptor_of(reply).fields if alone or prefix else ():
        twin = kind.fields_by_name.get(field.name.removeprefix(prefix))
        if twin is None or not field.name.startswith(prefix) or not is_plain(field):
            continue
        if is_plain(twin) and twin.type == field.type != FieldDescriptor.TYPE_STRING:
            yield field.name, twin.name


def _about(part: Message, named: Named, ids: frozenset[str], *, alone: bool) -> bool:
    """Whether a message of a reply is about the thing: it tells its name, or no other's."""
    told = {str(value) for field, value in part.ListFields() if is_plain(field)} & ids
    return str(named.id) in told or (alone and not told)


def _prefix(field: str) -> str:
    """`from_account_id` → `from_`; nothing where the name is that of the thing alone."""
    first, _, rest = field.partition("_")
    return f"{first}_" if "_" in rest else ""


def numbers(told: Told) -> dict[str, int]:
    """The integers that are told, by reader and path; times left out."""
    return {
        f"{reader} {path}.{field.name}": value
        for reader, reply in told.items()
        for path, part in messages_in(reply)
        if "[]" not in path and not descriptor_of(part).full_name.startswith("google.protobuf.")
        for field in descriptor_of(part).fields
        if field.cpp_type in INTEGERS and is_plain(field)
        for value in (getattr(part, field.name),)
    }


def moved(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """By how much each number changed that did."""
    return {
        key: after[key] - value
        for key, value in before.items()
        if key in after and after[key] != value
    }


def spelled(key: str) -> str:
    """A number's path as findings tell it."""
    reader, path = key.split(" ")
    return f"{reader.rpartition('.')[2]}.{path.lstrip('.')}"


def restless(one: Told, other: Told) -> set[str]:
    """Fields that changed between two reads with nothing in between: a counter of reads, say."""
    return {
        path.rpartition(".")[2]
        for reader in one.keys() & other.keys()
        for path in differences(one[reader], other[reader])
    }
