"""The phase with chance: Hypothesis draws requests, and shrinks those that show something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy

from wireproof import strategies, values
from wireproof.exchange import Method
from wireproof.testing import options
from wireproof.testing.coverage import Coverage, cover_of
from wireproof.testing.generated import Sample, plain
from wireproof.testing.replay import Replay
from wireproof.testing.session import OutOfBudget, Session
from wireproof.testing.trial import Trial, Trials

_EXAMPLES = 50
"""Requests of one method before the next has its turn."""
_ROUNDS = 100
_SHRINKING = 150
"""Calls that the shrinking of one finding may cost."""


class Shown(Exception):
    """A request that shows something new."""


def fuzzing(session: Session, trials: Trials, methods: tuple[Method, ...]) -> Iterator[Trial]:
    """The smallest requests that show something new, each as a trial to be confirmed.

    Every method in turn draws valid requests, and in every third round invalid ones, until the
    budget is spent. The same seed draws the same requests.
    """
    covers = [cover for method in methods if (cover := cover_of(session, method))]
    fuzzers = [Fuzzer(session, trials, cover) for cover in covers]
    for turn in range(_ROUNDS):
        for fuzzer in fuzzers:
            if not session.hopeless(fuzzer.method):
                yield from fuzzer.drawn(turn)


def replayed(session: Session, wanted: Replay, methods: tuple[Method, ...]) -> Iterator[Trial]:
    """The trial that an earlier run drew."""
    if wanted.phase is options.Phase.FUZZING:
        method = next(m for m in methods if m.full_name == wanted.method)
        message = method.request.FromString(wanted.messages[0])
        yield _trial(Coverage(session, method), _Drawn(message, *_unpacked(wanted.kind)))


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A drawn request; a broken rule and its place where it is invalid."""

    message: Message
    place: str = ""
    rule: str = ""

    @property
    def kind(self) -> str:
        return f"{self.place} breaks {self.rule}" if self.rule else "valid"


def _unpacked(kind: str) -> tuple[str, str]:
    place, _, rule = kind.rpartition(" breaks ")
    return (place, rule) if place or rule != "valid" else ("", "")


class Fuzzer:
    """Draws requests of one method."""

    def __init__(self, session: Session, trials: Trials, cover: Coverage) -> None:
        self.session = session
        self.trials = trials
        self.method = cover.method
        self.cover = cover
        self._best: _Drawn | None = None
        self._until: int | None = None
        self._spent = False

    def drawn(self, turn: int) -> Iterator[Trial]:
        """The trial of one round, where it shows something new."""
        self._best, self._until = None, None
        self._search(turn)
        if self._best is not None:
            yield _trial(self.cover, self._best)
        if self._spent:
            raise OutOfBudget

    def _search(self, turn: int) -> None:
        strategy, wrap = self._strategy(invalid=turn % 3 == 2)
        chosen = settings(
            max_examples=_EXAMPLES,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
            print_blob=False,
            report_multiple_bugs=False,
        )

        @seed(f"{self.session.options.seed} {self.method.full_name} {turn}")
        @chosen
        @given(strategy)
        def shows_nothing_new(drawn: Any) -> None:
            self._try(wrap(drawn))

        try:
            shows_nothing_new()
        except (Shown, HypothesisException):
            return  # what was found is in _best; a search cut short looks flaky to Hypothesis

    def _strategy(self, *, invalid: bool) -> tuple[SearchStrategy[Any], Callable[[Any], _Drawn]]:
        takes, schema = self.method.takes, self.session.schema
        if invalid and self._can_break():
            drawn = strategies.invalid_messages(takes, schema=schema)
            return drawn, lambda one: _Drawn(one.message, one.place, one.rule)
        return strategies.messages(takes, schema=schema), _Drawn

    def _can_break(self) -> bool:
        return next(values.invalid(self.session.schema, self.method.takes), None) is not None

    def _try(self, drawn: _Drawn) -> None:
        over = self._until is not None and self.session.calls >= self._until
        if self._spent or over:
            return
        trial = _trial(self.cover, drawn)
        try:
            found = self.trials.judge.tried(trial)
        except OutOfBudget:
            self._spent = True
            return
        if any(one.key not in self.trials.found for one in found):
            if self._until is None:
                self._until = self.session.calls + _SHRINKING
            if self._best is None or _size(drawn) < _size(self._best):
                self._best = drawn
            raise Shown


def _size(drawn: _Drawn) -> int:
    return len(drawn.message.SerializePartialToString())


def _trial(cover: Coverage, drawn: _Drawn) -> Trial:
    if drawn.rule:
        sample = Sample(drawn.message, plain(drawn.place), drawn.rule, drawn.place)
        run = cover.broken(sample)
    else:
        run = cover.as_it_is(drawn.message)
    payload = drawn.message.SerializePartialToString()
    phase = options.Phase.FUZZING
    return Trial(phase, cover.method, run, "drawn", (payload,), drawn.kind)
