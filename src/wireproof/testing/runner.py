"""Run generated contract tests against a server: one function for every door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from wireproof.checks.wire import Gone
from wireproof.cycles import sought
from wireproof.errors import UnknownName, UnreachableTarget, UnreadableSource
from wireproof.exchange import Method, method_of
from wireproof.exchange.channel import Metadata, Target, target_of
from wireproof.exchange.door import Door
from wireproof.schema.pgv import translated
from wireproof.schema.schema import Schema
from wireproof.testing import machine
from wireproof.testing.callers import CALLER, apart
from wireproof.testing.declared import without_side_effects
from wireproof.testing.first_calls import examples
from wireproof.testing.fuzzing import replayed
from wireproof.testing.infer import infer
from wireproof.testing.options import Options, Phase
from wireproof.testing.outcome import TestReport, reported
from wireproof.testing.project import ProjectFailed
from wireproof.testing.replay import Replay
from wireproof.testing.rounds import Row, in_rounds, unfinished
from wireproof.testing.schedule import scheduled
from wireproof.testing.session import OutOfBudget, Session
from wireproof.testing.trial import Trial, Trials


@dataclass(frozen=True, slots=True)
class Selection:
    """The methods of a run."""

    callable: tuple[Method, ...]
    """Those that may be called at all, also to set the stage."""
    targets: frozenset[str]
    """Full names of those under test."""
    withheld: tuple[Method, ...]
    """Those left alone because they may have side effects."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """How far a run has come."""

    calls: int
    max_calls: int
    seconds: float
    coverage: float
    """Of the schema, from 0 to 1."""
    findings: int


_OFTEN = 0.1
"""Seconds between two pulses."""


_NEW = 50_000
"""Objects after which cycles are looked for: a thousand calls make as many."""


@sought(every=_NEW)
def run_tests(
    target: Target | str,
    schema: Schema,
    options: Options,
    watch: Callable[[Pulse], None] | None = None,
) -> TestReport:
    """Test the methods of *schema* at *target*; what could not be finished is in the report.

    *watch* is told now and then how far it has come.
    Raises UnreachableTarget where there is no server to begin with, UnknownName where the options
    name a service or method that the schema lacks. Blocks: never call it on the event loop that
    serves the target.
    """
    target = target_of(target) if isinstance(target, str) else target
    schema = translated(schema)  # rules of protoc-gen-validate are rules too
    selection = select(schema, options, loopback=target.is_loopback)
    api = infer(schema, selection.callable)
    target, proofs = _who(target, options)
    with Door(target) as door:
        session = Session(door, schema, api, options, proofs)
        trials = Trials(session, options)
        if watch is not None:
            session.watch = _pulses(session, trials, selection, watch)
        methods = tuple(m for m in selection.callable if m.full_name in selection.targets)
        phases = scheduled(session, trials, methods, _chosen(session))
        stopped = _run(session, trials, phases, methods)
        lacking = unfinished(phases) if trials.spent else ()
        return reported(session, trials, selection, stopped, lacking)


def _pulses(
    session: Session, trials: Trials, selection: Selection, watch: Callable[[Pulse], None]
) -> Callable[[], None]:
    last = -_OFTEN

    def beat() -> None:
        nonlocal last
        if session.seconds - last < _OFTEN:
            return
        last = session.seconds
        share = session.coverage.share(selection.targets)
        most = session.options.max_calls
        watch(Pulse(session.calls, most, session.seconds, share, len(trials.found)))

    return beat


def _who(target: Target, options: Options) -> tuple[Target, dict[str, Metadata]]:
    """The target without what proves a caller, and what proves each caller.

    A header that proves one is the caller's, where no credentials are given; else the credentials
    take its place.
    """
    callers = {**options.project.credentials, **options.credentials}
    proofs = {name: caller.metadata(name) for name, caller in callers.items()}
    keys = {key for proof in proofs.values() for key, _ in proof}
    bare, proof = apart(target, keys)
    return bare, proofs or ({CALLER: proof} if proof else {})


def _run(session: Session, trials: Trials, phases: list[Row], methods: tuple[Method, ...]) -> str:
    """Run every trial; why the run ended early, or nothing."""
    options = session.options
    try:
        for trial in _trials(session, phases, methods):
            wanted = trial if options.only is None else _wanted_in(trial, options.only)
            if wanted is not None:
                trials.run(wanted)
            if options.first and trials.first_call is not None:
                break
    except OutOfBudget:
        trials.spent = True
    except (UnreachableTarget, ProjectFailed) as error:
        if session.tallies.mute:
            trials.found.clear()  # that nothing is answered is one thing to say, not one a method
        elif session.lost is not None:
            gone = Gone(session.lost.method, (session.lost,))
            trials.add(list(trials.judge.breaches(gone)))
        return str(error)
    return _refused(session, methods)


def _trials(session: Session, phases: list[Row], methods: tuple[Method, ...]) -> Iterator[Trial]:
    """An example of each method, then the phases in rounds; at last what an earlier run drew."""
    yield from examples(session, methods if Phase.EXAMPLES in _chosen(session) else ())
    for step in in_rounds(session, phases):
        if step is not None:
            yield step
    if session.options.only is not None:
        yield from replayed(session, session.options.only, methods)
        yield from machine.replayed(session, session.options.only)


def _chosen(session: Session) -> tuple[Phase, ...]:
    return session.options.chosen_phases(loopback=session.door.target.is_loopback)


_REFUSALS = {
    "UNIMPLEMENTED": "does it serve this schema?",
    "UNAUTHENTICATED": "give credentials with --credentials or --header",
    "PERMISSION_DENIED": "give other credentials with --credentials or --header",
}


def _refused(session: Session, methods: tuple[Method, ...]) -> str:
    """Why nothing could be tested, where the server answers everything alike."""
    statuses = {code for one in methods for code in session.tallies[one.full_name].to_messages}
    if len(statuses) != 1:
        return ""
    code = next(iter(statuses))
    hint = _REFUSALS.get(code)
    target = session.door.target.address
    return f"{target} answers {code} to every method; {hint}" if hint else ""


def _wanted_in(trial: Trial, wanted: Replay) -> Trial | None:
    """The wanted one, which *trial* is or holds, or one that sets the stage."""
    if trial.phase is Phase.EXAMPLES:
        return trial
    return trial.named(wanted.phase, wanted.method, wanted.trial)


def select(schema: Schema, options: Options, *, loopback: bool) -> Selection:
    """The methods to call and those to test. Raises UnknownName, UnreadableSource."""
    methods = tuple(method_of(descriptor) for descriptor in schema.methods())
    if not methods:
        raise UnreadableSource(schema.source, "it declares no method, so nothing can be tested")
    _known("service", options.services, {m.full_name.rsplit(".", 1)[0] for m in methods})
    _known("method", (*options.methods, *options.exclude), {m.full_name for m in methods})
    left = [m for m in methods if not _named(m.full_name, options.exclude)]
    safe = options.allow_writes or loopback
    allowed = tuple(m for m in left if safe or without_side_effects(schema, m.descriptor))
    targets = frozenset(m.full_name for m in allowed if _wanted(m, options))
    withheld = tuple(m for m in left if m not in allowed and _wanted(m, options))
    return Selection(allowed, targets, withheld)


def _wanted(method: Method, options: Options) -> bool:
    service = method.full_name.rsplit(".", 1)[0]
    by_service = not options.services or _named(service, options.services)
    return by_service and (not options.methods or _named(method.full_name, options.methods))


def _named(full_name: str, names: Iterable[str]) -> bool:
    """Whether one of *names* is the full name or its end: `GetUser`, `UserService/GetUser`."""
    spelled = (name.replace("/", ".").lstrip(".") for name in names)
    return any(full_name == name or full_name.endswith(f".{name}") for name in spelled)


def _known(kind: str, names: tuple[str, ...], known: set[str]) -> None:
    for name in names:
        if not any(_named(full_name, [name]) for full_name in known):
            raise UnknownName(kind, name, tuple(sorted(known)))
