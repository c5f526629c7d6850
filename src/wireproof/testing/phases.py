"""The trials of each phase, in the order in which they are run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from wireproof import values
from wireproof.checks.observations import Observation
from wireproof.exchange import Method, Style
from wireproof.testing import (
    agreement_trials,
    alike_trials,
    count_trials,
    dropped_trials,
    event_trials,
    filter_trials,
    get_trials,
    history_trials,
    isolation_trials,
    kin_trials,
    last_trials,
    life_trials,
    list_trials,
    mask_trials,
    measure_trials,
    race_trials,
    stale_trials,
    standard_trials,
    stream_trials,
    sum_trials,
    sync_trials,
    tally_trials,
    total_trials,
    update_trials,
)
from wireproof.testing.access_trials import access
from wireproof.testing.action_trials import acting
from wireproof.testing.api import Resource, Role
from wireproof.testing.batch_trials import batches
from wireproof.testing.coverage import Coverage, cover_of
from wireproof.testing.generated import Sample
from wireproof.testing.ground import Ground
from wireproof.testing.operation_trials import operating
from wireproof.testing.options import Phase
from wireproof.testing.overhearing_trials import overhearing
from wireproof.testing.session import Session
from wireproof.testing.things import Things
from wireproof.testing.trial import Trial
from wireproof.testing.unfamiliar import unfamiliar


@dataclass(frozen=True, slots=True)
class Probe:
    """A sequence that every resource with these methods must stand."""

    name: str
    about: Role
    needs: tuple[Role, ...]
    run: Callable[[Things], Iterator[Observation]]


GET, LIST, CREATE, UPDATE, DELETE = Role.GET, Role.LIST, Role.CREATE, Role.UPDATE, Role.DELETE
UNDELETE = Role.UNDELETE

QUICK: tuple[Probe, ...] = (
    Probe("of nothing", GET, (), partial(standard_trials.of_nothing, role=GET)),
    Probe("of nothing", UPDATE, (), partial(standard_trials.of_nothing, role=UPDATE)),
    Probe("of nothing", DELETE, (), partial(standard_trials.of_nothing, role=DELETE)),
    Probe("negative", LIST, (), list_trials.negative),
    Probe("denied alike", Role.BATCH, (CREATE,), partial(alike_trials.streamed, role=Role.BATCH)),
    Probe("denied alike", Role.SYNC, (CREATE,), partial(alike_trials.streamed, role=Role.SYNC)),
)
"""Of one call each: they go before all else."""

PROBES: tuple[Probe, ...] = (
    Probe("key of another", CREATE, (CREATE,), alike_trials.key_of_another),
    Probe("read back", CREATE, (GET,), standard_trials.read_back),
    Probe("dropped", CREATE, (GET,), dropped_trials.dropped),
    Probe("unset", CREATE, (GET,), dropped_trials.unset),
    Probe("server set", CREATE, (), standard_trials.server_set),
    Probe("validate only", CREATE, (GET,), standard_trials.validate_only),
    Probe("left out", CREATE, (), life_trials.left_out),
    Probe("duplicate", CREATE, (), standard_trials.duplicate),
    Probe("idempotency", CREATE, (), standard_trials.idempotency),
    Probe("same again", CREATE, (), partial(life_trials.twice, role=CREATE)),
    Probe("one key at once", CREATE, (), race_trials.one_key),
    Probe("one name at once", CREATE, (), race_trials.one_name),
    Probe("several at once", CREATE, (), race_trials.own_values),
    Probe("once at once", CREATE, (), race_trials.once),
    Probe("summed", CREATE, (CREATE,), sum_trials.summed),
    Probe("elsewhere", GET, (), get_trials.elsewhere),
    Probe("first of two", GET, (CREATE,), get_trials.first_of_two),
    Probe("under nothing", CREATE, (), kin_trials.under_nothing),
    Probe("parent deleted", CREATE, (GET,), kin_trials.parent_deleted),
    Probe("masked", UPDATE, (CREATE, GET), update_trials.masked),
    Probe("all at once", UPDATE, (CREATE, GET), mask_trials.all_at_once),
    Probe("dry", UPDATE, (CREATE, GET), partial(life_trials.dry_change, role=UPDATE)),
    Probe("etag", UPDATE, (CREATE, GET), partial(life_trials.etag, role=UPDATE)),
    Probe("stale version", UPDATE, (CREATE, GET), dropped_trials.stale),
    Probe("replaced", UPDATE, (CREATE, GET), life_trials.replaced),
    Probe("closed states", UPDATE, (CREATE, GET), life_trials.closed_states),
    Probe("impossible", UPDATE, (CREATE, GET), update_trials.impossible),
    Probe("allow missing", UPDATE, (CREATE,), partial(life_trials.allow_missing, role=UPDATE)),
    Probe("twice", UPDATE, (CREATE, GET), update_trials.twice),
    Probe("cleared", UPDATE, (CREATE, GET), update_trials.cleared),
    Probe("unmasked", UPDATE, (CREATE, GET), update_trials.unmasked),
    Probe("absent", UPDATE, (CREATE, GET), update_trials.left_out),
    Probe("fixed", UPDATE, (CREATE, GET), update_trials.fixed),
    Probe("two fields at once", UPDATE, (CREATE, GET), race_trials.two_fields),
    Probe("spoiling", UPDATE, (CREATE, GET), update_trials.spoiling),
    Probe("masked sparsely", UPDATE, (CREATE, GET), update_trials.masked_sparsely),
    Probe("together", UPDATE, (CREATE, GET), mask_trials.together),
    Probe("half refused", UPDATE, (CREATE, GET), mask_trials.half_refused),
    Probe("deletion", DELETE, (CREATE, GET), standard_trials.deletion),
    Probe("dry", DELETE, (CREATE, GET), partial(life_trials.dry_change, role=DELETE)),
    Probe("etag", DELETE, (CREATE, GET, UPDATE), partial(life_trials.etag, role=DELETE)),
    Probe("allow missing", DELETE, (), partial(life_trials.allow_missing, role=DELETE)),
    Probe("same again", DELETE, (CREATE,), partial(life_trials.twice, role=DELETE)),
    Probe("undelete", UNDELETE, (CREATE, GET, DELETE), life_trials.undelete),
    Probe("pages", LIST, (CREATE,), list_trials.pages),
    Probe("token of nobody", LIST, (), list_trials.token_of_nobody),
    Probe("filtered", LIST, (CREATE,), filter_trials.filtered),
    Probe("default size", LIST, (CREATE,), agreement_trials.default_size),
    Probe("shows created", LIST, (CREATE,), agreement_trials.shows_created),
    Probe("last shown", LIST, (CREATE,), last_trials.listed),
    Probe("listed as got", LIST, (CREATE, GET), agreement_trials.listed_as_got),
    Probe("listed as changed", UPDATE, (CREATE, GET, LIST), stale_trials.updated),
    Probe("after delete", LIST, (CREATE, DELETE), list_trials.after_delete),
    Probe("show deleted", LIST, (CREATE, DELETE, UNDELETE), life_trials.show_deleted),
    Probe("total", LIST, (CREATE,), agreement_trials.total),
    Probe("signs", LIST, (CREATE,), agreement_trials.signs),
    Probe("ordered", LIST, (CREATE,), list_trials.ordered),
    Probe("token elsewhere", LIST, (CREATE,), list_trials.token_elsewhere),
    Probe("pages amid inserts", LIST, (CREATE,), list_trials.pages_amid_inserts),
    Probe("pages amid deletes", LIST, (CREATE, DELETE), list_trials.pages_amid_deletes),
    Probe("pages growing", LIST, (CREATE,), list_trials.pages_growing),
    Probe("pages in each order", LIST, (CREATE,), list_trials.pages_in_each_order),
    Probe("batch", Role.BATCH, (CREATE,), stream_trials.batch),
    Probe("as alone", Role.BATCH, (CREATE,), stream_trials.as_alone),
    Probe("synced", Role.SYNC, (CREATE, GET), sync_trials.kept),
    Probe("history", Role.WATCH, (CREATE,), history_trials.told),
    Probe("history of kin", Role.WATCH, (CREATE,), history_trials.of_kin),
    Probe("events", Role.WATCH, (CREATE, GET), event_trials.events),
    Probe("events of one", Role.WATCH, (CREATE, GET), event_trials.of_one),
    Probe("events of a batch", Role.WATCH, (CREATE, GET, Role.BATCH), event_trials.of_batch),
)
"""By methods; of one method, those first that tell much for few calls."""


_COUNTED = (
    (Style.UNARY, "one counter", race_trials.one_counter),
    (Style.CLIENT_STREAMING, "tallied", count_trials.tallied),
    (Style.CLIENT_STREAMING, "added up", total_trials.added_up),
    (Style.CLIENT_STREAMING, "measured", measure_trials.measured),
    (Style.SERVER_STREAMING, "limited", count_trials.limited),
)


def stateful(session: Session, targets: frozenset[str]) -> Iterator[Trial]:
    """The sequences that the resources and the streams call for."""
    yield from _probed(session, targets, QUICK)
    yield from access(session, targets)
    yield from acting(session, targets)
    yield from batches(session, targets)
    yield from operating(session, targets)
    yield from overhearing(session, targets)
    yield from last_trials.streamed(session, targets)
    yield from history_trials.itemised(session, targets)
    yield from tally_trials.tallied(session, targets)
    yield from _probed(session, targets, PROBES)
    for method in session.api.methods:
        if method.style.client_streams and method.full_name in targets:
            run = partial(stream_trials.empty, method=method)
            yield Trial(Phase.STATEFUL, method, run, "empty")
        plain = method.full_name not in session.api.by_method
        if method.style is Style.CLIENT_STREAMING and plain and method.full_name in targets:
            run = partial(stream_trials.counted, method=method)
            yield Trial(Phase.STATEFUL, method, run, "counted")
        for style, name, counting in _COUNTED:
            known = method.style is Style.UNARY and not plain
            if method.style is style and method.full_name in targets and not known:
                yield Trial(Phase.STATEFUL, method, partial(counting, method=method), name)
        if method.style is Style.BIDIRECTIONAL and method.full_name in targets:
            for stream in (stream_trials.in_order, isolation_trials.interleaved):
                run = partial(stream, method=method)
                yield Trial(Phase.STATEFUL, method, run, stream.__name__)


def _probed(session: Session, targets: frozenset[str], probes: Iterable[Probe]) -> Iterator[Trial]:
    for probe in probes:
        further = session.api.listed if probe.about is LIST else ()
        for resource in (*session.api.resources, *further):
            operation = resource.of(probe.about)
            if operation is None or operation.method.full_name not in targets:
                continue
            if all(resource.of(role) for role in probe.needs):
                yield Trial(Phase.STATEFUL, operation.method, _about(resource, probe), probe.name)


def _about(resource: Resource, probe: Probe) -> Callable[[Session], Iterator[Observation]]:
    def run(session: Session) -> Iterator[Observation]:
        yield from probe.run(Things(session, resource))

    return run


Trying = Callable[[Coverage], Iterator[Trial]]


def first_rules(ground: Ground, cover: Coverage) -> Iterator[Trial]:
    """One rule of the method, and every rule of a field that no earlier method has, broken."""
    sought = False

    def wanted(sample: Sample) -> bool:
        nonlocal sought
        first, sought = not sought, True
        return first or ground.new(cover.method, sample.path)

    yield from cover.invalid(wanted)


def first_values(ground: Ground, cover: Coverage) -> Iterator[Trial]:
    """Each field that no earlier method has, varied within the rules."""
    yield from cover.valid(partial(_is_first, ground, cover))


def _is_first(ground: Ground, cover: Coverage, sample: Sample) -> bool:
    told = bool(sample.path) and not cover.decides(sample.path)
    return told and ground.new(cover.method, sample.path)


def all_else(session: Session, ground: Ground, cover: Coverage) -> Iterator[Trial]:
    """The other fields, everything at its edges, what newer clients send, other ways to break."""
    yield from unfamiliar(session, cover)
    yield from cover.invalid(lambda one: not ground.new(cover.method, one.path))
    yield from cover.invalid_otherwise(_OTHER_END)
    yield from cover.valid(lambda one: not _is_first(ground, cover, one))
    yield from cover.invalid_otherwise(_OTHER_FORMS)


_OTHER_END, _OTHER_FORMS = range(1, 2), range(2, 6)
"""Ways to break a rule beyond the first: as a rule the other end of a range, then other forms."""


def of_method(session: Session, method: Method, trying: Trying) -> Iterator[Trial]:
    """The trials of one method, as far as messages can be made for them."""
    cover = cover_of(session, method)
    try:
        yield from trying(cover) if cover is not None else ()
    except (values.Unsatisfiable, values.UnusableRules) as error:
        session.note(method, str(error))
