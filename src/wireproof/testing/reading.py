"""What is stored after a create of the coverage phase: the same, nothing, or another value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.agreement import ValueLost
from wireproof.checks.compare import value_at
from wireproof.checks.facts import Code
from wireproof.checks.observations import Observation, ReadBack, Refused
from wireproof.exchange import Exchange, Method
from wireproof.testing import declared
from wireproof.testing.api import Operation, Role
from wireproof.testing.generated import copied
from wireproof.testing.learning import was_dry
from wireproof.testing.session import Session
from wireproof.testing.shapes import field_at
from wireproof.testing.things import Things, result

Sent = tuple[Message, int]
"""A request, and the number of the enum value in it."""


def creating(session: Session, method: Method) -> tuple[Things, Operation] | None:
    """The things that *method* creates; None where it creates none that Get reads."""
    resource, operation = session.api.by_method.get(method.full_name, (None, None))
    if resource is None or operation is None or operation.role is not Role.CREATE:
        return None
    return (Things(session, resource), operation) if resource.of(Role.GET) else None


def read_after(
    session: Session, method: Method, request: Message, x: Exchange
) -> Iterator[Observation]:
    """What a create of a valid variation stored, as Get tells it."""
    known = creating(session, method) if x.ok and not was_dry(x) else None
    made = result(known[1], x) if known else None
    if known is None or made is None:
        return
    things, operation = known
    read, got = things.read(things.id_of(made))
    resource = things.resource
    input_only = declared.marked(session.schema, resource.type, declared.INPUT_ONLY)
    yield ReadBack(
        method,
        (x, read),
        sent=things.carried(operation, request),
        created=made,
        got=got,
        server_set=resource.server_set | input_only | {resource.id},
        declares_behavior=resource.declares_behavior,
    )


def looked_for(
    session: Session, method: Method, request: Message, x: Exchange
) -> Iterator[Observation]:
    """Whether a create that was refused stored something all the same, under a name of ours."""
    known = creating(session, method) if x.code is Code.INVALID_ARGUMENT else None
    if known is None or known[1].id is None:
        return
    things, operation = known
    chosen = things.id_of(things.carried(operation, request))
    get = things.operation(Role.GET)
    asked = session.requests.naming(get, session.base(get.method), chosen)
    if chosen and not session.memory.knows(chosen) and session.requests.keeps(asked):
        read, got = things.read(chosen)
        yield Refused(method, (x, read), before=None, after=got)


class Values:
    """Which values of each enum came back from a create as they were sent."""

    def __init__(self) -> None:
        self._kept: dict[str, set[int]] = defaultdict(set)
        self._lost: dict[str, Sent] = {}

    def take_down(self, session: Session, method: Method, path: str, x: Exchange) -> None:
        """Learn from one accepted create."""
        request = next(x.requests(), None)
        told = self._told(session, method, path, x) if request is not None else None
        if request is None or told is None:
            return
        sent = value_at(request, path)
        if sent and told == sent:
            self._kept[path].add(sent)
        elif sent and told:
            self._lost.setdefault(path, (copied(request), sent))

    def lost(
        self, method: Method
    ) -> Iterator[tuple[str, Callable[[Session], Iterator[Observation]]]]:
        """A trial for each field of which some values were kept and one was not."""
        for path, (request, sent) in self._lost.items():
            if self._kept[path] - {sent}:
                yield path, self._again(method, path, request, sent)

    def _again(self, method: Method, path: str, request: Message, sent: int) -> Any:
        def run(session: Session) -> Iterator[Observation]:
            again = session.requests.adapted(request, frozenset({path}))
            x = session.call(method, again, path=path)
            told = self._told(session, method, path, x)
            if told and told != sent:
                field = field_at(method.takes, path)
                yield ValueLost(method, (x,), path, _name(field, sent), _name(field, told))

        return run

    @staticmethod
    def _told(session: Session, method: Method, path: str, x: Exchange) -> int | None:
        """The number that came back where one was sent at *path*; None where none was."""
        field = field_at(method.takes, path, default=None) if path else None
        known = creating(session, method) if field is not None else None
        if field is None or not field.enum_type or field.is_repeated or known is None:
            return None
        things, operation = known
        made, prefix = result(operation, x), f"{operation.carrier}." if operation.carrier else ""
        below = path[len(prefix) :]
        if made is None or not path.startswith(prefix) or below in things.resource.server_set:
            return None
        there = field_at(things.resource.type, below, default=None)
        return int(value_at(made, below)) if there is not None else None


def _name(field: FieldDescriptor, number: int) -> str:
    known = field.enum_type.values_by_number.get(number) if field.enum_type else None
    return str(known.name) if known else str(number)
