"""Sequences of calls that Hypothesis makes up, rule by rule, beside a model; the failing shrink."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from wireproof.checks.observations import Observation
from wireproof.exchange.calls import Live
from wireproof.testing import options
from wireproof.testing.api import Resource, Role
from wireproof.testing.event_trials import opened, witnessed
from wireproof.testing.model import SEPARATOR, Model, Step, modelled, program
from wireproof.testing.replay import Replay
from wireproof.testing.rounds import Row
from wireproof.testing.session import OutOfBudget, Session
from wireproof.testing.things import Things
from wireproof.testing.trial import Trial, Trials

NAME = "sequence"
_STEPS = 12
_SHARE = 6
"""The part of the calls that are left: one in so many."""
_MOST = 400
_SHRINKING = 200
"""Calls that the shrinking of one finding may cost."""


class Shown(Exception):
    """The sequence shows something new."""


def sequences(session: Session, trials: Trials, targets: frozenset[str]) -> list[Row]:
    """For each resource, the smallest sequence that shows something new about it, as a trial."""
    rows = []
    for resource in session.api.resources:
        methods = {operation.method.full_name for operation in resource.operations.values()}
        if modelled(resource) and methods & targets:
            create = resource.operations[Role.CREATE].method.full_name
            rows.append(Row(create, _searched(session, trials, resource), at_once=_MOST))
    return rows


def _searched(session: Session, trials: Trials, resource: Resource) -> Iterator[Trial]:
    yield from Search(session, trials, resource).found()  # what is left by then is its budget


def replayed(session: Session, wanted: Replay) -> Iterator[Trial]:
    """The sequence that an earlier run made up."""
    for resource in session.api.resources if wanted.trial == NAME else ():
        create = resource.of(Role.CREATE)
        if create is not None and create.method.full_name == wanted.method:
            yield _trial(resource, program(wanted.kind))


def _trial(resource: Resource, steps: tuple[Step, ...]) -> Trial:
    create = resource.operations[Role.CREATE]
    run = partial(_run, resource=resource, steps=steps)
    text = SEPARATOR.join(map(str, steps))
    return Trial(options.Phase.STATEFUL, create.method, run, NAME, kind=text)


def _run(session: Session, resource: Resource, steps: tuple[Step, ...]) -> Iterator[Observation]:
    course = Course(Things(session, resource))
    try:
        for step in steps:
            yield from course.take(step)
        yield from course.ended()
    finally:
        course.left()


class Course:
    """One sequence: the model, the steps so far, and a stream that stands open across them."""

    def __init__(self, things: Things) -> None:
        self.model = Model(things)
        self.steps: list[Step] = []
        self._things = things
        watch = things.resource.of(Role.WATCH)
        self._live: Live | None = opened(things) if watch is not None else None

    def take(self, step: Step) -> Iterator[Observation]:
        """Do *step*."""
        self.steps.append(step)
        yield from self.model.take(step)

    def ended(self) -> Iterator[Observation]:
        """What everything is at the end, and what the stream told of the changes."""
        yield from self.model.whole()
        live, self._live = self._live, None
        if live is None:
            return
        if self.model.restored or not self.model.changes:
            self._things.session.close(live)
        else:
            yield from witnessed(self._things, live, self.model.changes)

    def left(self) -> None:
        """Leave no stream behind."""
        if self._live is not None:
            self._live.abandon()
            self._live = None


class Search:
    """Looks for a sequence that shows something new about one resource."""

    def __init__(self, session: Session, trials: Trials, resource: Resource) -> None:
        self.session = session
        self.trials = trials
        self.resource = resource
        self._best: tuple[Step, ...] | None = None
        left = session.options.max_calls - session.calls
        self._until = session.calls + min(_MOST, max(0, left) // _SHARE)
        self._spent = False

    def found(self) -> Iterator[Trial]:
        """The shortest sequence found."""
        create = self.resource.operations[Role.CREATE].method.full_name
        kind = type("Sequences", (Machine,), {"search": self})
        hypothesis.seed(f"{self.session.options.seed} {create} {NAME}")(kind)
        with suppress(Shown, HypothesisException):  # a search cut short looks flaky to Hypothesis
            run_state_machine_as_test(kind, settings=_SETTINGS)
        if self._best is not None:
            yield _trial(self.resource, self._least(self._best))
        if self._spent:
            raise OutOfBudget

    def _least(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Without the steps that are not needed: Hypothesis may have run out of calls."""
        with self.session.confirming():
            for index in reversed(range(len(steps))):
                shorter = (*steps[:index], *steps[index + 1 :])
                found = self.trials.judge.tried(_trial(self.resource, shorter))
                if any(self.trials.is_new(one) for one in found):
                    steps = shorter
        return steps

    @property
    def over(self) -> bool:
        """Whether no more calls are granted."""
        return self._spent or self.session.calls >= self._until

    def started(self) -> Course | None:
        """A new sequence; None where no more calls are granted."""
        try:
            self.session.log.clear()
            return None if self.over else Course(Things(self.session, self.resource))
        except OutOfBudget:
            self._spent = True
            return None

    def seen(self, course: Course, observations: Iterator[Observation]) -> None:
        """Judge what a step shows. Raises Shown where it is new."""
        before = len(self.session.log)
        try:
            shown: list[Any] = list(observations)
        except OutOfBudget:
            self._spent = True
            return
        shown += self.session.log[before:]
        found = [one for each in shown for one in self.trials.judge.breaches(each)]
        if any(self.trials.is_new(one) for one in found):
            self._keep(tuple(course.steps))
            raise Shown

    def _keep(self, steps: tuple[Step, ...]) -> None:
        if self._best is None:
            self._until = self.session.calls + _SHRINKING
        if self._best is None or len(steps) <= len(self._best):
            self._best = steps


_SETTINGS = settings(
    max_examples=30,
    stateful_step_count=_STEPS,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    verbosity=Verbosity.quiet,
    print_blob=False,
    report_multiple_bugs=False,
)


class Machine(RuleBasedStateMachine):
    """The operations as rules, and what they have made as their bundle."""

    search: ClassVar[Search]
    things = Bundle("things")

    def __init__(self) -> None:
        super().__init__()
        self.course = self.search.started()

    def do(self, name: str, thing: int = 0, field: int = 0) -> None:
        if self.course is not None and not self.search.over and self.course.model.can(name):
            step = Step(name, thing, field)
            self.search.seen(self.course, self.course.take(step))

    @initialize(target=things)
    def first(self) -> int:
        return self.made()

    @rule(target=things)
    def create(self) -> int:
        return self.made()

    def may(self, name: str) -> bool:
        """Whether the step can change anything now."""
        model = self.course.model if self.course is not None else None
        if model is None or not model.can(name):
            return False
        return any(one.deleted == (name == "undelete") for one in model.known)

    def made(self) -> int:
        """Create a thing; its place among those that the model knows."""
        self.do("create")
        return max(len(self.course.model.known) - 1, 0) if self.course is not None else 0

    @rule(thing=things)
    def get(self, thing: int) -> None:
        self.do("get", thing)

    @precondition(lambda self: self.may("update"))
    @rule(thing=things, field=st.integers(0, 9))
    def update(self, thing: int, field: int) -> None:
        self.do("update", thing, field)

    @precondition(lambda self: self.may("delete"))
    @rule(thing=things)
    def delete(self, thing: int) -> None:
        self.do("delete", thing)

    @precondition(lambda self: self.may("undelete"))
    @rule(thing=things)
    def undelete(self, thing: int) -> None:
        self.do("undelete", thing)

    def teardown(self) -> None:
        course, self.course = self.course, None
        if course is not None:
            try:
                self.search.seen(course, course.ended())
            finally:
                course.left()
