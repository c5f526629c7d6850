"""Requests of one method that keep every rule of the schema, and that break one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property

from google.protobuf.message import Message

from wireproof import values
from wireproof.checks.facts import Code, Kind, plain, violated_fields
from wireproof.checks.observations import Answered, Batched, InvalidItem, Observation, ValidRefused
from wireproof.exchange import Exchange, Method, Style
from wireproof.testing import names
from wireproof.testing.api import Resource, Role
from wireproof.testing.generated import Sample, copied, invalid_samples, valid_samples
from wireproof.testing.inband import refused_in_band
from wireproof.testing.options import Phase
from wireproof.testing.reading import Values, looked_for, read_after
from wireproof.testing.requests import KNOWN
from wireproof.testing.session import Session
from wireproof.testing.shapes import field_at
from wireproof.testing.stream_trials import accounts_for
from wireproof.testing.together import Group, grouped, halves, parted, set_apart
from wireproof.testing.trial import Run, Trial

_STATES = frozenset({Code.FAILED_PRECONDITION, Code.ABORTED})
_LATE = 3
"""Invalid items that are tried late in a stream too."""
_BEFORE = 9
"""Valid items before a late one."""


Wanted = Callable[[Sample], bool]


def _every(_: Sample) -> bool:
    return True


class Coverage:
    """Valid and one-rule-violated requests of one method, as trials in two rows."""

    def __init__(self, session: Session, method: Method) -> None:
        self.session = session
        self.method = method
        session.prepare(method)
        self.base = session.base(method)
        self._accepted: set[str] = set()
        self._refused: dict[str, list[Exchange]] = defaultdict(list)
        self._unwelcome: set[str] = set()
        """Fields of which a value, varied alone, was answered with an error."""
        self._controls: dict[int, Exchange] = {}
        self._values = Values()
        self._told: set[str] = set()
        self._plain: Code | None = None
        """How the request is answered from which all others are varied."""

    def invalid(self, wanted: Wanted = _every) -> Iterator[Trial]:
        """A trial for each wanted rule, broken alone; for streams also between valid requests."""
        samples = invalid_samples(self.session.schema, self.method.takes, self.base)
        for turn, sample in enumerate(one for one in samples if wanted(one)):
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

    def valid(self, wanted: Wanted = _every) -> Iterator[Trial]:
        """A trial for each wanted variation that keeps the rules, then one for what was refused.

        Variations of different fields go together, and apart only where that shows something.
        """
        plain, *others = valid_samples(self.session.schema, self.method.takes, self.base)
        mine = [one for one in others if wanted(one)]
        yield self._alone(plain)
        rest = [o for o in mine if o.path and not o.unset and not self.decides(o.path)]
        for number, group in enumerate(grouped(rest, self.session.requests.keeps), 1):
            yield self._together(group, f"variations {group.samples[0].path} {number}")
            yield from self._suspected()
        yield from map(self._alone, (one for one in mine if one.unset))
        whole = (one for one in mine if not one.path and not one.unset)
        alone = (one for one in mine if self.decides(one.path) and not one.unset)
        yield from map(self._alone, (*whole, *alone))
        yield from self._suspected()

    def decides(self, path: str) -> bool:
        """Whether any value of ours there decides how the whole request is answered.

        It names what must exist, is the server's to issue, or makes the call one made before.
        """
        resource, operation = self.session.api.by_method.get(self.method.full_name, (None, None))
        role = operation.role if operation is not None else None
        made = resource if role is Role.CREATE else None  # whose name is not given yet
        if names.is_token(path.rpartition(".")[2]) or self._names_another(path, made):
            return True
        if operation is None:
            return False
        return path == operation.key or (role in KNOWN and path == operation.id)

    def _names_another(self, path: str, made: Resource | None) -> bool:
        """Whether a field names something that can be made, of which no value of ours is one."""
        field = field_at(self.method.takes, path, default=None) if path else None
        named = self.session.requests.references.names(field) if field is not None else None
        return named is not None and named is not made and named.of(Role.CREATE) is not None

    def _alone(self, sample: Sample) -> Trial:
        return Trial(Phase.COVERAGE, self.method, self._kept(sample), sample.path)

    def _together(self, group: Group, name: str) -> Trial:
        """The variations of a group, and in turn less of them.

        Fields of which a value was refused before are set apart first: others may be refused too.
        """
        if len(group.samples) == 1:
            return self._alone(group.samples[0])
        settled: list[bool] = []
        return Trial(
            Phase.COVERAGE,
            self.method,
            self._all_kept(group, settled),
            name,
            parts=tuple(self._parts(group, name)),
            settled=lambda: settled[-1:] == [True],
        )

    def _parts(self, group: Group, name: str) -> Iterator[Trial]:
        known = self._unwelcome or set_apart(self.session.options.only)
        apart, rest = parted(group, known)
        if apart and rest is not None:
            yield self._together(rest, f"{name} (but for {', '.join(sorted(known))})")
            yield from map(self._alone, apart)
            return
        for at, half in enumerate(halves(group), 1):
            yield self._together(half, f"{name}.{at}")

    def _all_kept(self, group: Group, settled: list[bool]) -> Run:
        """Send all variations at once; *settled* where that is answered as the plain request is."""

        def run(session: Session) -> Iterator[Observation]:
            session.prepare(self.method)
            keep = frozenset[str]().union(*map(session.requests.keep_of, group.samples))
            message = session.requests.adapted(group.message, keep)
            x = session.call(self.method, message)
            if x.code is Code.ALREADY_EXISTS:  # another text of that length and kind
                message = session.requests.adapted(group.message, gently=True)
                x = session.call(self.method, message)
            well = x.ok or bool(x.note.get("held"))
            settled.append(well or x.code is self._plain)
            for sample in group.samples if well else ():
                self._note(sample, x)
            return read_after(session, self.method, message, x)

        return run

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
            if x.code in _STATES:  # what it names may refuse the valid request too, as it stands
                control = session.call(self.method, session.requests.adapted(self.base))
                x.note["kind"] = Kind.STRANGE if control.code is x.code else Kind.INVALID
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
            if self._plain is None:
                self._plain = x.code
            self._note(sample, x)
            return read_after(session, self.method, message, x)

        return run

    def _note(self, sample: Sample, x: Exchange) -> None:
        if sample.unset:
            return  # what is refused then is something else in it
        if not (x.ok or x.note.get("held") or x.code is self._plain):
            self._unwelcome.add(sample.path)
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
