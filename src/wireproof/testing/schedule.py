"""What a run consists of: its phases, and the share of the calls that each has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from zlib import crc32

from wireproof.exchange import Method
from wireproof.testing import machine, phases
from wireproof.testing.first_calls import in_turn
from wireproof.testing.fuzzing import Fuzzing
from wireproof.testing.ground import Ground
from wireproof.testing.options import Options, Phase
from wireproof.testing.pace_trials import pace
from wireproof.testing.raw_trials import raw
from wireproof.testing.rounds import Row, by_method, phase
from wireproof.testing.session import Session
from wireproof.testing.trial import Trial, Trials
from wireproof.testing.wire import wire


def scheduled(
    session: Session, trials: Trials, methods: tuple[Method, ...], chosen: tuple[Phase, ...]
) -> list[Row]:
    """The phases that go on in rounds, those first that find the most with the fewest calls."""
    rows: list[Row] = []
    if Phase.STATEFUL in chosen:
        rows.append(_stateful(session, trials, methods))
    if Phase.COVERAGE in chosen:
        rows += _coverage(session, methods)
    if Phase.WIRE in chosen:
        rows.append(_wire(session, methods))
    if Phase.FUZZING in chosen:
        rows += _fuzzing(session, trials, methods)
    return rows


def _stateful(session: Session, trials: Trials, methods: tuple[Method, ...]) -> Row:
    targets = frozenset(method.full_name for method in methods)
    rows = by_method(_mine(session.options, phases.stateful(session, targets)))
    if session.options.only is None and session.options.mine(0):  # one shard makes the searches
        rows += machine.sequences(session, trials, targets)
    return phase(session, Phase.STATEFUL, rows, share=8)


def _coverage(session: Session, methods: tuple[Method, ...]) -> list[Row]:
    ground = Ground(in_turn(session, methods))
    return [
        _covering(session, methods, ground, partial(phases.first_rules, ground), share=3),
        _covering(session, methods, ground, partial(phases.first_values, ground), share=3),
        _covering(session, methods, ground, partial(phases.all_else, session, ground), share=1),
    ]


def _covering(
    session: Session,
    methods: tuple[Method, ...],
    ground: Ground,
    trying: phases.Trying,
    share: int,
) -> Row:
    def steps(method: Method) -> Iterator[Trial]:
        return _mine(session.options, phases.of_method(session, method, trying))

    rows = [Row(m.full_name, steps(m), share=ground.fields(m)) for m in methods]
    return phase(session, Phase.COVERAGE, rows, share)


def _wire(session: Session, methods: tuple[Method, ...]) -> Row:
    every = (*wire(methods), *raw(session, methods), *pace(session, methods))
    return phase(session, Phase.WIRE, by_method(_mine(session.options, every)), share=2)


def _fuzzing(session: Session, trials: Trials, methods: tuple[Method, ...]) -> list[Row]:
    """What earlier runs have kept, then what chance makes."""
    if session.options.only is not None:
        return []
    fuzzing = Fuzzing(session, trials, methods)
    rounds = Row(Phase.FUZZING, fuzzing.rounds(), at_once=fuzzing.at_once)
    return [Row(Phase.FUZZING, fuzzing.kept()), rounds]


def _mine(options: Options, trials: Iterable[Trial]) -> Iterator[Trial]:
    """Those of this shard, told by their names: what one shard learns moves no trial of another."""
    for trial in trials:
        name = f"{trial.phase} {trial.method.full_name} {trial.name}"
        if options.mine(crc32(name.encode())):
            yield trial
