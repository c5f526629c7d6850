"""Look for a request that a server accepts where its schema does not tell what it wants.

Most services look at requests in code of their own. What they say when they refuse is followed:
the fields that they name get other values, likely ones first, and what brings another answer stays.
Nothing of this is a finding; it only makes the rest of a run meet more than refusals.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.facts import Code, violated_fields
from wireproof.exchange import Exchange, Method
from wireproof.testing import generated, refusals
from wireproof.testing.api import Role
from wireproof.testing.fresh import freshened
from wireproof.testing.hints import likely, possible
from wireproof.testing.learnt import Maker
from wireproof.testing.seen import OWN, Teller
from wireproof.testing.session import Session
from wireproof.testing.shapes import IDENTIFYING, is_foreign, is_map, messages_in, types_in

_MOST = 120
"""Calls for one method."""
_SHARE = 2
"""One in so many of the calls that are left goes into looking, at most: all else hangs on it."""
_MANY = 24
"""Values of a field that a refusal names."""
_EACH = 4
"""Values of a field that nobody has named."""
_STEPS: tuple[frozenset[Code], ...] = (
    frozenset({Code.INVALID_ARGUMENT, Code.OUT_OF_RANGE}),
    frozenset({Code.NOT_FOUND}),
    frozenset({Code.FAILED_PRECONDITION, Code.ALREADY_EXISTS, Code.ABORTED}),
)
"""Refusals, those first that come before a request is looked at any further."""
_NOWHERE, _ACCEPTED = 1, len(_STEPS)
_NAMING = re.compile(r"(^|_)(id|name|key|uid|uuid|parent|ref|number|code)s?$")


@dataclass(frozen=True, slots=True)
class Move:
    """A change to a request."""

    makers: Mapping[str, Maker] = dataclasses.field(default_factory=dict)
    """What its fields hold, by their full names."""
    before: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Which method is called right before it, by the full names of both."""

    def __add__(self, other: Move) -> Move:
        return Move({**self.makers, **other.makers}, {**self.before, **other.before})


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request."""

    step: int
    """How far it came; negative for an answer that no other value of a field would change."""
    words: tuple[str, ...]
    """The words of the refusal, without what the request had said itself."""
    blamed: tuple[str, ...]
    """Full names of the fields that it names, the likeliest first."""
    offered: tuple[str, ...] = ()
    """Texts that it gives as examples, as patterns."""


def seek(session: Session, method: Method, among: Iterable[Method], *, full: bool) -> None:
    """Look for a request of *method* that is accepted; what is found is used from now on.

    It begins with all that may be set, or with *full* false with the least, to which is added what
    the refusals ask for. The calls are shared with the others *among* which nothing was accepted.
    """
    left = session.options.max_calls - session.calls
    never = sum(not answered(session, m) for m in among)
    Seeker(session, method, min(_MOST, left // (_SHARE * max(never, 1)))).run(full=full)


def answered(session: Session, method: Method) -> bool:
    """Whether a call of *method* was accepted."""
    statuses = session.tallies[method.full_name].statuses
    return bool(statuses.keys() & {Code.OK.name, "open"})


class Seeker:
    """One method, and the answers that it has given so far."""

    def __init__(self, session: Session, method: Method, calls: int) -> None:
        self._session = session
        self._method = method
        self._left = calls
        self._known: set[Answer] = set()
        self._apart = False
        """Whether each text of a request is another, so that a refusal's words tell them apart."""

    def run(self, *, full: bool) -> None:
        """Follow the refusals until one request is accepted, or nothing leads any further."""
        if full:
            self._session.enrich(self._method)
        else:
            self._session.simplify(self._method)
        found = Move()
        at = self._asked(found)
        if at.step == _NOWHERE and not at.blamed:
            self._apart = True
            at = self._asked(found)
        self._known.add(at)
        while 0 <= at.step < _ACCEPTED:
            step = next(self._steps(at, found), None)
            if step is None:
                return
            found, at = step
        if at.step == _ACCEPTED:
            learnt = self._session.requests.learnt
            learnt.learn(found.makers, found.before)
            fields = ((self._by_name[name], maker) for name, maker in found.makers.items())
            learnt.alike |= {(f.name, f.type): maker for f, maker in fields if f.name not in OWN}

    def _steps(self, at: Answer, found: Move) -> Iterator[tuple[Move, Answer]]:
        """What leads on from *at*, each with the answer that it got."""
        for move in self._moves(at):
            if self._left <= 0:
                return
            answer = self._asked(found + move)
            onward = self._onward(at, answer, move)
            self._known.add(answer)
            if onward:
                yield found + move, answer

    def _onward(self, at: Answer, answer: Answer, move: Move) -> bool:
        """Whether an answer leads on from *at*: a new one, not about what was just changed."""
        if answer.step == _ACCEPTED:
            return True
        worse = move.makers.keys() & set(answer.blamed) - set(at.blamed)
        told = bool(answer.blamed) or answer.step >= at.step
        return answer.step >= 0 and answer not in self._known and told and not worse

    def _asked(self, move: Move) -> Answer:
        session, method = self._session, self._method
        self._left -= 1
        with session.requests.learnt.supposing(move.makers, move.before):
            session.prepare(method)
            base = session.base(method)
            if self._apart:
                self._tell_apart(base)
            x = session.call(method, base)
        if x.code is Code.ALREADY_EXISTS:
            session.fresh.turn()
        return self._read(x)

    def _tell_apart(self, request: Message) -> None:
        session = self._session
        found = {
            f"{path}.{field.name}".lstrip(".").replace("[]", "")
            for path, part in messages_in(request)
            for field, _ in part.ListFields()
            if field.full_name in session.requests.learnt.makers
        }
        keep = frozenset(found)
        freshened(request, request, session.fresh, session.requests.keeps, keep=keep)

    def _read(self, x: Exchange) -> Answer:
        if x.ok or x.note.get("held"):
            return Answer(_ACCEPTED, (), ())
        step = next((n for n, codes in enumerate(_STEPS) if x.code in codes), -1)
        told, repeated = violated_fields(x), refusals.repeated(x)
        fields = refusals.blamed(self._fields, told, x.message, repeated)
        blamed = tuple(field.full_name for field in fields)
        return Answer(step, refusals.said(x), blamed, refusals.offered(x))

    def _moves(self, at: Answer) -> Iterator[Move]:
        """Changes to the request, those first that are likely to change that answer."""
        yield from self._as_elsewhere(at)
        blamed = [self._by_name[name] for name in at.blamed]
        if at.step > _NOWHERE:
            yield from self._anew()
        if at.step == _NOWHERE:
            for one in sorted(self._fields, key=lambda f: f not in blamed):
                yield from self._told(one)
        for field in blamed:
            for text in at.offered if field.type == FieldDescriptor.TYPE_STRING else ():
                yield self._set(field, text)
            yield from self._values(field, _MANY)
        if at.step:
            yield from self._references()
        elif len(self._known) == 1:
            yield self._all_likely()
        for field in self._fields:
            if field not in blamed and (at.step == 0 or field.type in IDENTIFYING):
                yield from self._values(field, _EACH)

    def _anew(self) -> Iterator[Move]:
        """What it names may be in another state than it asks for: a new thing is in its first."""
        for named, _ in self._session.requests.references.named(self._method.takes):
            create = named.of(Role.CREATE)
            if create is not None and create.method != self._method:
                yield Move(before={self._method.full_name: create.method.full_name})

    def _values(self, field: FieldDescriptor, most: int) -> Iterator[Move]:
        """A value of the field alone; of one that holds a message, those of its fields."""
        told = self._told(field)
        yield from islice(told, 1)
        if not self._names_anything(field):
            yield self._set(field, None)
        yield from told
        yield from (self._set(field, value) for value in islice(possible(field), most))
        inner = field.message_type
        if inner is not None and not is_map(field) and not is_foreign(inner):
            if not field.is_repeated:
                yield self._set(field, generated.full(self._session.schema, inner))
            for below in inner.fields:
                yield from self._values(below, _EACH)

    @staticmethod
    def _names_anything(field: FieldDescriptor) -> bool:
        """Whether a request hardly does without it: it says what the request is about."""
        return field.type in IDENTIFYING and bool(_NAMING.search(field.name))

    def _as_elsewhere(self, at: Answer) -> Iterator[Move]:
        """What fields of those names take in the requests of other methods, blamed ones first."""
        if len(self._known) > 1:
            return
        learnt = self._session.requests.learnt
        alike = {
            field.full_name: learnt.alike[field.name, field.type]
            for field in self._fields
            if (field.name, field.type) in learnt.alike and field.full_name not in learnt.makers
        }
        blamed = {name: maker for name, maker in alike.items() if name in at.blamed}
        yield from (Move(makers) for makers in (blamed, alike) if makers)

    def _told(self, field: FieldDescriptor) -> Iterator[Move]:
        """What calls have told of it; what makes such a thing makes another, if there is one."""
        told = self._session.seen.named(field) if field.type in IDENTIFYING else []
        met: Counter[tuple[Teller, tuple[str, ...]]] = Counter()
        for value, teller in told[:_EACH]:
            of = teller, _collection(value)
            yield Move({field.full_name: self._alike(field, value, teller, met[of])})
            met[of] += 1
        for (teller, kind), count in met.items():
            if count == 1 and not teller.sent and teller.method in self._makers:
                value = next(v for v, who in told if (who, _collection(v)) == (teller, kind))
                yield Move({field.full_name: self._alike(field, value, teller, 1)})

    def _references(self) -> Iterator[Move]:
        """What other methods have told, and what they tell when they are called right before."""
        session = self._session
        able = frozenset(m.full_name for m in session.api.methods if answered(session, m))
        for field in sorted(self._fields, key=lambda f: not _NAMING.search(f.name)):
            yield from self._told(field)
            for teller in session.seen.tellers(field):
                if teller != self._method.full_name and teller in able:
                    before = {self._method.full_name: teller}
                    yield Move({field.full_name: partial(_newest, session, field)}, before)

    def _alike(self, field: FieldDescriptor, value: object, teller: Teller, at: int) -> Maker:
        """A value that the same method tells, of the same collection, the newest but *at*.

        *value* itself where there are not as many.
        """

        def known() -> list[object]:
            told = self._session.seen.named(field)
            return [v for v, who in told if who == teller and _collection(v) == _collection(value)]

        def newest() -> object:
            if len(known()) <= at:  # all of them are gone, or there is only one
                self._session.ask(teller.method)
            return next(islice(known(), at, None), value)

        return newest

    def _all_likely(self) -> Move:
        """Every field as its name suggests."""
        first = {f.full_name: next(likely(f), None) for f in self._fields}
        told = {name: self._maker(value) for name, value in first.items() if value is not None}
        return Move(told)

    def _set(self, field: FieldDescriptor, value: object) -> Move:
        return Move({field.full_name: self._maker(value)})

    def _maker(self, value: object) -> Maker:
        if isinstance(value, str):
            return partial(self._session.fresh.filled, value)
        return lambda: value

    @cached_property
    def _makers(self) -> frozenset[str]:
        """Full names of the methods that make things."""
        made = (o.method for _, o in self._session.api.operations() if o.role is Role.CREATE)
        return frozenset(method.full_name for method in made)

    @cached_property
    def _fields(self) -> list[FieldDescriptor]:
        """The fields that a request may set, of the messages inside it too."""
        return [
            field
            for part in types_in(self._method.takes)
            if not part.full_name.startswith("google.protobuf.") and not part.GetOptions().map_entry
            for field in part.fields
        ]

    @cached_property
    def _by_name(self) -> dict[str, FieldDescriptor]:
        return {field.full_name: field for field in self._fields}


def _collection(value: object) -> tuple[str, ...]:
    """`shelves/7/books/8` is one of the books on shelves; what has no slash is of no collection."""
    return tuple(value.split("/")[:-1:2]) if isinstance(value, str) else ()


def _newest(session: Session, field: FieldDescriptor) -> object:
    return next((value for value, _ in session.seen.named(field)), None)
