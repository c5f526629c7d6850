"""Changes to a refused request that may have it accepted, likely ones first."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice

from google.protobuf.descriptor import FieldDescriptor

from wireproof.checks.facts import Code
from wireproof.exchange import Method
from wireproof.testing import generated
from wireproof.testing.api import Role
from wireproof.testing.hints import likely, possible
from wireproof.testing.learnt import Maker
from wireproof.testing.seen import Teller
from wireproof.testing.session import Session
from wireproof.testing.shapes import IDENTIFYING, is_foreign, is_map, is_mask, types_in

_MANY = 24
"""Values of a field that a refusal names."""
_EACH = 4
"""Values of a field that nobody has named."""
STEPS: tuple[frozenset[Code], ...] = (
    frozenset({Code.INVALID_ARGUMENT, Code.OUT_OF_RANGE}),
    frozenset({Code.NOT_FOUND}),
    frozenset({Code.FAILED_PRECONDITION, Code.ALREADY_EXISTS, Code.ABORTED}),
)
"""Refusals, those first that come before a request is looked at any further."""
NOWHERE, ACCEPTED = 1, len(STEPS)
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


class Moves:
    """The changes to requests of one method."""

    def __init__(self, session: Session, method: Method) -> None:
        self._session = session
        self._method = method

    def after(self, at: Answer, known: Set[Answer]) -> Iterator[Move]:
        """Changes to the request, those first that are likely to change the answer *at*.

        *known* are all answers so far: while there is no other, much may be changed at once. It
        grows while the changes are tried.
        """
        yield from self._as_elsewhere(at, known)
        blamed = [self.by_name[name] for name in at.blamed]
        yield from self._masks(at, blamed)
        if at.step > NOWHERE:
            yield from self._anew()
        if at.step == NOWHERE:
            for one in sorted(self.fields, key=lambda f: f not in blamed):
                yield from self._told(one)
        for field in blamed:
            for text in at.offered if field.type == FieldDescriptor.TYPE_STRING else ():
                yield self._set(field, text)
            yield from self._values(field, _MANY)
        if at.step:
            yield from self._references()
        elif len(known) == 1:
            yield self._all_likely()
        for field in self.fields:
            if field not in blamed and (at.step == 0 or field.type in IDENTIFYING):
                yield from self._values(field, _EACH)

    def _anew(self) -> Iterator[Move]:
        """What it names may be in another state than it asks for: a new thing is in its first."""
        for named, _ in self._session.requests.references.named(self._method.takes):
            create = named.of(Role.CREATE)
            if create is not None and create.method != self._method:
                yield Move(before={self._method.full_name: create.method.full_name})

    def _masks(self, at: Answer, blamed: list[FieldDescriptor]) -> Iterator[Move]:
        """A mask of one field alone: there may be others that no caller may change."""
        resource, update = self._session.api.by_method.get(self._method.full_name, (None, None))
        if resource is None or update is None or update.mask is None or not update.carrier:
            return
        if at.step or (blamed and not any(map(is_mask, blamed))):
            return
        mask = self._method.takes.fields_by_name[update.mask]
        for field in resource.type.fields:
            if field.name not in {resource.id, *resource.server_set, *resource.immutable}:
                alone = getattr(self._method.request(), mask.name)
                alone.paths.append(field.name)
                yield self._set(mask, alone)

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

    def _as_elsewhere(self, at: Answer, known: Set[Answer]) -> Iterator[Move]:
        """What fields of those names take in the requests of other methods, blamed ones first."""
        if len(known) > 1:
            return
        learnt = self._session.requests.learnt
        alike = {
            field.full_name: learnt.alike[field.name, field.type]
            for field in self.fields
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
        able = frozenset(
            m.full_name for m in session.api.methods if session.tallies[m.full_name].tested
        )
        for field in sorted(self.fields, key=lambda f: not _NAMING.search(f.name)):
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
        first = {f.full_name: next(likely(f), None) for f in self.fields}
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
    def fields(self) -> list[FieldDescriptor]:
        """The fields that a request may set, of the messages inside it too."""
        return [
            field
            for part in types_in(self._method.takes)
            if not part.full_name.startswith("google.protobuf.") and not part.GetOptions().map_entry
            for field in part.fields
        ]

    @cached_property
    def by_name(self) -> dict[str, FieldDescriptor]:
        return {field.full_name: field for field in self.fields}


def _collection(value: object) -> tuple[str, ...]:
    """`shelves/7/books/8` is one of the books on shelves; what has no slash is of no collection."""
    return tuple(value.split("/")[:-1:2]) if isinstance(value, str) else ()


def _newest(session: Session, field: FieldDescriptor) -> object:
    return next((value for value, _ in session.seen.named(field)), None)
