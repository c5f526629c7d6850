"""What is stored after a create of the coverage phase: the same, nothing, or another value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.agreement import ValueLost
from wireproof.checks.compare import is_set
from wireproof.checks.facts import Code
from wireproof.checks.kept import TELLING_WRAPPERS
from wireproof.checks.observations import Observation, Refused
from wireproof.checks.round_trip import MOVED, mangled
from wireproof.checks.stored import Mangled
from wireproof.exchange import Exchange, Method
from wireproof.testing import names
from wireproof.testing.api import Operation, Resource, Role
from wireproof.testing.generated import copied
from wireproof.testing.learning import was_dry
from wireproof.testing.session import Session
from wireproof.testing.shapes import at, field_at, type_name
from wireproof.testing.standard_trials import reading
from wireproof.testing.things import Things, result

Sent = tuple[Message, Any]
"""A request, and the value of the field in it that it is about."""


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
    yield reading(things, x, things.carried(operation, request), made)


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
    """Which values of each field came back from a create as they were sent, and which did not."""

    def __init__(self) -> None:
        self._kept: dict[str, set[Any]] = defaultdict(set)
        self._lost: dict[tuple[str, str], Sent] = {}
        self._moved: dict[str, set[Any]] = defaultdict(set)
        """Times that came back some hours off, by fields."""

    def take_down(self, session: Session, method: Method, path: str, x: Exchange) -> None:
        """Learn from one accepted create."""
        request = next(x.requests(), None)
        pair = _pair(session, method, path, x) if request is not None else None
        if request is None or pair is None:
            return
        sent = _hashable(pair.sent)
        if pair.kept:
            self._kept[_group(method, path)].add((path, sent))
        elif wrong := pair.wrong:
            self._lost.setdefault((path, wrong), (copied(request), sent))
            if wrong == MOVED:
                self._moved[path].add(sent)

    def lost(
        self, method: Method
    ) -> Iterator[tuple[str, Callable[[Session], Iterator[Observation]]]]:
        """A trial for each field of which some values were kept and one was not."""
        for (path, wrong), (request, sent) in self._lost.items():
            kept = self._kept[_group(method, path)] - {(path, sent)}
            # No time of the server's moves with the caller's.
            if kept or len(self._moved[path]) > 1:
                yield f"{path} {wrong}", self._again(method, path, request)

    def _again(self, method: Method, path: str, request: Message) -> Any:
        def run(session: Session) -> Iterator[Observation]:
            again = session.requests.adapted(request, frozenset({path}))
            x = session.call(method, again, path=path)
            pair = _pair(session, method, path, x)
            if pair is None or not pair.wrong:
                return
            if pair.field.enum_type and not pair.field.is_repeated:
                sent, told = (_name(pair.field, number) for number in (pair.sent, pair.told))
                others = _others_kept(session, method, path, request, pair)
                yield ValueLost(method, (x,), path, sent, told, others)
            else:
                yield Mangled(method, (x,), path, pair.wrong)

        return run


def _others_kept(session: Session, method: Method, path: str, request: Message, pair: Pair) -> int:
    """How many other values of an enum come back as they are sent."""
    kept = 0
    numbers = pair.field.enum_type.values_by_number if pair.field.enum_type else ()
    for number in numbers:
        if number not in (0, pair.sent):
            other = session.requests.adapted(copied(request), frozenset({path}))
            for holder, _ in _holders(other, other, path.split(".")[:-1]):
                setattr(holder, path.rpartition(".")[2], number)
            again = _pair(session, method, path, session.call(method, other, path=path))
            kept += again is not None and again.sent == again.told
    return kept


@dataclass(frozen=True, slots=True)
class Pair:
    """What was sent in a field, and what came back."""

    field: FieldDescriptor
    sent: Any
    told: Any
    absent: bool
    """Whether a field that was set, and may be unset, came back unset."""

    @property
    def kept(self) -> bool:
        return bool(self.sent == self.told) and not self.absent

    @property
    def wrong(self) -> str:
        """What became of the value; empty where nothing is wrong with it."""
        if self.field.enum_type and not self.field.is_repeated:
            return "another" if self.sent and self.told and self.sent != self.told else ""
        if self.absent:
            telling = type_name(self.field) in {"", *TELLING_WRAPPERS}
            kept = telling or _in_oneof(self.field)
            return "unset" if kept and not _blank(self.sent) else ""
        return mangled(self.field, self.sent, self.told) if self.sent != self.told else ""


def _pair(session: Session, method: Method, path: str, x: Exchange) -> Pair | None:
    """What was sent at *path* and what came back; None where nothing is told of it."""
    request = next(x.requests(), None)
    field = field_at(method.takes, path, default=None) if path else None
    known = creating(session, method) if field is not None and x.ok else None
    if request is None or field is None or known is None:
        return None
    things, operation = known
    made, prefix = result(operation, x), f"{operation.carrier}." if operation.carrier else ""
    below = dict(operation.openings).get(path, path[len(prefix) :])
    skip = {things.resource.id, *_decided(things.resource)}
    if made is None or not path.startswith(prefix) or below.partition(".")[0] in skip:
        return None
    if field_at(things.resource.type, below, default=None) is None:
        return None
    *above, name = below.split(".")
    pairs = [
        Pair(field, getattr(sent, field.name), getattr(told, name), absent)
        for sent, told in _holders(at(request, operation.carrier or ""), made, above)
        if is_set(sent, field.name)
        for absent in (bool(field.has_presence) and not is_set(told, name),)
    ]
    # Where a map has several, the worst of them tells.
    return min(pairs, key=lambda pair: (not pair.wrong, pair.kept), default=None)


def _holders(sent: Any, told: Any, above: list[str]) -> Iterator[tuple[Any, Any]]:
    """The messages to which a path leads on both sides: in maps, those of the same keys.

    In a list, the only one: which of several is which, nothing tells.
    """
    if not above:
        yield sent, told
        return
    name, *below = above
    one, other = getattr(sent, name), getattr(told, name)
    if _shape(one) != _shape(other):
        return
    if isinstance(one, Message):
        pairs = [(one, other)]
    elif hasattr(one, "keys"):
        pairs = [(one[key], other[key]) for key in sorted(one.keys() & other.keys())]
    else:
        pairs = list(zip(one, other, strict=True)) if len(one) == len(other) == 1 else []
    for pair in pairs:
        yield from _holders(*pair, below)


def _shape(value: Any) -> tuple[bool, bool]:
    """Whether a value is a message, a map, or neither: a list."""
    return isinstance(value, Message), hasattr(value, "keys")


def _decided(kept: Resource) -> set[str]:
    """The fields that the server sets; of other times, what comes back tells whose they are."""
    if kept.declares_behavior:
        return set(kept.server_set)
    return {name for name in kept.server_set if names.is_server_set(name) or _is_of_past(name)}


def _is_of_past(name: str) -> bool:
    return names.tells_of_creation(name) or names.tells_of_change(name)


def _group(method: Method, path: str) -> str:
    """What a store keeps as one: a field, or all branches of a oneof."""
    field = field_at(method.takes, path)
    return f"{path.rpartition('.')[0]}.{field.containing_oneof.name}" if _in_oneof(field) else path


def _in_oneof(field: FieldDescriptor) -> bool:
    return field.containing_oneof is not None and len(field.containing_oneof.fields) > 1


def _blank(value: Any) -> bool:
    """Whether a text is nothing but blanks, of which a tidy server leaves nothing."""
    return isinstance(value, str) and bool(value) and not value.strip(" \t\r\n\0")


def _hashable(value: Any) -> Any:
    """Something that tells values apart."""
    return value if isinstance(value, str | bytes | int | float) else str(value)


def _name(field: FieldDescriptor, number: int) -> str:
    known = field.enum_type.values_by_number.get(number) if field.enum_type else None
    return str(known.name) if known else str(number)
