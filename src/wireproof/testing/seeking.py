"""Look for a request that a server accepts where its schema does not tell what it wants.

Most services look at requests in code of their own. What they say when they refuse is followed:
the fields that they name get other values, likely ones first, and what brings another answer stays.
Nothing of this is a finding; it only makes the rest of a run meet more than refusals.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.facts import Code, violated_fields
from wireproof.exchange import Exchange, Method
from wireproof.testing import generated, names
from wireproof.testing.api import Role
from wireproof.testing.hints import likely, possible
from wireproof.testing.learnt import Maker
from wireproof.testing.seen import Teller
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


def seek(session: Session, method: Method) -> None:
    """Look for a request of *method* that is accepted; what is found is used from now on."""
    left = session.options.max_calls - session.calls
    never = sum(not answered(session, m) for m in session.api.methods)
    Seeker(session, method, min(_MOST, left // (_SHARE * max(never, 1)))).run()


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

    def run(self) -> None:
        """Follow the refusals until one request is accepted, or nothing leads any further."""
        self._session.enrich(self._method)
        found = Move()
        at = self._asked(found)
        self._known.add(at)
        while 0 <= at.step < _ACCEPTED:
            step = next(self._steps(at, found), None)
            if step is None:
                return
            found, at = step
        if at.step == _ACCEPTED:
            self._session.requests.learnt.learn(found.makers, found.before)

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
            x = session.call(method, session.base(method))
        if x.code is Code.ALREADY_EXISTS:
            session.fresh.turn()
        return self._read(x)

    def _read(self, x: Exchange) -> Answer:
        if x.ok or x.note.get("held"):
            return Answer(_ACCEPTED, (), ())
        step = next((n for n, codes in enumerate(_STEPS) if x.code in codes), -1)
        blamed = _blamed(self._fields, violated_fields(x), x.message)
        names_ = tuple(field.full_name for field in blamed)
        return Answer(step, _said(x), names_, _offered(x))

    def _moves(self, at: Answer) -> Iterator[Move]:
        """Changes to the request, those first that are likely to change that answer."""
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
        yield from self._told(field)
        yield from (self._set(field, value) for value in islice(possible(field), most))
        inner = field.message_type
        if inner is not None and not is_map(field) and not is_foreign(inner):
            if field.containing_oneof and not field.is_repeated:
                yield self._set(field, generated.full(self._session.schema, inner))
            for below in inner.fields:
                yield from self._values(below, _EACH)
        elif not field.has_presence or field.message_type:
            yield self._set(field, None)

    def _told(self, field: FieldDescriptor) -> Iterator[Move]:
        told = self._session.seen.named(field) if field.type in IDENTIFYING else []
        for value, teller in told[:_EACH]:
            yield Move({field.full_name: self._alike(field, value, teller)})

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

    def _alike(self, field: FieldDescriptor, value: object, teller: Teller) -> Maker:
        """The newest value that the same method tells, of the same collection; *value* itself."""

        def known() -> list[object]:
            told = self._session.seen.named(field)
            return [v for v, who in told if who == teller and _collection(v) == _collection(value)]

        def newest() -> object:
            if not known():  # all of them are gone
                self._session.ask(teller.method)
            return next(iter(known()), value)

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


def _said(x: Exchange) -> tuple[str, ...]:
    """The words of a refusal: numbers and what the request holds itself are left out."""
    sent = {word for request in x.requests() for word in re.findall(r"\w+", str(request))}
    return tuple(word for word in re.findall(r"[A-Za-z_.]+", x.message) if word not in sent)


def _offered(x: Exchange) -> tuple[str, ...]:
    """What a refusal offers as examples, without what it only repeats of the request."""
    sent = {str(value) for request in x.requests() for value in _texts(request)}
    return tuple(text for text in _quoted(x.message) if text not in sent)


def _texts(request: Message) -> Iterator[object]:
    for _, part in messages_in(request):
        for field, value in part.ListFields():
            if field.type == FieldDescriptor.TYPE_STRING:
                yield from value if field.is_repeated else (value,)


def _quoted(message: str) -> Iterator[str]:
    """What a message quotes, lists, or draws: `a/{b}`, "x", one of: x, y."""
    for drawn in _DRAWN.findall(message):
        yield re.sub(r"\{[^}]*\}|<[^>]*>|:\w+", "{}", drawn)
    for quoted in _QUOTED.findall(message):
        yield quoted[1:-1].replace("{", "").replace("}", "")
    for listed in _LISTED.findall(message):
        yield from re.findall(r"[\w.-]+", listed)


_DRAWN = re.compile(r"[\w.-]+/(?:\{[^}]+\}|<[^>]+>|:\w+)(?:/[\w.{}<>:-]+)*")
_QUOTED = re.compile(r"'[^']{1,40}'|\"[^\"]{1,40}\"|`[^`]{1,40}`")
_LISTED = re.compile(r"(?:one of|either|allowed|expected|valid)\W+([^.;]{1,200})", re.IGNORECASE)


_PATH = re.compile(r"[A-Za-z_]\w*(?:\[\d*\])?(?:\.[A-Za-z_]\w*(?:\[\d*\])?)+")


def _blamed(
    fields: Iterable[FieldDescriptor], violated: tuple[str, ...], message: str
) -> list[FieldDescriptor]:
    """The fields that a refusal names: by a path, or with all words of their names."""
    paths = (*violated, *_PATH.findall(message))
    named = [_spaced(path.rpartition(".")[2]) for path in paths]
    told = f" {_spaced(message)} "
    scored = []
    for field in fields:
        own, group = _spaced(field.name), field.containing_oneof
        if own in named:
            scored.append((0, named.index(own), field))
        elif f" {own} " in told:
            scored.append((1, told.index(f" {own} ") - 20 * own.count(" "), field))
        elif group is not None and f" {_spaced(group.name)} " in told:
            scored.append((2, 0, field))
    return [field for *_, field in sorted(scored, key=lambda one: one[:2])]


def _spaced(name: str) -> str:
    """`shipTo`, `ship_to` and `ShipTo` are one name."""
    return " ".join(names.words(name))
