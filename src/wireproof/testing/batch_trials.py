"""Trials of unary methods that read or create several things at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.batches import (
    AsAlone,
    BatchMade,
    BatchOfAbsent,
    BatchRead,
    BatchRefused,
    LaterItem,
)
from wireproof.checks.compare import differences, is_set, value_at
from wireproof.checks.facts import SERVER_FAULTS, UNJUDGED, Code, Kind
from wireproof.checks.kept import alike
from wireproof.checks.observations import Observation
from wireproof.exchange import Exchange, Method, Style
from wireproof.testing import names
from wireproof.testing.api import Resource, Role
from wireproof.testing.options import Phase
from wireproof.testing.paging import Lists, ids_of, paging
from wireproof.testing.session import Session
from wireproof.testing.shapes import IDENTIFYING, is_map, type_name
from wireproof.testing.standard_trials import put
from wireproof.testing.things import Made, Things
from wireproof.testing.trial import Trial

_SEVERAL = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """A method, what its request lists and where its reply lists the things."""

    method: Method
    things: Things
    items: FieldDescriptor
    told: FieldDescriptor

    def call(self, items: list[Any]) -> Exchange:
        """One call with those items in an otherwise ordinary request."""
        session = self.things.session
        session.prepare(self.method)
        request = session.base(self.method)
        request.ClearField(self.items.name)
        getattr(request, self.items.name).extend(items)
        return session.call(self.method, request)

    def answered(self, x: Exchange) -> list[Message]:
        told = [getattr(reply, self.told.name) for reply in x.replies()]
        if not is_map(self.told):
            return [one for several in told for one in several]
        asked = [
            str(name) for one in x.requests() for name in getattr(one, self.items.name, ())
        ]  # a map has no order of its own
        by_name = {str(name): one for several in told for name, one in several.items()}
        return [by_name[name] for name in dict.fromkeys((*asked, *by_name)) if name in by_name]

    def item(self) -> Message:
        """What creates one thing, in the form that the request lists."""
        request = self.things.request()
        if request.DESCRIPTOR.full_name == type_name(self.items):
            return request
        return self.things.carried(self.things.operation(Role.CREATE), request)

    def sent(self, item: Message) -> Message:
        """The thing that an item holds."""
        create = self.things.operation(Role.CREATE)
        takes = create.method.takes.full_name
        whole = item.DESCRIPTOR.full_name == takes
        return self.things.carried(create, item) if whole else item

    def listed(self) -> set[str] | None:
        """The names that the list holds; None where it cannot be read."""
        paged = paging(self.things) if self.things.resource.of(Role.LIST) else None
        lists = Lists(self.things, paged) if paged is not None else None
        pages = lists.whole() if lists is not None and lists.in_pages else ()
        return set(ids_of(pages)) if pages else None


def batches(session: Session, targets: frozenset[str]) -> Iterator[Trial]:
    """The trials of every such method of *targets*."""
    for method in session.api.methods:
        if method.style is not Style.UNARY or method.full_name not in targets:
            continue
        for resource in session.api.resources:
            if resource.of(Role.CREATE) is None or resource.of(Role.GET) is None:
                continue
            for name, run in _of(method, resource):
                yield Trial(Phase.STATEFUL, method, run, name)


def _of(
    method: Method, resource: Resource
) -> Iterator[tuple[str, Callable[[Session], Iterator[Observation]]]]:
    told = _lists(method.gives, resource.type.full_name) or _mapped(method.gives, resource)
    roles = {names.role_by_name(word) for word in names.words(method.name)[:2]}
    if told is None or Role.LIST in roles:
        return
    create = resource.of(Role.CREATE)
    kinds = (create.method.takes.full_name if create else "", resource.type.full_name)
    carried = next((f for k in kinds if (f := _lists(method.takes, k)) is not None), None)
    asked = next((f for f in method.takes.fields if _asks(f, resource)), None)
    if asked is not None and not roles & {Role.UPDATE, Role.DELETE, Role.CREATE}:
        yield "several read", partial(_run, resource, method, asked, told, read)
    elif carried is not None and Role.CREATE in roles and not is_map(told):
        yield "several created", partial(_run, resource, method, carried, told, created)
        yield "several refused", partial(_run, resource, method, carried, told, refused)


def _run(
    resource: Resource,
    method: Method,
    items: FieldDescriptor,
    told: FieldDescriptor,
    run: Callable[[Batch], Iterator[Observation]],
    session: Session,
) -> Iterator[Observation]:
    yield from run(Batch(method, Things(session, resource), items, told))


def _lists(message: Descriptor, kind: str) -> FieldDescriptor | None:
    listed = (f for f in message.fields if f.is_repeated and not is_map(f))
    return next((field for field in listed if type_name(field) == kind), None)


def _mapped(message: Descriptor, resource: Resource) -> FieldDescriptor | None:
    """The map of a reply from the names of things to the things."""
    for field in filter(is_map, message.fields):
        entry: Any = field.message_type
        key, value = (entry.fields_by_name[name] for name in ("key", "value"))
        if type_name(value) == resource.type.full_name and key.type == resource.id_field.type:
            return field
    return None


def _asks(field: FieldDescriptor, resource: Resource) -> bool:
    """Whether a field lists the names of things."""
    plain = field.is_repeated and not field.message_type and field.type in IDENTIFYING
    alike_ = plain and field.type == resource.id_field.type
    return bool(alike_ and names.refers(field.name, resource.type.name, resource.id))


def read(batch: Batch) -> Iterator[Observation]:
    """Things of our own, the newest first but one; then one of them and a name of nothing."""
    things = batch.things
    made = [one for _ in range(_SEVERAL) if (one := things.made()) is not None]
    ids = [things.id_of(one.thing) for one in (*made[1:], *made[:1])]
    if len(set(ids)) < _SEVERAL:
        return
    x = batch.call(ids)
    if not x.ok:
        return
    told = batch.answered(x)
    yield BatchRead(
        batch.method,
        (x,),
        tuple(map(str, ids)),
        tuple(str(things.id_of(one)) for one in told),
        tuple(sorted(_differing(things, told))),
    )
    get = things.operation(Role.GET)
    unknown = value_at(things.session.requests.unknown_id(get), get.id) if get.id else None
    if unknown and unknown not in ids:
        yield BatchOfAbsent(batch.method, (x, batch.call([ids[0], unknown])))


def _differing(things: Things, told: list[Message]) -> set[str]:
    for one in told[:1]:
        _, got = things.read(things.id_of(one))
        if got is not None:
            changed = differences(one, got, things.resource.server_set)
            return {path for path in changed if is_set(one, path)}
    return set()


def created(batch: Batch) -> Iterator[Observation]:
    """Several items, each unlike the others."""
    before = batch.listed()
    items = [batch.item() for _ in range(_SEVERAL)]
    x = batch.call(items)
    if not x.ok:
        return
    told, things = batch.answered(x), batch.things
    reads = [things.read_until(things.id_of(one), lambda now: now is not None) for one in told]
    after = batch.listed() if before is not None else None
    grown = len(after - before) if after is not None and before is not None else None
    yield BatchMade(
        batch.method,
        (x, *(read for read, _ in reads)),
        len(items),
        len(told),
        sum(got is not None for _, got in reads),
        grown,
        _in_order([batch.sent(item) for item in items], told, things.resource.server_set),
    )


def _in_order(sent: list[Message], told: list[Message], skip: frozenset[str]) -> bool:
    """Whether each told thing is the one sent in its place, by a text in which all differ."""
    for field in sent[0].DESCRIPTOR.fields if len(sent) == len(told) else ():
        if field.type != field.TYPE_STRING or field.is_repeated or field.name in skip:
            continue
        ours, theirs = ([getattr(one, field.name) for one in some] for some in (sent, told))
        if len(set(ours)) == len(ours) and sorted(ours) == sorted(theirs):
            return all(map(alike, ours, theirs))
    return True


def refused(batch: Batch) -> Iterator[Observation]:
    """One item of several cannot be created: its name is taken, or it holds nothing."""
    things = batch.things
    made = things.made()
    if made is None:
        return
    before = batch.listed()
    for bad in _impossible(batch, made):
        good = [batch.item() for _ in range(_SEVERAL - 1)]
        x = batch.call([good[0], bad, good[1]])
        if x.ok:
            yield from _first_and_later(batch, x, good[0], bad)
        if x.ok or x.code in UNJUDGED | SERVER_FAULTS:
            continue
        after = batch.listed()
        if before is not None and after is not None:
            yield BatchRefused(batch.method, (x,), len(after - before))
            before = after
        else:
            chosen = [things.id_of(batch.sent(item)) for item in good]
            found = [things.read(id_) for id_ in chosen if id_]
            there = sum(got is not None for _, got in found)
            yield BatchRefused(batch.method, (x, *(read for read, _ in found)), there)


def _first_and_later(
    batch: Batch, x: Exchange, good: Message, bad: Message
) -> Iterator[Observation]:
    """An item that was accepted in a later place, in the first one, and alone."""
    create = batch.things.operation(Role.CREATE).method
    if len(batch.answered(x)) < _SEVERAL or bad.DESCRIPTOR.full_name != create.takes.full_name:
        return
    alone = batch.things.session.call(create, bad, kind=Kind.STRANGE)
    first = batch.call([bad, good])
    if first.ok:
        yield AsAlone(batch.method, (alone, x), refused=False)
    elif Code.INVALID_ARGUMENT is alone.code is first.code:
        yield LaterItem(batch.method, (alone, first, x))


def _impossible(batch: Batch, made: Made) -> Iterator[Message]:
    chosen = batch.things.chosen(made)
    again = batch.item()
    if chosen is not None and again.DESCRIPTOR.full_name == made.request.DESCRIPTOR.full_name:
        put(again, *chosen)
        yield again
    empty = type(batch.item())()
    yield empty
