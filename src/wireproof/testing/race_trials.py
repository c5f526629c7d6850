"""Trials of what is asked at once: one name or key, several things, two fields, a counter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.actions import AtOnce, OnlyOnce
from wireproof.checks.compare import branches, value_at
from wireproof.checks.facts import Code
from wireproof.checks.observations import Observation, Repeated, SecondCreate
from wireproof.checks.stored import Dropped
from wireproof.exchange import Exchange, Method
from wireproof.testing.actions import moved, numbers, spelled
from wireproof.testing.api import Role
from wireproof.testing.donors import another, with_value
from wireproof.testing.session import Session
from wireproof.testing.standard_trials import key_is_spoken_of, put
from wireproof.testing.things import Things, result
from wireproof.testing.update_trials import observed

_AT_ONCE = 3
_CLOCK = re.compile(r"elapsed|(^|_)(time|uptime|age|at|now|ts|ms|millis|sec|seconds|nanos)($|_)")
"""Names of numbers that may move with the clock."""


def one_name(things: Things) -> Iterator[Observation]:
    """Several creates under one identifier at once: one of them at most makes it."""
    operation = things.operation(Role.CREATE)
    made = things.made() if not operation.upserts else None
    chosen = things.chosen(made) if made is not None else None
    if chosen is None:
        return
    requests = [things.request() for _ in range(_AT_ONCE)]
    name = value_at(requests[0], chosen[0])
    for request in requests:
        put(request, chosen[0], name)
    answered = things.session.at_once(operation.method, requests)
    well = [x for x in answered if x.ok]
    if len(well) > 1:
        yield SecondCreate(operation.method, (well[0], well[1]))


def once(things: Things) -> Iterator[Observation]:
    """A create that is refused as a duplicate of what the server names, several times at once."""
    operation, request = things.operation(Role.CREATE), things.request()
    made = things.made(request)
    if made is None or things.chosen(made) is not None:
        return
    if things.session.call(operation.method, request).code is Code.ALREADY_EXISTS:
        answered = things.session.at_once(operation.method, [things.request()] * _AT_ONCE)
        yield OnlyOnce(operation.method, tuple(answered), sum(x.ok for x in answered))


def own_values(things: Things) -> Iterator[Observation]:
    """Several creates at once, of different texts: none is answered with those of another."""
    operation = things.operation(Role.CREATE)
    requests = [things.request() for _ in range(_AT_ONCE)]
    answered = things.session.at_once(operation.method, requests)
    sent = [things.carried(operation, request) for request in requests]
    for index, x in enumerate(answered):
        thing = result(operation, x)
        if thing is None:
            continue
        others = sent[:index] + sent[index + 1 :]
        for path in _texts(sent[index]):
            found, own = value_at(thing, path), value_at(sent[index], path)
            if found not in ("", own) and any(found == value_at(one, path) for one in others):
                calls = (*answered[:index], *answered[index + 1 :], x)
                yield Dropped(operation.method, calls, path, "what a call at the same time sent")


def _texts(message: Message) -> Iterator[str]:
    for field, _ in message.ListFields():
        if field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated:
            yield field.name


def one_key(things: Things) -> Iterator[Observation]:
    """One create with an idempotency key, sent several times at once."""
    operation, request = things.operation(Role.CREATE), things.keyed_request()
    if operation.key is None or request is None:
        return
    if operation.id is not None:  # a name of the caller's would tell the two apart for the server
        bare = type(request)()
        bare.CopyFrom(request)
        things.session.requests.naming(operation, bare, type(things.id_of(things.blank()))())
        request = bare if things.session.requests.keeps(bare) else request
    answered = things.session.at_once(operation.method, [request] * _AT_ONCE)
    made = [(x, thing) for x in answered if (thing := result(operation, x)) is not None]
    for x, thing in made[1:]:
        first, thing_id = str(things.id_of(made[0][1])), str(things.id_of(thing))
        spoken = key_is_spoken_of(things, operation.key)
        exchanges = (made[0][0], x)
        yield Repeated(operation.method, exchanges, True, first, thing_id, operation.key, spoken)


def two_fields(things: Things) -> Iterator[Observation]:
    """Two updates at once, each with a mask of its own: both are there afterwards."""
    operation = things.operation(Role.UPDATE)
    thing = things.fresh()
    if thing is None or operation.mask is None:
        return
    donors = things.donors()
    chosen: list[tuple[str, Message]] = []
    for path in (p for p in things.writable() if "." not in p):
        donor = another(path, thing, donors)
        if donor is not None and things.sound(with_value(thing, path, donor)):
            chosen.append((path, donor))
    for index in range(0, len(chosen) - 1, 2):
        pair = chosen[index : index + 2]
        if pair[1][0] in branches(thing, pair[0][0]):
            continue  # one clears the other
        requests = [
            things.update_request(with_value(things.named(thing), path, donor), [path])
            for path, donor in pair
        ]
        answered = things.session.at_once(operation.method, requests)
        before = thing
        _, thing = things.read(things.id_of(before))
        if thing is None:
            return
        if all(x.ok for x in answered):
            sent, paths = before, [path for path, _ in pair]
            for path, donor in pair:
                sent = with_value(sent, path, donor)
            yield observed(things, tuple(answered), before, sent, thing, paths, masked=True)


def one_counter(session: Session, method: Method) -> Iterator[Observation]:
    """One request, again and again: a number that every reply tells one higher counts calls.

    After several at once it is higher by as many; some counters leave numbers out, but go on.
    """
    session.prepare(method)
    request = session.base(method)
    before, told = (_counts(session.call(method, request)) for _ in range(2))
    counters = {key for key, by in moved(before, told).items() if by == 1}
    if not counters:
        return
    before, told = told, _counts(session.call(method, request))
    counters = {key for key in counters if moved(before, told).get(key) == 1}
    answered = session.at_once(method, [request] * _AT_ONCE)
    last = session.call(method, request)
    if not all(x.ok for x in (*answered, last)):
        return
    for key in sorted(counters):
        expected, found = told[key] + _AT_ONCE + 1, _counts(last).get(key, 0)
        yield AtOnce(method, (*answered, last), spelled(key), expected, min(expected, found))


def _counts(x: Exchange) -> dict[str, int]:
    """The integers that the reply to a call tells."""
    reply = next(x.replies(), None) if x.ok else None
    told = numbers({x.method.full_name: reply}) if reply is not None else {}
    return {
        key: number for key, number in told.items() if not _CLOCK.search(key.rpartition(".")[2])
    }
