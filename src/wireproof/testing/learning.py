"""What the answers of a server teach: which things exist."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from wireproof.checks.compare import value_at
from wireproof.checks.facts import Code
from wireproof.exchange import Exchange, Method
from wireproof.testing import names
from wireproof.testing.api import Api, Operation, Resource, Role
from wireproof.testing.memory import Memory
from wireproof.testing.shapes import messages_in, types_in

_ENOUGH = 20
"""Messages of a reply to learn from: the rest of a long page tells nothing new."""


class Learning:
    """Takes down in a memory what the replies of a service hold."""

    def __init__(self, api: Api, memory: Memory) -> None:
        self._api = api
        self._memory = memory
        self._known = {resource.type.full_name: resource for resource in api.resources}
        self._telling: dict[str, bool] = {}

    def from_(self, x: Exchange) -> None:
        """Learn what *x* tells."""
        if x.code is Code.NOT_FOUND:
            self._lost(x)
        if not x.ok or was_dry(x):
            return
        resource, operation = self._api.by_method.get(x.method.full_name, (None, None))
        role = operation.role if operation is not None else None
        if resource is not None and operation is not None and role is Role.DELETE:
            self._forget(resource, operation, x)
        elif self._tells(x.method) and (role is Role.CREATE or not self._memory.has_plenty()):
            remember = self._memory.made if role is Role.CREATE else self._memory.seen
            for kind, part in self._things(x):
                remember(kind, part)

    def _lost(self, x: Exchange) -> None:
        """What is not found any more went with something else, or somebody took it away."""
        resource, operation = self._api.by_method.get(x.method.full_name, (None, None))
        if resource is not None and operation is not None and operation.id:
            for request in x.requests():
                self._memory.lost(resource, value_at(request, operation.id))

    def _things(self, x: Exchange) -> Iterator[tuple[Resource, Message]]:
        for reply in x.replies():
            for _, part in islice(messages_in(reply), _ENOUGH):
                resource = self._known.get(part.DESCRIPTOR.full_name)
                if resource is not None and getattr(part, resource.id):
                    yield resource, part

    def _forget(self, resource: Resource, operation: Operation, x: Exchange) -> None:
        for request in x.requests() if operation.id else ():
            self._memory.gone(resource, value_at(request, operation.id or ""))

    def _tells(self, method: Method) -> bool:
        name = method.full_name
        if name not in self._telling:
            self._telling[name] = any(
                kind.full_name in self._known for kind in types_in(method.gives)
            )
        return self._telling[name]


@lru_cache(maxsize=512)
def _may_run_dry(request: Descriptor) -> bool:
    return any(names.is_dry_run(field.name) for field in request.fields)


def was_dry(x: Exchange) -> bool:
    """Whether a call asked for nothing to be done: what it tells of need not exist."""
    if not _may_run_dry(x.method.takes):
        return False
    asked = (field for request in x.requests() for field, _ in request.ListFields())
    return any(names.is_dry_run(field.name) for field in asked)
