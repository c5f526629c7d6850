"""The trials of each phase, in the order in which they are run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest

from wireproof.checks.observations import Observation
from wireproof.exchange import Method, Style
from wireproof.testing import (
    event_trials,
    list_trials,
    standard_trials,
    stream_trials,
    update_trials,
)
from wireproof.testing.api import Resource, Role
from wireproof.testing.coverage import Coverage
from wireproof.testing.options import Phase
from wireproof.testing.session import Session
from wireproof.testing.things import Things
from wireproof.testing.trial import Trial


@dataclass(frozen=True, slots=True)
class Probe:
    """A sequence that every resource with these methods must stand."""

    about: Role
    needs: tuple[Role, ...]
    run: Callable[[Things], Iterator[Observation]]


GET, LIST, CREATE, UPDATE, DELETE = Role.GET, Role.LIST, Role.CREATE, Role.UPDATE, Role.DELETE

PROBES: tuple[Probe, ...] = (
    Probe(GET, (), partial(standard_trials.of_nothing, role=GET)),
    Probe(UPDATE, (), partial(standard_trials.of_nothing, role=UPDATE)),
    Probe(DELETE, (), partial(standard_trials.of_nothing, role=DELETE)),
    Probe(Role.BATCH, (CREATE,), stream_trials.batch),
    Probe(CREATE, (GET,), standard_trials.read_back),
    Probe(DELETE, (CREATE, GET), standard_trials.deletion),
    Probe(UPDATE, (CREATE, GET), update_trials.masked),
    Probe(UPDATE, (CREATE, GET), update_trials.masked_sparsely),
    Probe(UPDATE, (CREATE, GET), update_trials.unmasked),
    Probe(UPDATE, (CREATE, GET), update_trials.cleared),
    Probe(CREATE, (), standard_trials.idempotency),
    Probe(CREATE, (), standard_trials.duplicate),
    Probe(CREATE, (), standard_trials.server_set),
    Probe(CREATE, (GET,), standard_trials.validate_only),
    Probe(UPDATE, (CREATE, GET), update_trials.fixed),
    Probe(UPDATE, (CREATE, GET), update_trials.impossible),
    Probe(UPDATE, (CREATE, GET), update_trials.spoiling),
    Probe(UPDATE, (CREATE, GET), update_trials.twice),
    Probe(LIST, (CREATE,), list_trials.pages),
    Probe(LIST, (CREATE, DELETE), list_trials.after_delete),
    Probe(LIST, (CREATE,), list_trials.pages_amid_inserts),
    Probe(LIST, (CREATE, DELETE), list_trials.pages_amid_deletes),
    Probe(LIST, (), list_trials.negative),
    Probe(LIST, (CREATE,), list_trials.token_elsewhere),
    Probe(LIST, (CREATE,), list_trials.filtered),
    Probe(LIST, (CREATE,), list_trials.ordered),
    Probe(Role.WATCH, (CREATE, GET), event_trials.events),
)


def stateful(session: Session, targets: frozenset[str]) -> Iterator[Trial]:
    """The sequences that the resources and the streams call for."""
    for probe in PROBES:
        for resource in session.api.resources:
            operation = resource.of(probe.about)
            if operation is None or operation.method.full_name not in targets:
                continue
            if all(resource.of(role) for role in probe.needs):
                yield Trial(Phase.STATEFUL, operation.method, _about(resource, probe))
    for method in session.api.methods:
        if method.style.client_streams and method.full_name in targets:
            yield Trial(Phase.STATEFUL, method, partial(stream_trials.empty, method=method))
        if method.style is Style.BIDIRECTIONAL and method.full_name in targets:
            for run in (stream_trials.in_order, stream_trials.interleaved):
                yield Trial(Phase.STATEFUL, method, partial(run, method=method))


def _about(resource: Resource, probe: Probe) -> Callable[[Session], Iterator[Observation]]:
    def run(session: Session) -> Iterator[Observation]:
        yield from probe.run(Things(session, resource))

    return run


def coverage(session: Session, methods: tuple[Method, ...]) -> Iterator[Trial]:
    """What breaks rules, then what keeps them, the methods in turn so that each gets its share."""
    covers = [Coverage(session, method) for method in methods]
    yield from _in_turn([cover.invalid() for cover in covers])
    yield from _in_turn([cover.valid() for cover in covers])


def _in_turn(rows: list[Iterator[Trial]]) -> Iterator[Trial]:
    for turn in zip_longest(*rows):
        yield from (trial for trial in turn if trial is not None)
