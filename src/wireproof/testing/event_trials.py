"""Trials of streams of events: nothing missing, nothing twice, taken up where they were left."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.conversations import EventsOfOthers
from wireproof.checks.observations import Events, Observation, Resumed
from wireproof.exchange import Method
from wireproof.exchange.calls import Live
from wireproof.testing import names
from wireproof.testing.api import Role
from wireproof.testing.shapes import IDENTIFYING, batched, descriptor_of, is_plain, messages_in
from wireproof.testing.sync_trials import all_made
from wireproof.testing.things import Things

_WAIT = 1.0
"""Seconds that an event may take."""


Reply = tuple[Message, bytes]
"""A message of a stream, and its bytes."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event about one of our things."""

    id: str
    variant: str
    payload: bytes
    event: Message
    reply: Message
    """What carried it: the event itself, or a batch."""

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.payload).hexdigest()[:12]


def events(things: Things) -> Iterator[Observation]:
    """Create, update and delete while a stream is open; then take the stream up again."""
    live = opened(things)
    yield from witnessed(things, live, _changes(things), resume=True)


def opened(things: Things, request: Message | None = None) -> Live:
    """A stream of events that stands: what commits from now on is told."""
    method = things.operation(Role.WATCH).method
    asked = things.session.requests.bare(method) if request is None else request
    live = things.session.open(method, asked)
    things.session.door.run(live.half_close())
    things.session.door.run(live.started(things.session.within(_WAIT)))
    return live


def witnessed(
    things: Things, live: Live, changing: Iterable[tuple[str, str]], *, resume: bool = False
) -> Iterator[Observation]:
    """What an open stream tells of changes: kind and identifier each, in their order."""
    method = live.method
    changes, told = _followed(things, live, changing)
    x = things.session.close(live)
    kinds = tuple(kind for kind, _ in changes)
    counts = _counts(changes, told)
    repeats = len(told) - len({one.payload for one in told})
    once = zip(kinds, counts, strict=True)  # an update may be told in parts, the others may not
    repeats = max(repeats, sum(count - 1 for kind, count in once if kind != "update" and count))
    yield Events(method, (x,), kinds, counts, repeats)
    if resume and told and all(counts) and not repeats:
        yield from _resumed(things, method, told)


def _followed(
    things: Things, live: Live, changing: Iterable[tuple[str, str]]
) -> tuple[list[tuple[str, str]], list[Told]]:
    """Changes, and what is told of them: of batches more than one, so that there is a second."""
    changes: list[tuple[str, str]] = []
    replies: list[Reply] = []
    for change in changing:
        changes.append(change)
        if len(changes) == 2 and batched(live.method.gives) is not None:
            _listen(things, live, changes, replies)
    _listen(things, live, changes, replies)
    return changes, about(replies, changes)


def of_one(things: Things) -> Iterator[Observation]:
    """A stream asked for the events of one thing, while another changes too."""
    method = things.operation(Role.WATCH).method
    field = _asking(things, method)
    made = [one for _ in range(2) if (one := things.made()) is not None]
    if field is None or len(made) < 2:
        return
    other, mine = (things.id_of(one.thing) for one in made)
    request: Any = things.session.requests.bare(method)
    if is_plain(field):
        setattr(request, field.name, mine)
    else:
        getattr(request, field.name).append(mine)
    live = opened(things, request)
    for one in made:
        if things.resource.of(Role.DELETE):
            things.delete(things.id_of(one.thing))
        else:
            _updated(things, one.thing)
    told = _read(things, live, [("", str(other)), ("", str(mine))])
    x = things.session.close(live)
    if any(one.id == str(mine) for one in told):
        strangers = sum(one.id == str(other) for one in told)
        yield EventsOfOthers(method, (x,), str(field.name), strangers)


def _asking(things: Things, method: Method) -> FieldDescriptor | None:
    """The request's field that names the things whose events are wanted."""
    resource = things.resource
    fields = (f for f in method.takes.fields if f.type == resource.id_field.type)
    return next((f for f in fields if names.refers(f.name, resource.type.name, resource.id)), None)


def of_batch(things: Things) -> Iterator[Observation]:
    """What one create and a batch of creates make, told of by a stream."""
    method, batch = things.operation(Role.WATCH).method, things.operation(Role.BATCH).method
    live = opened(things)
    made = things.made()
    x = things.session.call(batch, *(things.session.base(batch) for _ in range(2)))
    ids = [str(things.id_of(one)) for one in all_made(things, x)]
    changes = [("create", id_) for id_ in ([str(things.id_of(made.thing))] if made else []) + ids]
    told = _read(things, live, changes)
    closed = things.session.close(live)
    counts = _counts(changes, told)
    if made and ids and counts[0]:
        yield Events(method, (x, closed), tuple(kind for kind, _ in changes), counts, 0)


def _changes(things: Things) -> Iterator[tuple[str, str]]:
    """What is done to two things, in an order: kind and identifier."""
    made = [one for _ in range(2) if (one := things.made()) is not None]
    for one in made:
        yield "create", str(things.id_of(one.thing))
    for one in made if things.resource.of(Role.UPDATE) else ():
        if _updated(things, one.thing):
            yield "update", str(things.id_of(one.thing))
    for one in made if things.resource.of(Role.DELETE) else ():
        if things.delete(things.id_of(one.thing)).ok:
            yield "delete", str(things.id_of(one.thing))


def _updated(things: Things, thing: Message) -> bool:
    """Change something for certain."""
    for _, request in things.updates(thing, things.bare(thing)):
        if things.session.call(things.operation(Role.UPDATE).method, request).ok:
            return True
    return False


def _read(things: Things, live: Live, changes: list[tuple[str, str]]) -> list[Told]:
    """Events about our things, until each change is told of or none comes for a while."""
    replies: list[Reply] = []
    _listen(things, live, changes, replies)
    return about(replies, changes)


def _listen(
    things: Things, live: Live, changes: list[tuple[str, str]], replies: list[Reply]
) -> None:
    """Add to *replies* until they tell of each change, or none comes for a while."""
    while True:
        enough = len(about(replies, changes)) >= len(changes)
        wait = things.session.options.patience if enough else things.session.within(_WAIT)
        payload = things.session.door.run(live.receive(wait))
        if payload is None:
            return
        replies.append((live.method.reply.FromString(payload), payload))


def about(replies: list[Reply], changes: list[tuple[str, str]]) -> list[Told]:
    """What *replies* tell of our things: one batch may tell of a later change than was asked."""
    ours = {id_ for _, id_ in changes}
    return [told for reply, payload in replies for told in _told(reply, payload, ours)]


def _told(reply: Message, payload: bytes, ours: set[str]) -> Iterator[Told]:
    batch = batched(descriptor_of(reply))
    events: Any = [reply] if batch is None else getattr(reply, batch.name)
    for event in events:
        id_ = next((text for text in texts_in(event) if text in ours), None)
        if id_ is not None:
            own = payload if batch is None else event.SerializeToString(deterministic=True)
            yield Told(id_, _variant(event), own, event, reply)


def texts_in(event: Message) -> Iterator[str]:
    """Everything in an event that could be an identifier."""
    for _, part in messages_in(event):
        for field, value in part.ListFields():
            if is_plain(field) and field.type in IDENTIFYING:
                yield str(value)


def _variant(event: Message) -> str:
    """Which branch of its oneofs an event is, or which messages it holds."""
    chosen = [event.WhichOneof(oneof.name) or "" for oneof in event.DESCRIPTOR.oneofs]
    return ".".join(name for name in chosen if name)


def _counts(changes: list[tuple[str, str]], told: list[Told]) -> tuple[int, ...]:
    """How many events tell of each change: in the order of the changes to each thing."""
    by_thing: dict[str, list[Told]] = {}
    for one in told:
        by_thing.setdefault(one.id, []).append(one)
    variants = _variants(changes, by_thing)
    return tuple(
        sum(one.variant == variants[kind] for one in by_thing.get(id_, ()))
        if variants.get(kind)
        else 1
        for kind, id_ in changes
    )


def _variants(changes: list[tuple[str, str]], by_thing: dict[str, list[Told]]) -> dict[str, str]:
    """Which branch tells of which kind of change: by its name where that says so."""
    seen = {one.variant for told in by_thing.values() for one in told}
    named = {kind for kind, _ in changes}
    if by_thing:
        branches = {
            name
            for told in by_thing.values()
            for one in told
            for oneof in one.event.DESCRIPTOR.oneofs
            for name in (field.name for field in oneof.fields)
        }
        return {
            kind: branch
            for kind in named
            for branch in sorted(branches | seen)
            if names.tells_of(branch, kind)
        }
    return {}


def _resumed(things: Things, method: Method, told: list[Told]) -> Iterator[Observation]:
    pair = resuming(method)
    if pair is None:
        return
    token, into = pair
    ends = [
        n for n, one in enumerate(told) if one.reply is not told[min(n + 1, len(told) - 1)].reply
    ]
    ends = ends or [len(told) - 1]
    for index in dict.fromkeys((ends[0], ends[len(ends) // 2])):
        request: Any = things.session.requests.bare(method)
        setattr(request, into, getattr(told[index].reply, token))
        if not things.session.requests.keeps(request):
            return
        expected = told[index + 1 :]
        live = things.session.open(method, request)
        things.session.door.run(live.half_close())
        got = _read(things, live, [("", one.id) for one in expected])
        x = things.session.close(live)
        if got or x.note["held"]:
            later = {one.payload for one in told} | {one.payload for one in got}
            prints = tuple(one.fingerprint for one in got if one.payload in later)
            yield Resumed(method, (x,), index, tuple(o.fingerprint for o in expected), prints)


def resuming(method: Method) -> tuple[str, str] | None:
    """The field of an event that names its place, and the request's field that takes it."""
    gives = [f for f in method.gives.fields if is_plain(f) and f.type in IDENTIFYING]
    takes = {f.name: f for f in method.takes.fields if is_plain(f) and f.type in IDENTIFYING}
    for field in gives:
        if field.name in takes and takes[field.name].type == field.type:
            return field.name, field.name
    for field in gives:
        for name, other in takes.items():
            if other.type == field.type and names.is_token(field.name) and names.is_token(name):
                return field.name, name
    return None
