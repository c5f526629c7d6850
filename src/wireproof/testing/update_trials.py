"""Trials of update: what it changes, what it leaves alone, what it refuses."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.message import Message

from wireproof.checks.agreement import UpdateAnswered
from wireproof.checks.compare import differences, inside, is_set, same, value_at
from wireproof.checks.facts import Code
from wireproof.checks.observations import (
    BrokenUpdate,
    ImmutableWritten,
    ImpossiblePath,
    Observation,
    Refused,
    ServerSetWritten,
    Twice,
    Updated,
)
from wireproof.checks.stored import ChangedInPart
from wireproof.exchange import Exchange
from wireproof.testing import declared
from wireproof.testing.api import Role
from wireproof.testing.donors import another, setattr_any, with_value
from wireproof.testing.generated import copied
from wireproof.testing.standard_trials import mark
from wireproof.testing.things import Things, result

_REFUSALS = 2
"""How many refusals are followed by a look at what they left."""


def masked(things: Things) -> Iterator[Observation]:
    """Each path alone in the mask, every other field of the request set to something new."""
    yield from _each_path(things, crowded=True)


def masked_sparsely(things: Things) -> Iterator[Observation]:
    """Each path alone in the mask and alone in the request."""
    yield from _each_path(things, crowded=False)


def _each_path(things: Things, *, crowded: bool) -> Iterator[Observation]:
    operation = things.operation(Role.UPDATE)
    thing = things.fresh()
    if thing is None or operation.mask is None:
        return
    donors = things.donors()
    paths = things.writable()
    for path in paths:
        donor = another(path, thing, donors)
        if donor is None or not things.sound(with_value(thing, path, donor)):
            continue
        crowds = _crowds(things, thing, donors, paths) if crowded else [things.named(thing)]
        for crowd in crowds:
            sent = with_value(crowd, path, donor)
            x = update(things, sent, [path])
            after = _after(things, thing, x)
            if after is not None:
                yield from _answered(things, x, after)
                yield observed(things, (x,), thing, sent, after, [path], masked=True)
                written_alone(things)[path] = donor
                thing = after
                break


def written_alone(things: Things) -> dict[str, Message]:
    """The paths that updates wrote each alone, with a thing that has the value."""
    name = f"written {things.operation(Role.UPDATE).method.full_name}"
    known: list[dict[str, Message]] = things.session.kept.setdefault(name, [{}])
    return known[0]


def _crowds(
    things: Things, thing: Message, donors: list[Message], paths: list[str]
) -> Iterator[Message]:
    """A thing that differs from *thing* wherever it can; then ones that differ in one field.

    A server that ignores its mask may refuse the first for what the mask leaves out (a state that
    cannot be set, a name that is taken), and so hide that it would have taken the rest.
    """
    bare = things.named(thing)
    others = {path: another(path, thing, donors) for path in paths if "." not in path}
    found = {path: donor for path, donor in others.items() if donor is not None}
    everything = bare
    for path, donor in found.items():
        everything = with_value(everything, path, donor)
    yield everything
    for path, donor in found.items():
        yield with_value(bare, path, donor)


def cleared(things: Things) -> Iterator[Observation]:
    """A path in the mask that the request leaves unset is cleared."""
    operation = things.operation(Role.UPDATE)
    thing = things.fresh()
    if thing is None or operation.mask is None:
        return
    for path in things.writable():
        field = things.resource.type.fields_by_name.get(path)
        without = with_value(thing, path, things.blank()) if field else thing
        if field is None or not is_set(thing, path) or field.enum_type or not things.sound(without):
            continue
        sent = things.named(thing)
        x = update(things, sent, [path])
        after = _after(things, thing, x)
        if after is not None:
            yield observed(things, (x,), thing, sent, after, [path], masked=True)
            thing = after


def unmasked(things: Things) -> Iterator[Observation]:
    """Without a mask: one field populated where masks exist, else the whole thing with one new."""
    operation = things.operation(Role.UPDATE)
    thing = things.fresh()
    if thing is None:
        return
    donors = things.donors()
    whole = operation.carrier is not None
    for path in [p for p in things.writable() if whole or p in operation.by_name][:4]:
        donor = another(path, thing, donors)
        if donor is None or "." in path:
            continue
        sent = with_value(things.named(thing) if operation.mask else thing, path, donor)
        x = update(things, sent, None)
        after = _after(things, thing, x)
        if after is not None:
            yield observed(things, (x,), thing, sent, after, [path], masked=False)
            thing = after


def left_out(things: Things) -> Iterator[Observation]:
    """One field alone of those that the request may leave out; the others are set in the thing."""
    operation, session = things.operation(Role.UPDATE), things.session
    fields = operation.method.takes.fields_by_name
    optional = [name for name in operation.by_name if fields[name].has_presence]
    thing = things.fresh() if len(optional) > 1 and not operation.upserts else None
    if thing is None or operation.mask is not None:
        return
    for name in optional:
        donor = another(name, thing, things.donors())
        if donor is None:
            continue
        request = operation.method.request()
        session.requests.naming(operation, request, things.id_of(thing))
        setattr_any(request, name, getattr(donor, name), donor)
        x = session.call(operation.method, request)
        after = _after(things, thing, x)
        if after is not None:
            others = (other for other in optional if other != name)
            gone = (one for one in others if is_set(thing, one) and not is_set(after, one))
            yield ChangedInPart(operation.method, (x,), tuple(gone))
            thing = after


def impossible(things: Things) -> Iterator[Observation]:
    """A mask that names no field."""
    operation = things.operation(Role.UPDATE)
    thing = things.fresh()
    if thing is not None and operation.mask is not None:
        x = update(things, thing, ["no_such_field_anywhere"])
        yield ImpossiblePath(operation.method, (x,))


def fixed(things: Things) -> Iterator[Observation]:
    """Fields that an update must not touch, set and named all the same."""
    operation = things.operation(Role.UPDATE)
    thing = things.fresh()
    if thing is None:
        return
    names = sorted(things.resource.output_only | things.resource.immutable - {things.resource.id})
    for name in (n for n in names if "." not in n):
        sent = _rewritten(things, thing, name)
        if sent is None or same(sent, thing, name):
            continue
        x = update(things, sent, [name])
        after = _after(things, thing, x)
        if name in things.resource.output_only and after is not None:
            yield ServerSetWritten(operation.method, (x,), name, sent=sent, after=after)
        elif name in things.resource.immutable and (after or _taken_unchanged(things, thing, name)):
            yield ImmutableWritten(operation.method, (x,), name, before=thing, after=after)


def _taken_unchanged(things: Things, thing: Message, name: str) -> bool:
    """Whether an update to the value that is there is answered OK: nothing else is refused."""
    return update(things, thing, [name]).ok


def _rewritten(things: Things, thing: Message, name: str) -> Message | None:
    """*thing* with another value in a field; None where nobody can think of one.

    A caller's own field takes a value that keeps its rules: what is refused is then the change.
    """
    sent = copied(thing)
    donor = another(name, thing, things.donors()) if name in things.resource.immutable else None
    if donor is not None:
        return with_value(sent, name, donor)
    return sent if mark(sent, name) else None


def spoiling(things: Things) -> Iterator[Observation]:
    """Values that the thing's own rules forbid, each by an update."""
    operation = things.operation(Role.UPDATE)
    thing = things.fresh()
    if thing is None or operation.mask is None:
        return
    looked = 0
    for path, rule, known in things.spoiled():
        donor = things.session.requests.varied(known)
        if path in (things.resource.id, "") or things.sound(with_value(thing, path, donor)):
            continue
        sent = with_value(things.named(thing), path, donor)
        x = update(things, sent, [path])
        if x.ok:
            after = _after(things, thing, x)
            stored = after is not None and value_at(after, path) == value_at(donor, path)
            yield BrokenUpdate(operation.method, (x,), path, rule, stored)
            thing = things.fresh() or thing
        elif x.code is Code.INVALID_ARGUMENT and looked < _REFUSALS:
            looked += 1
            read, after = things.read(things.id_of(thing))
            if read.ok:
                yield Refused(operation.method, (x, read), before=thing, after=after)


def twice(things: Things) -> Iterator[Observation]:
    """An update declared idempotent, sent again."""
    operation = things.operation(Role.UPDATE)
    thing = things.fresh()
    idempotent = declared.idempotent(things.session.schema, operation.method.descriptor)
    if thing is None or not idempotent:
        return
    donors = things.donors()
    path = next((p for p in things.writable() if another(p, thing, donors)), None)
    donor = another(path, thing, donors) if path else None
    if path is None or donor is None:
        return
    sent = with_value(things.named(thing), path, donor)
    mask = [path] if operation.mask else None
    first, second = update(things, sent, mask), update(things, sent, mask)
    before, after = result(operation, first), result(operation, second)
    if before is not None:
        skip = things.resource.server_set
        yield Twice(operation.method, (first, second), first=before, second=after, server_set=skip)


def update(things: Things, sent: Message, paths: list[str] | None) -> Exchange:
    request = things.update_request(sent, paths)
    return things.session.call(things.operation(Role.UPDATE).method, request)


def _answered(things: Things, x: Exchange, after: Message) -> Iterator[Observation]:
    """The update's reply beside what was then read, where it names the thing."""
    told = result(things.operation(Role.UPDATE), x)
    if told is not None and things.id_of(told) == things.id_of(after):
        yield UpdateAnswered(
            things.operation(Role.UPDATE).method, (x,), told, after, things.resource.server_set
        )


def _after(things: Things, thing: Message, x: Exchange) -> Message | None:
    """The thing after the update *x* of it, once it shows."""
    if not x.ok:
        return None
    skip = things.resource.server_set
    told = result(things.operation(Role.UPDATE), x)

    def fits(now: Message | None) -> bool:
        if now is None or not any(differences(thing, now, skip)):
            return False
        return told is None or not any(differences(told, now, skip))

    _, after = things.read_until(things.id_of(thing), fits)
    return after


def observed(
    things: Things,
    exchanges: tuple[Exchange, ...],
    before: Message,
    sent: Message,
    after: Message,
    paths: list[str],
    *,
    masked: bool,
) -> Updated:
    """What updates that were answered OK did, but for what the server decides."""
    changed = set(differences(before, after, things.resource.server_set))
    unmoved = {path for path in paths if value_at(before, path) == value_at(after, path)}
    own = things.decided(sorted(unmoved | {p for p in changed if not inside(p, frozenset(paths))}))
    return Updated(
        things.operation(Role.UPDATE).method,
        exchanges,
        paths=frozenset(paths) - own,
        masked=masked,
        before=before,
        sent=sent,
        after=after,
        server_set=things.resource.server_set | own,
        creation=things.resource.creation,
    )
