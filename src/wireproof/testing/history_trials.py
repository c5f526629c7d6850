"""Trials of streams that tell what there is and end: each thing, each change, each item, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.conversations import EventsOfOthers, InNumbers, Retold
from wireproof.checks.observations import Events, Observation
from wireproof.exchange import Exchange, Method, Style
from wireproof.testing import names
from wireproof.testing.api import Resource, Role
from wireproof.testing.event_trials import Told, about
from wireproof.testing.item_trials import crowded
from wireproof.testing.options import Phase
from wireproof.testing.session import Session
from wireproof.testing.shapes import (
    at,
    descriptor_of,
    is_plain,
    paths_to,
    repeated_messages,
)
from wireproof.testing.things import Things
from wireproof.testing.trial import Trial
from wireproof.values.integers import INTEGERS

_TEXT = FieldDescriptor.TYPE_STRING
_MADE = 6
"""Things of which a stream that drops or swaps some hits two at least."""


def told(things: Things) -> Iterator[Observation]:
    """A stream that ends is read, things are made in the same way, and it is read again."""
    method = things.operation(Role.WATCH).method
    before = _read(things, method)
    if before is None:
        return
    ids = [str(things.id_of(one.thing)) for _ in range(_MADE) if (one := things.made()) is not None]
    changes = [("create", id_) for id_ in ids]

    def look() -> tuple[Exchange | None, list[Told]]:
        x = _read(things, method)
        return x, _told(x, changes) if x is not None else []

    def whole(seen: tuple[Exchange | None, list[Told]]) -> bool:
        return set(ids) <= {one.id for one in seen[1]}

    x, found = things.settled(method.name, look, whole)
    grown = x is not None and len(x.received) > len(before.received)
    if x is None or not grown or not found:  # it tells of a part, or of something else
        return
    events = [[one for one in found if one.id == id_] for id_ in ids]
    first = next(index for index, told in enumerate(events) if told)  # older ones it may forget
    counts = tuple(map(len, events[first:]))
    if 0 in counts and not _grows(things, x):
        return  # it tells of so many and no more
    repeats = len(found) - len({one.payload for one in found})
    yield Events(method, (before, x), ("create",) * len(counts), counts, repeats)
    yield from _in_numbers(method, x, events[first:], found)


def _grows(things: Things, x: Exchange) -> bool:
    """Whether a stream tells more once there are more things."""
    for _ in range(_MADE):
        things.made()
    again = _read(things, x.method)
    return again is not None and len(again.received) > len(x.received)


def _read(things: Things, method: Method) -> Exchange | None:
    """What the stream tells until it ends; None where it does not end by itself."""
    x = things.session.call(method, things.session.requests.bare(method))
    return x if x.ok and not x.note["held"] else None


def _told(x: Exchange, changes: list[tuple[str, str]]) -> list[Told]:
    return about([(reply, _spelt(reply)) for reply in x.replies()], changes)


def _in_numbers(
    method: Method, x: Exchange, events: list[list[Told]], found: list[Told]
) -> Iterator[Observation]:
    """Events that are numbered as what they tell of was made: in the order of their numbers."""
    for field in descriptor_of(found[0].event).fields:
        if not (is_plain(field) and field.cpp_type in INTEGERS and names.is_ordinal(field.name)):
            continue
        firsts = [min(getattr(one.event, field.name) for one in told) for told in events if told]
        if len(firsts) == len(events) and _rises(firsts):
            numbers = tuple(getattr(one.event, field.name) for one in found)
            yield InNumbers(method, (x,), field.name, numbers)


def _rises(numbers: Sequence[int]) -> bool:
    return len(numbers) > 1 and sorted(set(numbers)) == list(numbers)


def of_kin(things: Things) -> Iterator[Observation]:
    """A stream asked for what concerns one thing of another kind, while there is another."""
    method = things.operation(Role.WATCH).method
    for field in method.takes.fields:
        pair = _apart(things, field) if _is_shared(things, field) else ()
        if not pair:
            continue
        request: Any = things.session.requests.bare(method)
        setattr(request, field.name, getattr(pair[-1], field.name))
        x = things.session.call(method, request)
        other, mine = (str(things.id_of(one)) for one in pair)
        found = _told(x, [("", other), ("", mine)]) if x.ok or x.note["held"] else []
        if any(one.id == mine for one in found):
            strangers = sum(one.id == other for one in found)
            yield EventsOfOthers(method, (x,), str(field.name), strangers)


def _is_shared(things: Things, field: FieldDescriptor) -> bool:
    """Whether a field of a request is a text that each thing has, and not its name or a place."""
    own = things.resource.type.fields_by_name.get(field.name)
    if own is None or own.name == things.resource.id or names.is_token(own.name):
        return False
    return is_plain(field) and is_plain(own) and own.type == field.type == _TEXT


def _apart(things: Things, field: FieldDescriptor) -> tuple[Message, ...]:
    """Two new things that hold something else in a field: where it names what can be made, that."""
    made = [made.thing for _ in range(2) if (made := things.made(_with_kin(things, field)))]
    values = {getattr(one, field.name) for one in made}
    return tuple(made) if len(values) == 2 and all(values) else ()


def _with_kin(things: Things, field: FieldDescriptor) -> Message | None:
    """A request for a thing whose *field* names a new thing of another kind; None for none."""
    session, like = things.session, things.blank()
    for above in session.api.resources:
        named = session.requests.references.names(field) is above or above.id == field.name
        kin = session.make(above) if named and above is not things.resource else None
        if kin is not None:
            setattr(like, field.name, getattr(kin, above.id))
            return things.request_with(field.name, like)
    return None


def itemised(session: Session, targets: frozenset[str]) -> Iterator[Trial]:
    """A trial of every stream that tells the items of the thing which its request names."""
    for method in session.api.methods:
        if method.style is not Style.SERVER_STREAMING or method.full_name not in targets:
            continue
        for field in method.takes.fields:
            resource = session.requests.references.names(field)
            if resource is None or not (resource.of(Role.CREATE) and resource.of(Role.GET)):
                continue
            for listed in repeated_messages(resource.type):
                item = listed.message_type
                paths = paths_to(method.gives, item.full_name) if item is not None else ()
                if paths and item is not resource.type:
                    run = partial(
                        _items, resource=resource, method=method, asked=field.name, path=paths[0],
                        name=listed.name,
                    )  # fmt: skip
                    yield Trial(Phase.STATEFUL, method, run, f"items {field.name} {listed.name}")


def _items(
    session: Session, resource: Resource, method: Method, asked: str, path: str, name: str
) -> Iterator[Observation]:
    """A new thing with several items, as Get tells it, and as the stream does."""
    things = Things(session, resource)
    made = things.made(crowded(things, name))
    if made is None:
        return
    id_ = things.id_of(made.thing)
    request: Any = session.requests.bare(method)
    setattr(request, asked, id_)
    before, got = things.read(id_)
    x = session.call(method, request)
    after, again = things.read(id_)
    if got is None or got != again or not (x.ok or x.note["held"]):
        return
    listed = Counter(map(_spelt, getattr(got, name)))
    told = Counter(_spelt(at(reply, path)) for reply in x.replies())
    if listed & told:  # else it tells of them in other words
        missing, repeated = (listed - told).total(), (told - listed).keys() & listed.keys()
        yield Retold(method, (made.exchange, before, x, after), missing, len(repeated))


def _spelt(item: Message) -> bytes:
    return item.SerializeToString(deterministic=True)
