"""What belongs to callers by name, where it is the callers who give the name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor

from wireproof.exchange.channel import Metadata
from wireproof.testing import declared
from wireproof.testing.generated import copied
from wireproof.testing.shapes import at, is_plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.schema.schema import Schema
    from wireproof.testing.api import Operation, Resource
    from wireproof.testing.callers import Callers
    from wireproof.testing.work import Work


def name_of(callers: Callers, proofs: Mapping[str, Metadata], who: Metadata) -> str:
    """By which name the server knows the one whom *who* proves; empty where nobody said it."""
    named = (callers[name].id for name, proof in proofs.items() if name in callers and proof == who)
    return next(named, "")


def claim(schema: Schema, resource: Resource, operation: Operation, work: Work, who: str) -> None:
    """Make what a request carries belong to *who*, if the schema declares an owner to be set.

    Where the owner is the thing's own identifier, a second thing of one caller would be taken.
    """
    name = declared.promise(schema, resource.type, "owner") if who and work.mine else None
    if not name or name == resource.id:
        return
    carried: Any = at(work.part, operation.carrier) if operation.carrier else work.part
    field = carried.DESCRIPTOR.fields_by_name.get(name)
    path = f"{operation.carrier or ''}.{name}".lstrip(".")
    if field is None or path in work.keep or name in resource.server_set:
        return
    if field.type == FieldDescriptor.TYPE_STRING and is_plain(field):
        before = copied(work.part)
        setattr(carried, name, who)
        if not work.keeps(work.whole):
            work.part.CopyFrom(before)
