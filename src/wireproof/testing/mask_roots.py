"""Where the paths of an update's mask begin: at the thing, or inside the part that it holds.

`UpdateJob(id, spec, mask)` may mean `spec.title` or `title`, and no schema says which.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from google.protobuf.message import Message

from wireproof.checks.compare import value_at
from wireproof.checks.facts import Kind
from wireproof.testing.api import Operation, Resource, Role
from wireproof.testing.donors import another, with_value
from wireproof.testing.shapes import is_foreign

if TYPE_CHECKING:
    from wireproof.testing.things import Things

_TRIED = 3
"""Fields that are written until one shows where paths begin."""


def learn_root(things: Things) -> None:
    """Find out, once a run, by what two masks do."""
    operation, roots = things.operation(Role.UPDATE), things.session.requests.roots
    part = part_of(things.resource, operation)
    if part is None or operation.method.full_name in roots:
        return
    roots[operation.method.full_name] = ""
    thing = things.fresh()
    changes = _changes(things, thing, part) if thing is not None else iter(())
    for path, sent in changes:
        for root in ("", part):
            if _writes(things, sent, path, path.removeprefix(f"{root}.")):
                roots[operation.method.full_name] = root
                return


def part_of(resource: Resource, operation: Operation) -> str | None:
    """The one message of the service's own that an update holds of a thing, beside plain fields."""
    if operation.mask is None or operation.carrier is not None:
        return None
    fields = [resource.type.fields_by_name[name] for name in operation.by_name]
    parts = [f.name for f in fields if f.message_type and not f.is_repeated]
    own = [
        name for name in parts if not is_foreign(resource.type.fields_by_name[name].message_type)
    ]
    return own[0] if len(own) == len(parts) == 1 else None


def _changes(things: Things, thing: Message, part: str) -> Iterator[tuple[str, Message]]:
    donors, tried = things.donors(), 0
    for path in (p for p in things.writable() if p.startswith(f"{part}.")):
        donor = another(path, thing, donors)
        if donor is not None and tried < _TRIED and things.sound(with_value(thing, path, donor)):
            tried += 1
            yield path, with_value(thing, path, donor)


def _writes(things: Things, sent: Message, path: str, asked: str) -> bool:
    """Whether an update with the mask *asked* is accepted, and the field at *path* then written."""
    operation, session = things.operation(Role.UPDATE), things.session
    request = things.update_request(sent, None)
    session.requests.masked(request, str(operation.mask), [asked])
    x = session.call(operation.method, request, kind=Kind.STRANGE)
    _, now = things.read(things.id_of(sent)) if x.ok else (x, None)
    return now is not None and value_at(now, path) == value_at(sent, path)
