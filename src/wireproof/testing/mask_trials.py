"""Trials of masks of several paths: all of them are written, or none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from google.protobuf.message import Message

from wireproof.checks.facts import Code
from wireproof.checks.observations import Observation, Refused
from wireproof.testing.api import Role
from wireproof.testing.donors import another, with_value
from wireproof.testing.things import Things
from wireproof.testing.update_trials import observed, update

_REFUSALS = 6
"""Updates that are refused for one path and hold a sound one too."""


def together(things: Things) -> Iterator[Observation]:
    """Pairs of paths in one mask."""
    thing = things.fresh()
    if thing is None or things.operation(Role.UPDATE).mask is None:
        return
    changes = sound_changes(things, thing)
    for (one, first), (other, second) in pairwise(changes):
        sent = with_value(with_value(things.named(thing), one, first), other, second)
        x = update(things, sent, [one, other])
        _, after = things.read(things.id_of(thing)) if x.ok else (None, None)
        if after is not None:
            yield observed(things, (x,), thing, sent, after, [one, other], masked=True)
            thing = after


def sound_changes(things: Things, thing: Message) -> list[tuple[str, Message]]:
    """Fields of *thing* that may become something else, each with a thing that has the value."""
    donors = things.donors()
    found = []
    for path in (path for path in things.writable() if "." not in path):
        donor = another(path, thing, donors)
        if donor is not None and things.sound(with_value(thing, path, donor)):
            found.append((path, donor))
    return found


def half_refused(things: Things) -> Iterator[Observation]:
    """A sound path and one that breaks a rule, in one mask and both orders: nothing is written."""
    operation = things.operation(Role.UPDATE)
    thing = things.fresh()
    if thing is None or operation.mask is None:
        return
    refused = 0
    for path, _, known in things.spoiled():
        donor = things.session.requests.varied(known)
        root = path.partition(".")[0]
        if root == things.resource.id or not root or things.sound(with_value(thing, path, donor)):
            continue
        sound = next((c for c in sound_changes(things, thing) if c[0] != root), None)
        if sound is None or refused >= _REFUSALS:
            return
        sent = with_value(with_value(things.named(thing), path, donor), *sound)
        for paths in ([sound[0], path], [path, sound[0]]):
            x = update(things, sent, paths)
            read, after = things.read(things.id_of(thing))
            if x.code is Code.INVALID_ARGUMENT and read.ok:
                refused += 1
                yield Refused(operation.method, (x, read), before=thing, after=after)
            thing = after or thing
