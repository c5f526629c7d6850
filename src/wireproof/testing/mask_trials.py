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
from wireproof.testing.update_trials import observed, update, written_alone

_REFUSALS = 6
"""Updates that are refused for one path and hold a sound one too."""


def all_at_once(things: Things) -> Iterator[Observation]:
    """Every path in one mask that was written alone before, of a oneof one branch."""
    thing = things.fresh()
    if thing is None or things.operation(Role.UPDATE).mask is None:
        return
    chosen: dict[str, tuple[str, Message]] = {}
    written = {path: one for path, one in written_alone(things).items() if "." not in path}
    sound = [(p, d) for p, one in written.items() if (d := another(p, thing, [one])) is not None]
    for path, donor in sound if written else sound_changes(things, thing):
        branch = thing.DESCRIPTOR.fields_by_name[path].containing_oneof
        chosen.setdefault(path if branch is None else f"oneof {branch.name}", (path, donor))
    sent = things.named(thing)
    for path, donor in chosen.values():
        sent = with_value(sent, path, donor)
    paths = [path for path, _ in chosen.values()]
    x = update(things, sent, paths) if len(paths) > 1 and things.sound(sent) else None
    _, after = things.read(things.id_of(thing)) if x is not None and x.ok else (None, None)
    if x is not None and after is not None:
        yield observed(things, (x,), thing, sent, after, paths, masked=True)


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
