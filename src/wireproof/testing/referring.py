"""Fields that name a thing of another kind: told by annotations first, then by their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from wireproof.schema.schema import Schema
from wireproof.testing import declared, names
from wireproof.testing.api import Api, Operation, Resource
from wireproof.testing.memory import Memory
from wireproof.testing.shapes import is_plain


class References:
    """What the fields of requests name, and a thing of that kind that exists."""

    def __init__(self, schema: Schema, api: Api, memory: Memory) -> None:
        self._schema = schema
        self._api = api
        self._memory = memory
        self._ids = {(one.type.full_name, one.id) for one in api.resources}
        self._acted = {
            method.takes.full_name: names.noun(method.name)
            for method in api.methods
            if method.full_name not in api.by_method
        }
        """What methods of other verbs are about, by their requests: `ShipOrder` of an order."""
        self._declared: dict[str, Resource | None] = {}
        self._meant: dict[tuple[str, str], list[Resource]] = {}
        self._kinds_of: dict[
            tuple[Descriptor, FieldDescriptor], Sequence[tuple[Resource, int]]
        ] = {}
        self._needed: dict[str, list[FieldDescriptor]] = {}
        self._concerned: dict[str, bool] = {}
        self._named: dict[str, list[tuple[Resource, int]]] = {}

    def concern(self, part: Descriptor) -> bool:
        """Whether messages of that type may name things of another kind."""
        if part.full_name not in self._concerned:
            named = any(self._kinds(part, field) for field in part.fields)
            self._concerned[part.full_name] = part.is_extendable or named
        return self._concerned[part.full_name]

    def named(self, part: Descriptor) -> list[tuple[Resource, int]]:
        """The resources of which a request of that type names things, and how many of each."""
        if part.full_name not in self._named:
            every = (self._of(part, field) for field in part.fields if is_plain(field))
            found = [one for one in every if one is not None]
            self._named[part.full_name] = [
                (one, sum(other is one for other in found))
                for at, one in enumerate(found)
                if not any(other is one for other in found[:at])
            ]
        return self._named[part.full_name]

    def names(self, field: FieldDescriptor) -> Resource | None:
        """The resource of which a field of a request names one."""
        holder = field.containing_type
        return self._of(holder, field) if holder is not None and is_plain(field) else None

    def _of(self, part: Descriptor, field: FieldDescriptor) -> Resource | None:
        said = self.declared(field)
        return said if said is not None else next(iter(self._by_name(part, field)), None)

    def required(self, part: Descriptor) -> list[FieldDescriptor]:
        """The fields that the schema declares to be references, and not to be left out."""
        if part.full_name not in self._needed:
            self._needed[part.full_name] = [
                field
                for field in part.fields
                if is_plain(field) and self.declared(field) is not None
                if declared.REQUIRED in declared.behaviors(self._schema, field)
            ]
        return self._needed[part.full_name]

    def declared(self, field: FieldDescriptor) -> Resource | None:
        """The resource that google.api.resource_reference says that *field* names."""
        if field.full_name not in self._declared:
            said = declared.referred(self._schema, field)
            known = self._api.named(said[0], above=said[1]) if said is not None else None
            self._declared[field.full_name] = known
        return self._declared[field.full_name]

    def thing(
        self, part: Message, field: FieldDescriptor, made: tuple[Resource, Operation] | None
    ) -> Any:
        """The name of something that exists, for a *field* of *part*; None where it names nothing.

        *made* is what a request of that type creates, which has no name yet (AIP-133).
        """
        type_: Any = part.DESCRIPTOR
        for resource, place in self._kinds(type_, field):
            own = type_.full_name == resource.type.full_name or (made and made[0] is resource)
            if own or field.type != resource.id_field.type:
                continue
            thing = self._nth(resource, place)
            return getattr(thing, resource.id) if thing is not None else None
        return None

    def _kinds(self, part: Descriptor, field: FieldDescriptor) -> Sequence[tuple[Resource, int]]:
        """What *field* of a *part* may name, and which of the references to that kind it is."""
        key = part, field
        if key not in self._kinds_of:
            said = self.declared(field)
            # A thing's own name is none, even where another version has things of that name.
            own = (part.full_name, field.name) in self._ids or not is_plain(field)
            kinds = () if own else (said,) if said else self._by_name(part, field)
            self._kinds_of[key] = [(one, self._place(part, field, one)) for one in kinds]
        return self._kinds_of[key]

    def _place(self, part: Descriptor, field: FieldDescriptor, resource: Resource) -> int:
        """Which of the references to one kind of thing *field* is: a transfer names two."""
        alike = [one for one in part.fields if resource in self._by_name(part, one)]
        return alike.index(field) if field in alike else 0

    def _nth(self, resource: Resource, place: int) -> Message | None:
        if not place:
            return self._memory.any(resource)
        first, known = self._memory.any(resource), self._memory.several(resource)
        others = [one for one in known if one is not first]
        return others[place - 1] if place <= len(others) else first

    def _by_name(self, part: Descriptor, field: FieldDescriptor) -> list[Resource]:
        """The resources to which a field of that name refers, those of its own package first."""
        key = part.full_name, field.name
        if key not in self._meant:
            found = [one for one in self._api.resources if self._means(part, field, one)]
            found.sort(key=lambda one: one.type.file.package != part.file.package)
            self._meant[key] = found
        return self._meant[key]

    def _means(self, part: Descriptor, field: FieldDescriptor, resource: Resource) -> bool:
        if field.type != resource.id_field.type:
            return False
        acted = self._acted.get(part.full_name) == names.singular(resource.type.name.lower())
        by_name = names.is_reference(field.name, resource.type.name)
        return by_name or (field.name == resource.id and acted)
