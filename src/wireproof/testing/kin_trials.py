"""Trials of resources that lie under others, by google.api.resource_reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from wireproof.checks.compare import value_at
from wireproof.checks.facts import Kind
from wireproof.checks.kin import ParentDeleted, UnderNothing
from wireproof.checks.observations import Observation
from wireproof.testing import declared
from wireproof.testing.api import Resource, Role
from wireproof.testing.things import Things, result


def above(things: Things) -> tuple[FieldDescriptor, Resource] | None:
    """The field by which a create says under what, and the resource that this is."""
    schema = things.session.schema
    for field in things.operation(Role.CREATE).method.takes.fields:
        said = declared.referred(schema, field)
        resource = things.session.requests.references.declared(field)
        if said is not None and resource is not None and field.name == "parent":
            return field, resource
    return None


def under_nothing(things: Things) -> Iterator[Observation]:
    """Create something under a parent that nobody made."""
    found = above(things)
    get = found[1].of(Role.GET) if found is not None else None
    if found is None or get is None or get.id is None or things.made() is None:
        return
    request = things.request()
    unknown = value_at(things.session.requests.unknown_id(get), get.id)
    setattr(request, found[0].name, unknown)
    if things.session.requests.keeps(request):
        method = things.operation(Role.CREATE).method
        yield UnderNothing(method, (things.session.call(method, request, kind=Kind.STRANGE),))


def parent_deleted(things: Things) -> Iterator[Observation]:
    """Delete a parent with something under it; then, where that is refused, with force."""
    found = above(things)
    delete = found[1].of(Role.DELETE) if found is not None else None
    if found is None or delete is None or found[1].of(Role.CREATE) is None:
        return
    field, resource = found
    parents = Things(things.session, resource)
    parent = parents.made()
    if parent is None:
        return
    name = parents.id_of(parent.thing)
    request = things.request()
    setattr(request, field.name, name)
    x = things.session.call(things.operation(Role.CREATE).method, request)
    child = result(things.operation(Role.CREATE), x)
    if child is None:
        return
    asks = "force" in delete.method.takes.fields_by_name
    for forced in (False, True) if asks else (False,):
        asked: Any = things.session.base(delete.method)
        things.session.requests.naming(delete, asked, name)
        if asks:
            asked.force = forced
        gone = things.session.call(delete.method, asked)
        if gone.ok:
            _, still = parents.read(name)
            read, left = things.read_until(things.id_of(child), lambda now: now is None)
            orphaned = still is None and left is not None
            yield ParentDeleted(delete.method, (gone, read), forced, asks, orphaned)
            return
