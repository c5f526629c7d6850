"""What a run of generated tests came to, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wireproof.finding import Evidence, Finding, Severity, Surface
from wireproof.severities import DEFAULTS
from wireproof.testing.describe import described
from wireproof.testing.reach import Missed
from wireproof.testing.replay import Replay, commands, write
from wireproof.testing.rounds import Unfinished
from wireproof.testing.session import Session
from wireproof.testing.tally import Tally
from wireproof.testing.trial import Found, Trials

if TYPE_CHECKING:
    from wireproof.testing.runner import Selection


@dataclass(frozen=True, slots=True)
class MethodOutcome:
    """What became of the calls of one method."""

    method: str
    style: str
    calls: int
    statuses: Mapping[str, int]
    tested: bool
    """Whether it answered OK at least once (a stream that stays open: whether it opened)."""
    withheld: bool = False
    """Whether it was not called because it may have side effects."""
    latency_ms: Mapping[str, float] = field(default_factory=dict, compare=False)
    """`p50`, `p95`, `p99` and `max` of the calls that the server ended, in milliseconds."""


@dataclass(frozen=True, slots=True)
class TestReport:
    """Everything that a run found and how far it came."""

    __test__ = False  # pytest takes every Test… for a test

    target: str
    seed: int
    calls: int
    duration_s: float
    methods: tuple[MethodOutcome, ...]
    findings: tuple[Finding, ...]
    coverage: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)
    """Method → what (fields, enum values, …) → reached, all."""
    missed: Missed = field(default_factory=dict)
    """Method → what → the goals that no call has reached."""
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Method → the status codes that it answered."""
    stopped: str = ""
    """Why the run could not go on, in a sentence; empty where it came to its end."""
    notes: tuple[str, ...] = ()
    """What could not be tested, and why."""
    first_call: int | None = None
    """How many calls the first finding took; None where nothing came again."""
    spent: bool = False
    """Whether the budget of calls or time ended it."""
    unfinished: tuple[Unfinished, ...] = ()
    """What the budget did not reach."""
    shard: str = ""
    """Which part of the whole it is: `2/4`."""
    gone: tuple[str, ...] = ()
    """What the baseline knows and the run did not find, in words."""

    @property
    def untested(self) -> tuple[str, ...]:
        """The methods under test that never answered OK."""
        return tuple(m.method for m in self.methods if not m.tested)


def reported(
    session: Session,
    trials: Trials,
    selection: Selection,
    stopped: str = "",
    unfinished: tuple[Unfinished, ...] = (),
) -> TestReport:
    """The report of a run."""
    return TestReport(
        target=session.door.target.address,
        seed=session.options.seed,
        calls=session.calls,
        duration_s=round(session.seconds, 3),
        methods=tuple(_outcomes(session, selection)),
        findings=tuple(shown(one, session) for one in trials.found.values()),
        coverage=session.coverage.figures(selection.targets),
        stopped=stopped or next(iter(trials.broken), ""),
        notes=tuple(session.notes),
        first_call=trials.first_call,
        spent=trials.spent,
        unfinished=unfinished,
        missed=session.coverage.missed(selection.targets),
        codes=session.coverage.codes(selection.targets),
        shard="{}/{}".format(*session.options.shard) if session.options.shard else "",
    )


def _outcomes(session: Session, selection: Selection) -> list[MethodOutcome]:
    called = []
    for method in selection.callable:
        if method.full_name in selection.targets:
            tally = session.tallies[method.full_name]
            statuses = dict(sorted(tally.statuses.items()))
            outcome = MethodOutcome(
                method.full_name, str(method.style), tally.calls, statuses, tally.tested
            )
            called.append(replace(outcome, latency_ms=_latency(tally)))
    withheld = [
        MethodOutcome(m.full_name, str(m.style), 0, {}, tested=False, withheld=True)
        for m in selection.withheld
    ]
    return [*called, *withheld]


def _latency(tally: Tally) -> dict[str, float]:
    if not tally.latency.most:
        return {}
    shares = {"p50": 0.50, "p95": 0.95, "p99": 0.99, "max": 1.0}
    seconds = {name: tally.latency.percentile(share) for name, share in shares.items()}
    return {name: round(one * 1000, 2) for name, one in seconds.items()}


def finding(found: Found) -> Finding:
    """A finding as every report shows it."""
    breach = found.breach
    if found.flaky:
        promised, told = f"{found.check.id} the same each time", "seen once, and not again"
        words = f"{found.check.message(breach)} - once; it did not come again"
        check_id = "FLAKY"
    else:
        promised, told, words = breach.promised, breach.found, found.check.message(breach)
        check_id = found.check.id
    return Finding(
        id=check_id,
        subject=breach.subject,
        promised=promised,
        found=told,
        severity=DEFAULTS.get(check_id, Severity.ERROR),
        message=words,
        why=found.check.why,
        fix=found.check.fix,
        surfaces=(Surface.RPC,),
        evidence=Evidence.PROVEN,
        exchange=described(found.exchanges),
    )


def shown(found: Found, session: Session) -> Finding:
    """The finding, its file written where the options ask for one, and how to see it again."""
    trial = found.trial
    bare = finding(found)
    if trial is None:
        return bare
    options, target = session.options, session.door.target.address
    method, seed = trial.method.full_name, options.seed
    kept = Replay(trial.phase, method, trial.name, seed, trial.messages, trial.kind)
    path = write(options.replays, kept, bare) if options.replays else None
    last = found.exchanges[-1] if len(found.exchanges) == 1 else None
    return replace(bare, reproduce=tuple(commands(target, kept, last, path)))
