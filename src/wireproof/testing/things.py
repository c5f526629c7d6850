"""Create, read, update and delete things, whatever their methods look like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.message import Message

from wireproof.checks.compare import copy_at, is_set, value_at
from wireproof.checks.facts import Code
from wireproof.checks.kept import alike
from wireproof.exchange import Exchange
from wireproof.testing.api import Operation, Resource, Role
from wireproof.testing.donors import another, setattr_any, with_value
from wireproof.testing.generated import copied, invalid_samples, valid_samples
from wireproof.testing.lags import LAGS, settled
from wireproof.testing.mask_roots import learn_root
from wireproof.testing.requests import violations
from wireproof.testing.session import Session
from wireproof.testing.shapes import IDENTIFYING, at, field_at, is_plain

T = TypeVar("T")

_IN_VAIN = 4
"""How often a run waits in vain for one kind of thing before it waits no more."""
_USED_UP = (Code.FAILED_PRECONDITION, Code.RESOURCE_EXHAUSTED)
"""How a server refuses what it has nothing left for."""
_TRIES = 4
"""Creates under fresh names before a name counts as impossible to find."""


@dataclass(frozen=True, slots=True)
class Made:
    """A thing that was created: what was sent, the call, what came back."""

    request: Message
    sent: Message
    exchange: Exchange
    thing: Message


class Things:
    """The things of one kind on one server."""

    def __init__(self, session: Session, resource: Resource) -> None:
        self.session = session
        self.resource = resource

    def operation(self, role: Role) -> Operation:
        found = self.resource.of(role)
        if found is None:
            raise KeyError(role)
        return found

    def id_of(self, thing: Message) -> Any:
        return getattr(thing, self.resource.id)

    def request(self) -> Message:
        """A valid request that creates a thing."""
        return self.session.base(self.operation(Role.CREATE).method)

    def keyed_request(self) -> Message | None:
        """The same with an idempotency key of its own; None where no valid request has one."""
        operation = self.operation(Role.CREATE)
        if operation.key is None:
            return None
        request = self.request()
        setattr(request, operation.key, self.session.fresh.token())
        return request if self.session.requests.keeps(request) else None

    def request_with(self, name: str, like: Message) -> Message | None:
        """A valid request that creates a thing with the field *name* of *like*; None if it cannot.

        Fields that the server sets, and the identifier, are nobody's to choose.
        """
        operation, request = self.operation(Role.CREATE), self.request()
        if name in {self.resource.id, *self.resource.server_set}:
            return None
        if operation.carrier is not None:
            copy_at(like, at(request, operation.carrier), name)
        elif name in operation.by_name:
            setattr_any(request, name, getattr(like, name), like)
        else:
            return None
        return request if self.session.requests.keeps(request) else None

    def made(self, request: Message | None = None) -> Made | None:
        """A new thing; None where it cannot be made.

        Where nothing is left of what the usual request takes from, it takes from something new.
        """
        operation, renewed = self.operation(Role.CREATE), False
        for _ in range(_TRIES if request is None else 1):
            asked = self.request() if request is None else request
            x = self.session.call(operation.method, asked)
            thing = result(operation, x)
            if thing is not None:
                return Made(asked, self.carried(operation, asked), x, thing)
            if x.code is Code.ALREADY_EXISTS:
                self.session.fresh.turn()
            elif x.code in _USED_UP and request is None and not renewed:
                renewed = self.session.renew(operation.method)
            else:
                return None
        return None

    def fresh(self) -> Message | None:
        """A new thing as Get tells it, with all its fields set where the server lets them be."""
        made = self.made()
        return self.read(self.id_of(made.thing))[1] if made is not None else None

    def chosen(self, made: Made) -> tuple[str, Any] | None:
        """Where the request said what the thing is called, and what; None where the server did.

        In the thing itself, or beside it as the last part of a longer name (AIP-133).
        """
        told, operation = self.id_of(made.thing), self.operation(Role.CREATE)
        if operation.id is not None and self.id_of(made.sent) == told:
            return operation.id, told
        last = str(told).rpartition("/")[2]
        for field, value in made.request.ListFields():
            if is_plain(field) and field.type in IDENTIFYING and str(value) == last:
                return field.name, value
        return None

    def named(self, thing: Message) -> Message:
        """A thing of which only the identifier is set."""
        bare = self.blank()
        setattr(bare, self.resource.id, self.id_of(thing))
        return bare

    def carried(self, operation: Operation, request: Message) -> Message:
        """The thing that a request holds, or spells out field by field."""
        if operation.carrier is not None:
            return copied(at(request, operation.carrier))
        thing = self.blank()
        for name in operation.by_name:
            setattr_any(thing, name, getattr(request, name), request)
        for opening, name in operation.openings:
            setattr(thing, name, getattr(request, opening))
        return thing

    def blank(self) -> Message:
        return self.session.schema.message_class(self.resource.type.full_name)()

    def read(self, id_: Any) -> tuple[Exchange, Message | None]:
        """The thing of that identifier as Get tells it."""
        operation = self.operation(Role.GET)
        request = self.session.base(operation.method)
        x = self.session.call(
            operation.method, self.session.requests.naming(operation, request, id_)
        )
        return x, result(operation, x)

    def read_until(
        self, id_: Any, fits: Callable[[Message | None], bool]
    ) -> tuple[Exchange, Message | None]:
        """The thing as Get tells it once it *fits*, or at last."""
        return self.settled("Get", lambda: self.read(id_), lambda told: fits(told[1]))

    def settled(self, by: str, look: Callable[[], T], fits: Callable[[T], bool]) -> T:
        """What *look* finds once that *fits*, or at last: copies may lag behind.

        Where waiting was in vain time and again, looking in that way (*by*) waits no more.
        """
        in_vain = self.session.kept.setdefault(f"lags {by} {self.resource.type.full_name}", [])
        found = settled(look(), look, fits, LAGS if len(in_vain) < _IN_VAIN else ())
        if not fits(found):
            in_vain.append(found)
        return found

    def update_request(self, thing: Message, paths: list[str] | None) -> Message:
        """An update to *thing* (identifier included) with a mask; None leaves the mask out."""
        operation = self.operation(Role.UPDATE)
        if paths is not None:
            learn_root(self)
        request = operation.method.request()
        if operation.carrier is not None:
            carrier = at(request, operation.carrier)
            carrier.SetInParent()
            carrier.MergeFrom(thing)
        for name in operation.by_name:
            setattr_any(request, name, getattr(thing, name), thing)
        self.session.requests.naming(operation, request, self.id_of(thing))
        if operation.mask is not None and paths is not None:
            told = self.session.requests.rooted(operation, thing, paths)
            self.session.requests.masked(request, operation.mask, told)
        return request

    def updates(self, thing: Message, base: Message) -> Iterator[tuple[str, Any]]:
        """Updates of *base* that change something of *thing*: one field of it each, and which."""
        donors = self.donors()
        for path in self.writable() if self.resource.of(Role.UPDATE) is not None else ():
            donor = another(path, thing, donors)
            if donor is not None and "." not in path:
                yield path, self.update_request(with_value(base, path, donor), [path])

    def bare(self, thing: Message) -> Message:
        """As much of a thing as an update must hold: where it has a mask, the identifier."""
        update = self.resource.of(Role.UPDATE)
        return self.named(thing) if update is not None and update.mask is not None else thing

    def delete(self, id_: Any) -> Exchange:
        operation = self.operation(Role.DELETE)
        request = self.session.base(operation.method)
        x = self.session.call(
            operation.method, self.session.requests.naming(operation, request, id_)
        )
        if x.ok:
            self.session.memory.gone(self.resource, id_)
        return x

    def sound(self, thing: Message) -> bool:
        """Whether a thing keeps its own rules."""
        return not violations(self.session.schema, thing)

    def writable(self) -> list[str]:
        """The paths that a caller may change: top-level fields, and those of singular messages.

        Where an update names the fields of the thing one by one, those that it has.
        """
        resource = self.resource
        update = resource.of(Role.UPDATE)
        named = set(update.by_name) if update is not None and update.carrier is None else None
        fixed = {resource.id, *resource.server_set, *resource.immutable}
        paths: list[str] = []
        for field in resource.type.fields:
            if field.name in fixed or (named is not None and field.name not in named):
                continue
            paths.append(field.name)
            inner = field.message_type
            if inner is not None and not field.is_repeated and not _closed(inner.full_name):
                paths += [f"{field.name}.{below.name}" for below in inner.fields]
        return [path for path in paths if path not in fixed]

    def donors(self) -> list[Message]:
        """Things with all kinds of valid values, to take new values from; the first is fresh."""
        operation = self.operation(Role.CREATE)
        return [self.carried(operation, self.request()), *self._known("valid")]

    def decided(self, paths: Iterable[str]) -> frozenset[str]:
        """Those of *paths* of which the server decides, though no annotation says so.

        A create with another value comes back with one of the server's own: a sum, a state.
        """
        if self.resource.declares_behavior:
            return frozenset()
        return frozenset(path for path in paths if self._decides(path.partition(".")[0]))

    def _decides(self, name: str) -> bool:
        key = f"decides {self.resource.type.full_name}.{name}"
        if key not in self.session.kept:
            self.session.kept[key] = [self._tried(name)]
        return bool(self.session.kept[key][0])

    def _tried(self, name: str) -> bool:
        usual = self.made()
        donor = another(name, usual.thing, self.donors()) if usual is not None else None
        request = self.request_with(name, donor) if donor is not None else None
        made = self.made(request) if request is not None else None
        if made is None or not is_set(made.sent, name):
            return False
        return not alike(value_at(made.thing, name), value_at(made.sent, name))

    def spoiled(self) -> list[tuple[str, str, Message]]:
        """Things that break one of their own rules each: path, rule, thing."""
        theirs = self.resource.type
        known = self._known("invalid")
        return [one for one in known if field_at(theirs, one[0], default=None) is not None]

    def _known(self, which: str) -> list[Any]:
        """Computed once a run: the schema does not change meanwhile."""
        kept = self.session.kept
        key = f"{which} {self.resource.type.full_name}"
        if key not in kept:
            kept[key] = list(self._valid() if which == "valid" else self._invalid())
        return kept[key]

    def _valid(self) -> Iterator[Message]:
        create, update = self.operation(Role.CREATE), self.resource.of(Role.UPDATE)
        yield from self._samples(create)
        if create.carrier is None and update is not None and update.carrier is not None:
            yield from self._samples(update)  # which may hold what no create spells out

    def _samples(self, operation: Operation) -> Iterator[Message]:
        schema, method = self.session.schema, operation.method
        for sample in valid_samples(schema, method.takes, self.session.base(method)):
            yield self.carried(operation, sample.message)

    def _invalid(self) -> Iterator[tuple[str, str, Message]]:
        operation = self.operation(Role.CREATE)
        schema, method = self.session.schema, operation.method
        prefix = f"{operation.carrier}." if operation.carrier else ""
        for sample in invalid_samples(schema, method.takes, self.session.base(method)):
            whole = sample.place.partition("[")[0]  # a mask names lists and maps as a whole
            if whole.startswith(prefix) and whole != prefix:
                yield whole[len(prefix) :], sample.rule, self.carried(operation, sample.message)


def result(operation: Operation, x: Exchange) -> Message | None:
    """The thing that a reply tells of; None where there is none."""
    reply = next(x.replies(), None) if x.ok else None
    if reply is None or operation.result is None:
        return None
    if operation.result and not is_set(reply, operation.result):
        return None
    return at(reply, operation.result)


def _closed(full_name: str) -> bool:
    """Whether a message is a value of its own, that no path enters."""
    return full_name.startswith("google.protobuf.")
