"""The phase with chance: requests dealt from a seed, many in flight; Hypothesis shrinks.

A request that shows nothing costs no more than its making, its call and its checks. One that shows
something is handed to Hypothesis (`shrinking`), which makes the smallest of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice, zip_longest

from google.protobuf.message import Message

from wireproof.checks.facts import SERVER_FAULTS
from wireproof.exchange import Exchange, Method
from wireproof.strategies.dealt import Example, dealt
from wireproof.testing import options
from wireproof.testing.coverage import Coverage, cover_of
from wireproof.testing.drawn import Drawn, Kept, as_drawn, trial_of
from wireproof.testing.flight import Plan
from wireproof.testing.replay import Replay
from wireproof.testing.session import OutOfBudget, Session
from wireproof.testing.shrinking import Shrinker
from wireproof.testing.trial import Found, Trial, Trials

_FIRST = 8
"""Requests of one method in the first round. Each round's last calls wait for their answers."""
_DOUBLED = 5
"""Rounds that have twice as many as the one before; later ones have as many as is kept at once."""
_MOST = 200
_ONE_BY_ONE = 50
_ROUNDS = 100_000
"""More than any budget grants."""


class Fuzzing:
    """The smallest requests that show something new, each as a trial to be confirmed.

    In every round every method draws requests, every third one invalid, until the budget is spent.
    The same seed draws the same requests.
    """

    def __init__(self, session: Session, trials: Trials, methods: tuple[Method, ...]) -> None:
        self.session = session
        self.trials = trials
        self.methods = methods

    @property
    def at_once(self) -> int:
        """The calls of the first round."""
        return len(self.methods) * _FIRST

    @cached_property
    def _fuzzers(self) -> list[Fuzzer]:
        covers = [cover_of(self.session, method) for method in self.methods]
        return [Fuzzer(self.session, self.trials, cover) for cover in covers if cover is not None]

    def kept(self) -> Iterator[Trial]:
        """What earlier runs have kept."""
        for fuzzer in self._fuzzers if self.session.options.examples is not None else ():
            yield from fuzzer.shrinker.kept()

    def rounds(self) -> Iterator[Trial | None]:
        """What chance makes; None at the end of each round."""
        for turn in filter(self.session.options.mine, range(_ROUNDS)):
            able = [one for one in self._fuzzers if not self.session.hopeless(one.method)]
            if not able:
                return
            yield from _round(self.session, self.trials, able, turn)
            yield None


def replayed(session: Session, wanted: Replay, methods: tuple[Method, ...]) -> Iterator[Trial]:
    """The trial that an earlier run drew."""
    if wanted.phase is options.Phase.FUZZING:
        method = next(m for m in methods if m.full_name == wanted.method)
        message = method.request.FromString(wanted.messages[0])
        yield trial_of(Coverage(session, method), Drawn.of_kind(message, wanted.kind))


def _round(session: Session, trials: Trials, fuzzers: list[Fuzzer], turn: int) -> Iterator[Trial]:
    """The requests of one round, the methods in turn, all of them in one flight."""
    count = _FIRST << turn if turn < _DOUBLED else _MOST
    for fuzzer in fuzzers if turn % 3 == 2 else ():
        yield from fuzzer.one_by_one(turn, count)
    for fuzzer in fuzzers:
        session.prepare(fuzzer.method)  # by calls of its own, which no flight may wait for
    rows = [fuzzer.plans(turn, count) for fuzzer in fuzzers]
    plans = (plan for turn_of_all in zip_longest(*rows) for plan in turn_of_all)
    seen = session.together((plan for plan in plans if plan is not None), fuzzers[0].news)
    for plan, found in [(plan, found) for plan, found in seen if found]:
        if not any(trials.is_new(one) for one in found):
            continue  # an earlier one of this round showed the same
        fuzzer, kept = plan.origin
        yield from fuzzer.shrinker.shrunk(kept)
        fuzzer.unsure(found)
    if session.spent:
        raise OutOfBudget


class Fuzzer:
    """Draws requests of one method."""

    def __init__(self, session: Session, trials: Trials, cover: Coverage) -> None:
        self.session = session
        self.trials = trials
        self.method = cover.method
        self.cover = cover
        self.shrinker = Shrinker(session, trials, cover)

    @cached_property
    def _breakable(self) -> bool:
        """Whether there is a rule to break; asked late, as looking for all of them takes time."""
        return next(self._dealt(0, invalid=True), None) is not None

    def news(self, x: Exchange) -> list[Found]:
        """What is new in *x*."""
        found = self.trials.judge.breaches(x)
        return [one for one in found if self.trials.is_new(one)]

    def unsure(self, found: list[Found]) -> None:
        """Keep the server's own faults that did not come again alone: they came among others."""
        faults = [one for one in found if one.exchanges[-1].code in SERVER_FAULTS]
        self.trials.add([replace(one, flaky=True) for one in faults])

    def plans(self, turn: int, count: int) -> Iterator[Plan | None]:
        """The calls of one round; None for what the rules forbid once it names what exists."""
        if turn % 3 == 2 and self._one_by_one:
            return
        valid, broken = self._dealt(turn, invalid=False), self._dealt(turn, invalid=True)
        streams = self.method.style.client_streams
        for number in range(turn, turn + count):
            # Mixed, as a server refuses in no time what keeps us busy, and the other way round.
            spoilt = number % 3 == 2 and not streams and self._breakable
            yield self._plan(next(broken if spoilt else valid))

    def one_by_one(self, turn: int, count: int) -> Iterator[Trial]:
        """Items of streams that break a rule, each judged among items that do not."""
        if not (turn % 3 == 2 and self._one_by_one):
            return
        for example in islice(self._dealt(turn, invalid=True), min(count, _ONE_BY_ONE)):
            kept = Kept(as_drawn(example.value), example.choices)
            found = self.trials.judge.tried(trial_of(self.cover, kept.drawn))
            if any(self.trials.is_new(one) for one in found):
                yield from self.shrinker.shrunk(kept)

    @property
    def _one_by_one(self) -> bool:
        """Whether what breaks a rule is an item of a stream."""
        return self.method.style.client_streams and self._breakable

    def _dealt(self, turn: int, *, invalid: bool) -> Iterator[Example]:
        seed = f"{self.session.options.seed} {self.method.full_name} {turn}"
        takes, fit = self.method.takes, self.session.requests.addressed
        return dealt(self.session.schema, takes, seed, invalid=invalid, fit=fit)

    def _plan(self, example: Example) -> Plan | None:
        if example.value is None:
            return None
        drawn = as_drawn(example.value)
        message: Message | None = drawn.message
        if drawn.rule:
            requests, keep = self.session.requests, drawn.sample.keep
            message = requests.addressed(drawn.message, keep, drawn.faults)
        if message is None:
            return None
        origin = self, Kept(drawn, example.choices)
        return Plan(self.method, message, {**drawn.note, "broken": drawn.faults}, origin)
