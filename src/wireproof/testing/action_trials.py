"""Trials of methods of other verbs: done as told, to what was named, once, and by the amount."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.actions import Acted, Amount, AtOnce, Balance, Bystander, OnlyOnce
from wireproof.checks.compare import differences, value_at
from wireproof.checks.facts import Code
from wireproof.checks.observations import Observation
from wireproof.exchange import Exchange
from wireproof.testing import names, stale_trials
from wireproof.testing.actions import (
    Action,
    Named,
    Told,
    actions,
    contradicted,
    moved,
    numbers,
    restless,
    spelled,
)
from wireproof.testing.generated import copied
from wireproof.testing.item_trials import others_stay
from wireproof.testing.options import Phase
from wireproof.testing.rest_trials import rest_kept
from wireproof.testing.roll_trials import rolled
from wireproof.testing.session import Session
from wireproof.testing.shapes import descriptor_of, is_plain
from wireproof.testing.trial import Trial
from wireproof.values.integers import INTEGERS

_AT_ONCE = 4
_BOTH = 2
"""Things that a transfer names."""
_FIRST, _STEP = 7, 137
"""Amounts that no rounding keeps, that no counter moves by and no store holds by itself."""
_WIDE = 2**32 + _STEP
"""An amount of which 32 bits hold another."""
_UNSETTLED = frozenset({Code.DEADLINE_EXCEEDED, Code.UNAVAILABLE, Code.CANCELLED, Code.UNKNOWN})
_STATES = frozenset({Code.FAILED_PRECONDITION, Code.ALREADY_EXISTS, Code.ABORTED, Code.NOT_FOUND})
_FEES = frozenset({"fee", "fees", "charge", "charges", "commission", "rate", "tax", "tip"})


def acting(session: Session, targets: frozenset[str]) -> Iterator[Trial]:
    """The trials of every method of another verb, those first that tell much for few calls."""
    every = list(actions(session, targets))
    for name, run in _TRIALS:
        for action in every:
            if run is as_told if action.makes else action.several and run is not as_told:
                continue
            yield Trial(Phase.STATEFUL, action.method, partial(_run, run, action), name)


def _run(
    run: Callable[[Action], Iterator[Observation]], action: Action, session: Session
) -> Iterator[Observation]:
    del session  # the action has it
    yield from run(action)


def as_told(action: Action) -> Iterator[Observation]:
    """Call it, and read what it named, and something that it did not name."""
    other = action.things.made()
    request = action.request(fresh=True)
    named = action.named(request)
    if other is None or any(not one.id for one in named):
        return
    before = [action.told(one.id) for one in named]
    aside_id = action.things.id_of(other.thing)
    aside = action.told(aside_id)
    x = action.call(request)
    reply = next(x.replies(), None) if x.ok else None
    if reply is None:
        return
    ids = frozenset(str(id_) for id_ in (aside_id, *(one.id for one in named)))
    alone = len(named) == 1
    for was, one in zip(before, named, strict=True):
        wrong = partial(contradicted, reply, one, alone=alone, ids=ids)
        now, found = _settled(action, one, wrong)
        yield Acted(action.method, (x, action.session.log[-1]), tuple(sorted(found)))
        if alone and aside_id != one.id:
            fields = sorted(_alike(was, now, aside, action.told(aside_id)))
            yield Bystander(action.method, (x, action.session.log[-1]), tuple(fields))


def _settled(
    action: Action, one: Named, wrong: Callable[[Told], set[str]]
) -> tuple[Told, set[str]]:
    """What is told of a thing at last, and the fields that are *wrong* and hold still."""

    def fits(told: Told) -> bool:
        return not wrong(told)

    first = action.told_until(one.id, fits)
    if fits(first):
        return first, set()
    now = action.told(one.id)
    loose = restless(first, now)
    return now, {p for p in wrong(first) & wrong(now) if p.rpartition(".")[2] not in loose}


def _alike(before: Told, after: Told, aside: Told, now: Told) -> set[str]:
    """What became of something else just as it did of the thing that was named."""
    found: set[str] = set()
    for reader in before.keys() & after.keys() & aside.keys() & now.keys():
        mine = set(differences(before[reader], after[reader]))
        theirs = set(differences(aside[reader], now[reader]))
        for path in mine & theirs:
            same = value_at(after[reader], path) == value_at(now[reader], path)
            if same and _state(before[reader], path):
                found.add(path)
    return found


def _state(message: Message, path: str) -> bool:
    """Whether a path is an enum or a bool, which time alone does not change."""
    field = descriptor_of(message).fields_by_name[path.partition(".")[0]]
    switch = field.enum_type is not None or field.type == FieldDescriptor.TYPE_BOOL
    return "." not in path and not field.is_repeated and switch


Numbers = list[dict[str, int]]
"""The numbers that are read of each thing that a request names."""


def by_amount(action: Action) -> Iterator[Observation]:
    """Twice alone, then several times at once; then with another amount."""
    found = _stepping(action)
    if found is None:
        return
    request, steps, before = found
    yield from _at_once(action, request, steps, before)
    for field in action.method.takes.fields:
        if _is_amount(request, field, steps):
            yield from _amounts(action, request, field, steps)


def _stepping(action: Action) -> tuple[Message, Numbers, Numbers] | None:
    """A request that moves numbers by the same each time, by how much, and where they are now."""
    request = action.request(fresh=True)
    named = action.named(request)
    if any(not one.id for one in named):
        return None
    states = [_read(action, named)]
    telling = _telling(action, request)
    if telling != request and action.call(telling).ok:
        request = telling
    elif not action.call(request).ok:
        return None
    states.append(_read(action, named))
    if not action.call(request).ok:
        return None
    states.append(_read(action, named))
    steps, again = _moved(states[0], states[1]), _moved(states[1], states[2])
    return (request, steps, states[2]) if steps == again and any(steps) else None


def _at_once(
    action: Action, request: Message, steps: Numbers, before: Numbers
) -> Iterator[Observation]:
    answered = action.session.at_once(action.method, [request] * _AT_ONCE)
    if any(x.code in _UNSETTLED for x in answered):
        return  # nobody knows what became of those
    accepted = sum(x.ok for x in answered)
    sums = [
        {key: was[key] + by * accepted for key, by in step.items()}
        for was, step in zip(before, steps, strict=True)
    ]
    for expected, now in zip(sums, _read(action, action.named(request), sums), strict=True):
        for key, number in expected.items():
            yield AtOnce(action.method, tuple(answered), spelled(key), number, now.get(key, 0))


def _telling(action: Action, request: Message) -> Message:
    """The request with amounts that no counter moves by, where its rules allow them."""
    copy = copied(request)
    for field in action.method.takes.fields:
        plain = is_plain(field) and field.cpp_type in INTEGERS and field not in action.fields
        if plain and getattr(copy, field.name) in (0, 1):
            _put(action, copy, field, _FIRST)
    return copy if action.session.requests.keeps(copy) else request


def _read(action: Action, named: list[Named], wanted: Numbers | None = None) -> Numbers:
    """The numbers that are told of each thing; once they are those *wanted*, or at last."""
    if wanted is None:
        return [numbers(action.told(one.id)) for one in named]

    def fits(sums: dict[str, int], told: Told) -> bool:
        return sums.items() <= numbers(told).items()

    pairs = zip(named, wanted, strict=True)
    return [numbers(action.told_until(one.id, partial(fits, sums))) for one, sums in pairs]


def _moved(before: Numbers, after: Numbers) -> Numbers:
    return [moved(*pair) for pair in zip(before, after, strict=True)]


def _is_amount(request: Message, field: FieldDescriptor, steps: Numbers) -> bool:
    """Whether a number of the request is by how much the call moves one that is read."""
    if not is_plain(field) or field.cpp_type not in INTEGERS:
        return False
    asked = getattr(request, field.name)
    return asked > 1 and any(abs(by) == asked for step in steps for by in step.values())


def _amounts(
    action: Action, request: Message, field: FieldDescriptor, steps: Numbers
) -> Iterator[Observation]:
    """Another amount moves numbers by as much as the first did; less than nothing moves none."""
    first, named = getattr(request, field.name), action.named(request)
    for amount in (_STEP, _WIDE, -1):
        other = copied(request)
        if not _put(action, other, field, amount):
            continue
        before, x = _read(action, named), action.call(other)
        after = _read(action, named, _expected(before, steps, first, amount)) if x.ok else []
        gained = _moved(before, after) if x.ok else []
        for step, gain in zip(steps, gained, strict=False):
            for key, by in step.items() if amount > 0 else ():
                if abs(by) == first:
                    moved_by = gain.get(key, 0) if by > 0 else -gain.get(key, 0)
                    yield Amount(action.method, (x,), spelled(key), amount, moved_by)
        if len(gained) == len(steps) == _BOTH and not _has_fees(action):
            yield from _balances(action, x, amount, steps, gained)


def _expected(before: Numbers, steps: Numbers, first: int, amount: int) -> Numbers:
    """What the numbers should be after *amount*, which moved by *steps* after *first*."""
    return [
        {key: was[key] + by // first * amount for key, by in step.items() if abs(by) == first}
        for was, step in zip(before, steps, strict=True)
    ]


def _balances(
    action: Action, x: Exchange, amount: int, steps: Numbers, gained: Numbers
) -> Iterator[Observation]:
    """What two things gained, where one of them gave to the other before."""
    for key in sorted(steps[0].keys() & steps[1].keys()):
        if steps[0][key] * steps[1][key] < 0:
            giver = 0 if steps[0][key] < 0 else 1
            given, taken = gained[1 - giver].get(key, 0), gained[giver].get(key, 0)
            yield Balance(action.method, (x,), spelled(key), amount, given, taken)
    if amount > 0 and names.are_ends(*(one.name for one in action.fields)):
        yield from _halves(action, x, amount, gained)


def _halves(action: Action, x: Exchange, amount: int, gained: Numbers) -> Iterator[Observation]:
    """One of the two ends has moved by the amount, and nothing has at the other."""
    for one, other in (gained, gained[::-1]):
        for key, by in one.items():
            if abs(by) == amount and not other:
                yield Balance(action.method, (x,), spelled(key), amount, by, 0)


def _has_fees(action: Action) -> bool:
    fields = (*action.method.takes.fields, *action.method.gives.fields)
    return any(_FEES.intersection(names.words(field.name)) for field in fields)


def _put(action: Action, request: Message, field: FieldDescriptor, amount: int) -> bool:
    try:
        setattr(request, field.name, amount)
    except ValueError:  # less than nothing, in a type that knows no such thing
        return False
    return action.session.requests.keeps(request)


def once(action: Action) -> Iterator[Observation]:
    """What is refused the second time, several times at once to something new."""
    request = action.request(fresh=True)
    if any(not one.id for one in action.named(request)) or not action.call(request).ok:
        return
    if action.call(request).code not in _STATES:
        return
    anew = action.request(fresh=True)
    if [one.id for one in action.named(anew)] == [one.id for one in action.named(request)]:
        return
    answered = action.session.at_once(action.method, [anew] * _AT_ONCE)
    yield OnlyOnce(action.method, tuple(answered), sum(x.ok for x in answered))


_TRIALS = (
    ("as told", as_told),
    ("once", once),
    ("by amount", by_amount),
    ("others stay", others_stay),
    ("rest kept", rest_kept),
    ("rolled", rolled),
    ("listed as changed", stale_trials.acted),
)
