"""Run generated contract tests against a server: one function for every door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

from wireproof.errors import UnknownName, UnreachableTarget
from wireproof.exchange import Method, method_of
from wireproof.exchange.channel import Metadata, Target, target_of
from wireproof.exchange.door import Door
from wireproof.schema.pgv import translated
from wireproof.schema.schema import Schema
from wireproof.testing import machine, phases
from wireproof.testing.callers import CALLER, apart
from wireproof.testing.coverage import examples
from wireproof.testing.declared import without_side_effects
from wireproof.testing.fuzzing import fuzzing, replayed
from wireproof.testing.infer import infer
from wireproof.testing.options import Options, Phase
from wireproof.testing.outcome import TestReport, reported
from wireproof.testing.pace_trials import pace
from wireproof.testing.project import ProjectFailed
from wireproof.testing.raw_trials import raw
from wireproof.testing.replay import Replay
from wireproof.testing.session import OutOfBudget, Session
from wireproof.testing.trial import Trial, Trials
from wireproof.testing.wire import wire


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
        stopped = _run(session, trials, selection, options)
        return reported(session, trials, selection, stopped)


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


def _run(session: Session, trials: Trials, selection: Selection, options: Options) -> str:
    """Run every trial; why the run ended early, or nothing."""
    chosen = options.chosen_phases(loopback=session.door.target.is_loopback)
    try:
        for trial in _trials(session, trials, selection, chosen):
            if options.only is None or _is(trial, options.only):
                trials.run(trial)
            if options.first and trials.first_call is not None:
                break
    except OutOfBudget:
        trials.spent = True
    except (UnreachableTarget, ProjectFailed) as error:
        return str(error)
    return _refused(session, selection)


_REFUSALS = {
    "UNIMPLEMENTED": "does it serve this schema?",
    "UNAUTHENTICATED": "give credentials with --credentials or --header",
    "PERMISSION_DENIED": "give other credentials with --credentials or --header",
}


def _refused(session: Session, selection: Selection) -> str:
    """Why nothing could be tested, where the server answers everything alike."""
    statuses = {code for name in selection.targets for code in session.tallies[name].statuses}
    if len(statuses) != 1:
        return ""
    code = next(iter(statuses))
    hint = _REFUSALS.get(code)
    target = session.door.target.address
    return f"{target} answers {code} to every method; {hint}" if hint else ""


def _trials(
    session: Session, trials: Trials, selection: Selection, chosen: tuple[Phase, ...]
) -> Iterator[Trial]:
    """The phases. Stateful ones go before the broad ones: they need few calls and find the most."""
    targets = tuple(m for m in selection.callable if m.full_name in selection.targets)
    yield from examples(session, targets if Phase.EXAMPLES in chosen else ())
    options = session.options
    if Phase.STATEFUL in chosen:
        yield from _shared(options, phases.stateful(session, selection.targets))
        if options.only is None and options.mine(0):  # a search of its own: one shard makes it
            yield from machine.sequences(session, trials, selection.targets)
    yield from _shared(options, _broad(session, chosen, targets))
    if options.only is not None:
        yield from replayed(session, options.only, targets)
        yield from machine.replayed(session, options.only)
    elif Phase.FUZZING in chosen:
        yield from fuzzing(session, trials, targets)


def _broad(
    session: Session, chosen: tuple[Phase, ...], targets: tuple[Method, ...]
) -> Iterator[Trial]:
    if Phase.COVERAGE in chosen:
        yield from phases.broken_rules(session, targets)
    if Phase.WIRE in chosen:
        yield from wire(targets)
        yield from raw(session, targets)
        yield from pace(session, targets)
    if Phase.COVERAGE in chosen:
        yield from phases.coverage(session, targets)


def _shared(options: Options, trials: Iterator[Trial]) -> Iterator[Trial]:
    """Those of this shard, told by their names: what one shard learns moves no trial of another."""
    for trial in trials:
        name = f"{trial.phase} {trial.method.full_name} {trial.name}"
        if options.mine(crc32(name.encode())):
            yield trial


def _is(trial: Trial, wanted: Replay) -> bool:
    """Whether *trial* is the wanted one, or one that sets the stage."""
    if trial.phase is Phase.EXAMPLES:
        return True
    name = (trial.phase, trial.method.full_name, trial.name)
    return name == (wanted.phase, wanted.method, wanted.trial)


def select(schema: Schema, options: Options, *, loopback: bool) -> Selection:
    """The methods to call and those to test. Raises UnknownName."""
    methods = tuple(method_of(descriptor) for descriptor in schema.methods())
    if not methods:
        raise UnknownName("method in the schema", "to test")
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
