"""A model of the standard methods, beside which a server is led through a sequence of calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from wireproof.checks.compare import branches, differences, inside, same
from wireproof.checks.facts import Code, Kind
from wireproof.checks.observations import Observation
from wireproof.checks.sequences import Diverged
from wireproof.exchange import Exchange
from wireproof.testing.api import Operation, Resource, Role
from wireproof.testing.donors import another, with_value
from wireproof.testing.paging import Lists, ids_of, paging
from wireproof.testing.requests import Requests
from wireproof.testing.things import Things

SEPARATOR = "; "


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of a sequence: what is done, to which thing, with which of its fields."""

    do: str
    thing: int = 0
    field: int = 0

    def __str__(self) -> str:
        return f"{self.do} {self.thing} {self.field}"


def program(text: str) -> tuple[Step, ...]:
    """The steps that *text* names, as `SEPARATOR.join(map(str, steps))` wrote them."""
    parts = (part.split() for part in text.split(SEPARATOR) if part)
    return tuple(Step(do, int(thing), int(field)) for do, thing, field in parts)


@dataclass(slots=True)
class Known:
    """A thing as it must be, by all that was answered."""

    id: Any
    now: Message
    deleted: bool = False
    hidden: bool = True
    """Whether Get, once it is deleted, says that there is nothing."""


class Model:
    """What the things of one kind must be, and the calls that change both them and the server.

    The model is as simple as the standard methods: a created thing is what Get first tells; an
    update changes the field that it names; nothing else changes anything.
    """

    def __init__(self, things: Things) -> None:
        self.things = things
        self.known: list[Known] = []
        self.changes: list[tuple[str, str]] = []
        """What events must tell of: kind and identifier."""
        self.restored = False
        """Whether something was undeleted, which streams tell of in ways of their own."""
        self._volatile: set[str] = set()
        """Fields that change by themselves: a counter of reads, say."""
        self._begun = len(things.session.log)

    def can(self, name: str) -> bool:
        """Whether the resource has the method that a step needs."""
        return self.things.resource.of(Role(name)) is not None

    def take(self, step: Step) -> Iterator[Observation]:
        """Do one step to the server and the model; what they tell differently."""
        if step.do == "create":
            yield from self.create()
        elif self.known:
            one = self.known[step.thing % len(self.known)]
            if step.do == "update":
                yield from self.update(one, step.field)
            else:
                yield from _ABOUT[step.do](self, one)

    def whole(self) -> Iterator[Observation]:
        """Read and list everything again: nothing has changed behind the model's back."""
        for one in self.known:
            yield from self.get(one)
        if self.can("list"):
            yield from self.list()

    def create(self) -> Iterator[Observation]:
        made = self.things.made()
        if made is None:
            return
        read, now = self.things.read(self.things.id_of(made.thing))
        if now is None:
            yield self._diverged(Role.GET, read, "what was created", _answer(read))
            return
        _, later = self.things.read(self.things.id_of(made.thing))
        if later is not None:
            self._volatile |= set(differences(now, later))
        self.known.append(Known(self.things.id_of(made.thing), now))
        self.changes.append(("create", str(self.things.id_of(made.thing))))

    def get(self, one: Known) -> Iterator[Observation]:
        read, now = self.things.read(one.id)
        gone = one.deleted and one.hidden
        if now is None and read.code is Code.NOT_FOUND and not gone:
            yield self._diverged(Role.GET, read, "a resource that nobody deleted", "nothing")
        elif now is not None and gone:
            yield self._diverged(Role.GET, read, "nothing, as before", "what was deleted")
        elif now is not None:
            for path in differences(one.now, now, self._skip):
                yield self._diverged(Role.GET, read, "what it held before", "another value", path)

    def update(self, one: Known, field: int) -> Iterator[Observation]:
        path, sent = self._novelty(one, field)
        if path is None or sent is None:
            return
        x = self._updated(sent, path)
        if not x.ok or one.deleted:
            yield from self.get(one)  # a refusal changes nothing, and what is deleted stays so
            return
        read, now = self.things.read(one.id)
        if now is None:
            yield self._diverged(Role.GET, read, "what was updated", _answer(read))
            return
        if same(one.now, now, path) and not self.things.decided([path]):
            yield self._diverged(Role.GET, read, "the new value", "the one before", path)
        mine = frozenset({path, *branches(sent, path)})
        for other in differences(one.now, now, self._skip):
            if not inside(other, mine) and not self.things.decided([other]):
                yield self._diverged(Role.UPDATE, x, "what it held before", "another value", other)
        one.now = now
        self.changes.append(("update", str(one.id)))

    def _novelty(self, one: Known, choice: int) -> tuple[str | None, Message | None]:
        """A field, and the thing with another value in it."""
        things = self.things
        donors = things.donors()
        fields = things.resource.type.fields_by_name
        able = [
            (path, donor)
            for path in things.writable()
            if path in fields and not fields[path].enum_type
            if (donor := another(path, one.now, donors)) is not None
            if things.sound(with_value(one.now, path, donor))
        ]
        if not able:
            return None, None
        path, donor = able[choice % len(able)]
        masked = things.operation(Role.UPDATE).mask is not None
        return path, with_value(things.named(one.now) if masked else one.now, path, donor)

    def _updated(self, sent: Message, path: str) -> Exchange:
        operation = self.things.operation(Role.UPDATE)
        request = self.things.update_request(sent, [path])
        return self.things.session.call(operation.method, request, kind=Kind.STRANGE)

    def delete(self, one: Known) -> Iterator[Observation]:
        x = self.things.delete(one.id)
        if not x.ok or one.deleted:
            return
        _, now = self.things.read(one.id)
        if now is not None and not any(differences(one.now, now)):
            yield self._diverged(Role.DELETE, x, "a deletion", "the resource as it was")
            return
        one.deleted, one.hidden = True, now is None
        one.now = now if now is not None else one.now
        self.changes.append(("delete", str(one.id)))

    def undelete(self, one: Known) -> Iterator[Observation]:
        if not one.deleted:
            return
        operation = self.things.operation(Role.UNDELETE)
        request = self._naming(self.things.session.requests, operation, one.id)
        x = self.things.session.call(operation.method, request, kind=Kind.STRANGE)
        if x.ok:
            read, now = self.things.read(one.id)
            if now is None:
                yield self._diverged(Role.GET, read, "what was undeleted", _answer(read))
                return
            one.deleted, one.now, self.restored = False, now, True

    @staticmethod
    def _naming(requests: Requests, operation: Operation, id_: Any) -> Message:
        return requests.naming(operation, requests.base(operation.method), id_)

    def list(self) -> Iterator[Observation]:
        paged = paging(self.things)
        lists = Lists(self.things, paged) if paged is not None else None
        pages = lists.whole() if lists is not None and lists.in_pages else ()
        if lists is None or not pages:
            return
        listed = set(ids_of(pages))
        live = {str(one.id) for one in self.known if not one.deleted}
        dead = {str(one.id) for one in self.known if one.deleted}
        if live - listed:
            yield self._diverged(
                Role.LIST, lists.exchanges[-1], "every resource that is there", "some missing"
            )
        if dead & listed:
            yield self._diverged(
                Role.LIST, lists.exchanges[-1], "no resource that was deleted", "some of them"
            )

    @property
    def _skip(self) -> frozenset[str]:
        return frozenset(self.things.resource.server_set | self._volatile)

    def _diverged(
        self, role: Role, x: Exchange, promised: str, found: str, what: str = ""
    ) -> Diverged:
        method = self.things.operation(role).method
        before = tuple(y for y in self.things.session.log[self._begun :] if y is not x)
        return Diverged(method, (*before, x), what, promised, found)


def _answer(x: Exchange) -> str:
    return "nothing" if x.ok else x.code.name


_ABOUT: dict[str, Callable[[Model, Known], Iterator[Observation]]] = {
    "get": Model.get,
    "delete": Model.delete,
    "undelete": Model.undelete,
}


def modelled(resource: Resource) -> bool:
    """Whether the standard methods of *resource* make a model: what is made can be read."""
    needed = (Role.CREATE, Role.GET)
    changing = (Role.UPDATE, Role.DELETE)
    return all(map(resource.of, needed)) and any(map(resource.of, changing))
