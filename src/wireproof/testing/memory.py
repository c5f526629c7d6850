"""What a run has learnt of the server: which things exist, which values it knows."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from google.protobuf.message import Message

from wireproof.checks.compare import value_at
from wireproof.exchange import Exchange
from wireproof.testing import names
from wireproof.testing.api import Api, Operation, Resource, Role
from wireproof.testing.shapes import messages_in


class Memory:
    """The things that are known to exist, the newest last; only what this run has made or seen."""

    def __init__(self) -> None:
        self._made: dict[str, dict[Any, Message]] = defaultdict(dict)
        self._seen: dict[str, dict[Any, Message]] = defaultdict(dict)
        self._gone: dict[str, dict[Any, Message]] = defaultdict(dict)

    def made(self, resource: Resource, thing: Message) -> None:
        """*thing* was created by this run."""
        self._made[resource.type.full_name].pop(getattr(thing, resource.id), None)
        self._gone[resource.type.full_name].pop(getattr(thing, resource.id), None)
        self._made[resource.type.full_name][getattr(thing, resource.id)] = thing

    def seen(self, resource: Resource, thing: Message) -> None:
        """*thing* was there before."""
        self._gone[resource.type.full_name].pop(getattr(thing, resource.id), None)
        self._seen[resource.type.full_name].setdefault(getattr(thing, resource.id), thing)

    def gone(self, resource: Resource, id_: Any) -> None:
        """Nothing has this identifier any more."""
        for things in (self._made, self._seen):
            thing = things[resource.type.full_name].pop(id_, None)
            if thing is not None:
                self._gone[resource.type.full_name][id_] = thing

    def deleted(self, resource: Resource) -> Message | None:
        """Something that was deleted last."""
        return next(reversed(self._gone[resource.type.full_name].values()), None)

    def any(self, resource: Resource) -> Message | None:
        """Something that exists; what this run has made goes first."""
        for things in (self._made, self._seen):
            known = things[resource.type.full_name]
            if known:
                return next(reversed(known.values()))
        return None

    def latest(self, resource: Resource) -> Message | None:
        """What this run has made last."""
        made = self._made[resource.type.full_name]
        return next(reversed(made.values())) if made else None

    def ids(self, resource: Resource) -> tuple[Any, ...]:
        """What this run has made."""
        return tuple(self._made[resource.type.full_name])


def learn(memory: Memory, api: Api, x: Exchange) -> None:
    """Take down what a call tells of the things that exist."""
    if not x.ok or _dry(x):
        return
    resource, operation = api.by_method.get(x.method.full_name, (None, None))
    role = operation.role if operation is not None else None
    if resource is not None and operation is not None and role is Role.DELETE:
        _forget(memory, resource, operation, x)
    known = {one.type.full_name: one for one in api.resources}
    take = memory.made if role is Role.CREATE else memory.seen
    for reply in x.replies() if role is not Role.DELETE else ():
        for _, part in messages_in(reply):
            one = known.get(part.DESCRIPTOR.full_name)
            if one is not None and getattr(part, one.id):
                take(one, part)


def _forget(memory: Memory, resource: Resource, operation: Operation, x: Exchange) -> None:
    for request in x.requests() if operation.id else ():
        memory.gone(resource, value_at(request, operation.id or ""))


def _dry(x: Exchange) -> bool:
    """Whether the call asked for nothing to be done: what it tells of need not exist."""
    asked = (field for request in x.requests() for field, _ in request.ListFields())
    return any(names.is_dry_run(field.name) for field in asked)
