"""The phases without chance that look at one method at a time: examples, then coverage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property

from google.protobuf.message import Message

from wireproof import values
from wireproof.checks.facts import SERVER_FAULTS, Code, Kind, plain, violated_fields
from wireproof.checks.observations import Answered, Batched, InvalidItem, Observation, ValidRefused
from wireproof.exchange import Exchange, Method, Style
from wireproof.testing.api import Role
from wireproof.testing.generated import Sample, copied, invalid_samples, valid_samples
from wireproof.testing.inband import refused_in_band
from wireproof.testing.options import Phase
from wireproof.testing.reading import Values, looked_for, read_after
from wireproof.testing.seeking import answered, seek
from wireproof.testing.session import Session
from wireproof.testing.stream_trials import accounts_for
from wireproof.testing.trial import Trial

_LATE = 3
"""Invalid items that are tried late in a stream too."""
_BEFORE = 9
"""Valid items before a late one."""

Run = Callable[[Session], Iterator[Observation]]


def examples(session: Session, methods: tuple[Method, ...]) -> Iterator[Trial]:
    """One valid call of each method, those first that make what the others need."""
    turns = sorted(methods, key=lambda m: _turn(session, m))
    for method in turns:
        yield Trial(Phase.EXAMPLES, method, _example(method), "a valid request")
    for again in ("", ", again"):  # what one has found out may be what another needs
        for method in (m for m in turns if not answered(session, m)):
            name = f"a request that is accepted{again}"
            yield Trial(Phase.EXAMPLES, method, _sought(method), name)


_TURNS = (Role.CREATE, Role.BATCH, Role.LIST, Role.GET, Role.UPDATE, None, Role.WATCH, Role.SYNC)


def _turn(session: Session, method: Method) -> int:
    mine = session.api.by_method.get(method.full_name)
    role = mine[1].role if mine else None
    return _TURNS.index(role) if role in _TURNS else len(_TURNS)


def _example(method: Method) -> Run:
    refused: list[Message] = []

    def run(session: Session) -> Iterator[Observation]:
        for message in refused:  # to confirm it: what is sent from now on may be simpler
            session.call(method, message)
        accepted_base(session, method, refused)
        return iter(())

    return run


def _sought(method: Method) -> Run:
    def run(session: Session) -> Iterator[Observation]:
        seek(session, method)
        return iter(())

    return run


def accepted_base(
    session: Session, method: Method, refused: list[Message] | None = None
) -> Message:
    """A valid request, simplified where the server refuses the full one; OK or not.

    What the server's own fault refused is added to *refused*.
    """
    for _ in range(6):
        session.prepare(method)
        base = session.base(method)
        x = session.call(method, base)
        if x.ok or x.note.get("held"):
            break
        if x.code in SERVER_FAULTS and refused is not None:
            refused.append(base)
        if x.code is Code.ALREADY_EXISTS:
            session.fresh.turn()
        elif not session.simplify(method):
            break
    return base


class Coverage:
    """Valid and one-rule-violated requests of one method, as trials in two rows."""

    def __init__(self, session: Session, method: Method) -> None:
        self.session = session
        self.method = method
        session.prepare(method)
        self.base = session.base(method)
        self._accepted: set[str] = set()
        self._refused: dict[str, list[Exchange]] = defaultdict(list)
        self._controls: dict[int, Exchange] = {}
        self._values = Values()
        self._told: set[str] = set()

    def invalid(self) -> Iterator[Trial]:
        """A trial for each rule, broken alone; for streams also between valid requests."""
        for turn, sample in enumerate(
            invalid_samples(self.session.schema, self.method.takes, self.base)
        ):
            name = f"{sample.place} breaks {sample.rule}"
            yield Trial(Phase.COVERAGE, self.method, self.broken(sample), name)
            if self.method.style.client_streams and turn < _LATE:
                late = self._item(sample, before=_BEFORE)
                yield Trial(Phase.COVERAGE, self.method, late, f"{name}, late")

    def invalid_otherwise(self, turns: range) -> Iterator[Trial]:
        """The same rules, broken in other ways: the other end of a range, another form."""
        for turn in turns:
            for sample in invalid_samples(
                self.session.schema, self.method.takes, self.base, turn=turn
            ):
                name = f"{sample.place} breaks {sample.rule}, way {turn + 1}"
                yield Trial(Phase.COVERAGE, self.method, self.broken(sample), name)

    def valid(self) -> Iterator[Trial]:
        """A trial for each variation that keeps the rules, then one for what was refused."""
        for sample in valid_samples(self.session.schema, self.method.takes, self.base):
            yield Trial(Phase.COVERAGE, self.method, self._kept(sample), sample.path)
            yield from self._suspected()
        yield from self._suspected()

    def _suspected(self) -> Iterator[Trial]:
        """What the trials so far call for, each once."""
        for trial in (*self._refusals(), *self._losses()):
            if trial.name not in self._told:
                self._told.add(trial.name)
                yield trial

    def _losses(self) -> Iterator[Trial]:
        """Enums of which some values were kept and another was not."""
        for path, run in self._values.lost(self.method):
            yield Trial(Phase.COVERAGE, self.method, run, f"every value of {path}")

    def broken(self, sample: Sample) -> Run:
        """A request, or an item between valid ones, that breaks a rule."""
        return self._item(sample) if self.method.style.client_streams else self._broken(sample)

    def as_it_is(self, message: Message) -> Run:
        """A valid request that names what exists and is otherwise sent as it is."""

        def run(session: Session) -> Iterator[Observation]:
            session.prepare(self.method)
            request = session.requests.adapted(message, fresh=False)
            if session.requests.keeps(request):
                x = session.call(self.method, request)
                if x.code is Code.ALREADY_EXISTS:
                    session.call(self.method, session.requests.adapted(message, gently=True))
            return iter(())

        return run

    def _broken(self, sample: Sample) -> Run:
        def run(session: Session) -> Iterator[Observation]:
            message = self._spoiled(session, sample)
            x = session.call(
                self.method, message, kind=Kind.INVALID, path=sample.place, rule=sample.rule
            )
            return looked_for(session, self.method, message, x)

        return run

    @staticmethod
    def _spoiled(session: Session, sample: Sample) -> Message:
        """The request; when confirming, with another text of that kind: the first may be taken."""
        if session.patient:
            return session.requests.adapted(sample.message, gently=True)
        return session.requests.adapted(sample.message, sample.keep)

    def _item(self, sample: Sample, *, before: int = 1) -> Run:
        def run(session: Session) -> Iterator[Observation]:
            control = self._controls.get(before)
            if control is None:
                items = [session.base(self.method) for _ in range(before + 2)]
                control = self._controls[before] = session.call(self.method, *items)
            if not control.ok:
                return
            first = [session.base(self.method) for _ in range(before)]
            bad, last = self._spoiled(session, sample), session.base(self.method)
            x = session.call(
                self.method,
                *first,
                bad,
                last,
                kind=Kind.STRANGE,
                path=sample.place,
                rule=sample.rule,
            )
            refused = refused_in_band(x, control)
            yield InvalidItem(self.method, (x,), sample.place, sample.rule, refused, before)
            yield from self._accounted(session, x, before + 2)
            yield from self._answered(x, control)

        return run

    def _answered(self, x: Exchange, control: Exchange) -> Iterator[Observation]:
        """Where every valid request has its reply, the one that is refused has one too."""
        one_each = len(control.received) == len(control.sent) and x.ok
        if self.method.style is Style.BIDIRECTIONAL and one_each:
            asked, answered = (tuple(map(str, range(len(n)))) for n in (x.sent, x.received))
            yield Answered(self.method, (x,), asked, answered)

    def _accounted(self, session: Session, x: Exchange, count: int) -> Iterator[Observation]:
        """What the aggregate of a batch tells of its items, the refused one included."""
        resource, operation = session.api.by_method.get(self.method.full_name, (None, None))
        reply = next(x.replies(), None) if x.ok else None
        if resource is None or operation is None or operation.role is not Role.BATCH:
            return
        accounted = accounts_for(reply, count, resource.type.full_name) if reply else None
        if accounted is not None:
            yield Batched(self.method, (x,), count, accounted)

    def _kept(self, sample: Sample) -> Run:
        def run(session: Session) -> Iterator[Observation]:
            session.prepare(self.method)
            gently = not sample.path
            keep = session.requests.keep_of(sample)
            message = session.requests.adapted(sample.message, keep, gently=gently)
            if not session.requests.keeps(message):
                return iter(())
            x = session.call(self.method, message, path=sample.path)
            self._note(sample, x)
            return read_after(session, self.method, message, x)

        return run

    def _note(self, sample: Sample, x: Exchange) -> None:
        if sample.unset:
            return  # what is refused then is something else in it
        if x.code is Code.INVALID_ARGUMENT:
            self._refused[sample.path].append(x)
        elif x.ok or x.note.get("held"):
            self._accepted.add(sample.path)
            self._values.take_down(self.session, self.method, sample.path, x)

    def _refusals(self) -> Iterator[Trial]:
        """Fields of which one valid value was accepted and another was not."""
        for path, refused in self._refused.items():
            # A field without rules promises nothing: what else holds of it stands in no schema.
            if path in self._accepted and path in self._ruled:
                run = self._refusal(path, refused[0])
                yield Trial(Phase.COVERAGE, self.method, run, f"{path}, refused")

    @cached_property
    def _ruled(self) -> frozenset[str]:
        """The fields that have rules."""
        goals = values.universe(self.session.schema, self.method.takes)
        return frozenset(plain(goal.path) for goal in goals if goal.kind is values.GoalKind.RULE)

    def _refusal(self, path: str, refused: Exchange) -> Run:
        def run(session: Session) -> Iterator[Observation]:
            request = copied(next(refused.requests()))
            message = session.requests.adapted(request, frozenset({path}))
            again = session.call(self.method, message, path=path)
            # Another text of that length and kind: what is refused for its second use is no rule.
            other = session.requests.adapted(request, gently=True)
            twin = session.call(self.method, other, path=path)
            if again.code is Code.INVALID_ARGUMENT and twin.code is Code.INVALID_ARGUMENT:
                named = ", ".join(violated_fields(again)) or again.message
                yield ValidRefused(self.method, (again,), path, named)

        return run


def cover_of(session: Session, method: Method) -> Coverage | None:
    """The coverage of *method*; None, and a note, where no valid request of it can be made."""
    try:
        return Coverage(session, method)
    except (values.Unsatisfiable, values.UnusableRules) as error:
        session.note(method, str(error))
        return None
