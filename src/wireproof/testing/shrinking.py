"""The smallest request that shows what a larger one showed: found by Hypothesis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from google.protobuf.message import Message
from hypothesis import HealthCheck, Phase, Verbosity, find, settings
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy

from wireproof.strategies.dealt import drawn_again, keep, kept
from wireproof.testing.coverage import Coverage
from wireproof.testing.drawn import Drawn, Kept, as_drawn, trial_of
from wireproof.testing.session import OutOfBudget, Session
from wireproof.testing.trial import Trial, Trials

_SHRINKING = 150
"""Calls that the shrinking of one finding may cost."""


class Shrinker:
    """Shrinks requests of one method, and keeps them in the database of the options."""

    def __init__(self, session: Session, trials: Trials, cover: Coverage) -> None:
        self.session = session
        self.trials = trials
        self.cover = cover
        kept = session.options.examples
        self._database = InMemoryExampleDatabase() if kept is None else kept
        self._best: Drawn | None = None
        self._until = 0
        self._spent = False

    def kept(self) -> Iterator[Trial]:
        """What earlier runs have kept, as trials; what shows nothing any more is let go."""
        for invalid in (False, True):
            takes, schema, key = self.cover.method.takes, self.session.schema, self._key(invalid)
            known = kept(self._database, key, schema, takes, invalid=invalid, fit=self._fit)
            for entry, value in list(known):
                trial = trial_of(self.cover, as_drawn(value))
                if self.trials.judge.tried(trial):
                    yield trial
                else:
                    self._database.delete(key, entry)

    def shrunk(self, found: Kept) -> Iterator[Trial]:
        """The smallest request that shows what *found* shows alone, as a trial.

        Where it shows nothing alone, it is its own trial.
        """
        self._best, self._spent = None, False
        with suppress(OutOfBudget):
            self.session.prepare(self.cover.method)  # there is something to name
        self._until = self.session.calls + _SHRINKING
        invalid = bool(found.drawn.rule)
        key = self._key(invalid)
        # Of its own: what Hypothesis cannot show again it deletes, and others may lie there.
        scratch = InMemoryExampleDatabase()
        keep(scratch, key, found.choices)
        # What was found is in _best; a search cut short looks flaky to Hypothesis.
        with suppress(HypothesisException):
            find(
                self._strategy(invalid),
                lambda value: self._shows(as_drawn(value)),
                settings=settings(_SETTINGS, database=scratch),
                database_key=key,
            )
        for entry in scratch.fetch(key):
            self._database.save(key, entry)
        yield trial_of(self.cover, self._best or found.drawn)

    def _key(self, invalid: bool) -> bytes:
        what = "invalid" if invalid else "valid"
        return f"wireproof {self.cover.method.full_name} {what}".encode()

    def _strategy(self, invalid: bool) -> SearchStrategy[Any]:
        takes, schema = self.cover.method.takes, self.session.schema
        return drawn_again(schema, takes, invalid=invalid, fit=self._fit)

    def _fit(self, message: Message, *, sure: bool) -> Message | None:
        """As it was sent: naming what exists."""
        return self.session.requests.addressed(message, sure=sure)

    def _shows(self, drawn: Drawn) -> bool:
        """Whether *drawn* shows something new; nothing does once the calls are spent."""
        if self._spent or self.session.calls >= self._until:
            return False
        try:
            found = self.trials.judge.tried(trial_of(self.cover, drawn))
        except OutOfBudget:
            self._spent = True
            return False
        if not any(self.trials.is_new(one) for one in found):
            return False
        if self._best is None or drawn.size < self._best.size:
            self._best = drawn
        return True


_SETTINGS = settings(
    max_examples=1000,
    deadline=None,
    phases=(Phase.reuse, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    verbosity=Verbosity.quiet,
    print_blob=False,
)
