"""Look for a request that a server accepts where its schema does not tell what it wants.

Most services look at requests in code of their own. What they say when they refuse is followed:
the fields that they name get other values, likely ones first, and what brings another answer stays.
Nothing of this is a finding; it only makes the rest of a run meet more than refusals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from google.protobuf.message import Message

from wireproof.checks.facts import Code, violated_fields
from wireproof.exchange import Exchange, Method
from wireproof.testing import refusals
from wireproof.testing.fresh import freshened
from wireproof.testing.moves import ACCEPTED, NOWHERE, STEPS, Answer, Move, Moves
from wireproof.testing.seen import OWN
from wireproof.testing.session import Session
from wireproof.testing.shapes import messages_in

_MOST = 120
"""Calls for one method."""
_SHARE = 2
"""One in so many of the calls that are left goes into looking, at most: all else hangs on it."""


def seek(session: Session, method: Method, among: Iterable[Method], *, full: bool) -> None:
    """Look for a request of *method* that is accepted; what is found is used from now on.

    It begins with all that may be set, or with *full* false with the least, to which is added what
    the refusals ask for. The calls are shared with the others *among* which nothing was accepted.
    """
    left = session.options.max_calls - session.calls
    never = sum(not session.tallies[m.full_name].tested for m in among)
    Seeker(session, method, min(_MOST, left // (_SHARE * max(never, 1)))).run(full=full)


class Seeker:
    """One method, and the answers that it has given so far."""

    def __init__(self, session: Session, method: Method, calls: int) -> None:
        self._session = session
        self._method = method
        self._moves = Moves(session, method)
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
        if at.step == NOWHERE and not at.blamed:
            self._apart = True
            at = self._asked(found)
        self._known.add(at)
        while 0 <= at.step < ACCEPTED:
            step = next(self._steps(at, found), None)
            if step is None:
                return
            found, at = step
        if at.step == ACCEPTED:
            learnt = self._session.requests.learnt
            learnt.learn(found.makers, found.before)
            fields = ((self._moves.by_name[name], maker) for name, maker in found.makers.items())
            learnt.alike |= {(f.name, f.type): maker for f, maker in fields if f.name not in OWN}

    def _steps(self, at: Answer, found: Move) -> Iterator[tuple[Move, Answer]]:
        """What leads on from *at*, each with the answer that it got."""
        for move in self._moves.after(at, self._known):
            if self._left <= 0:
                return
            answer = self._asked(found + move)
            onward = self._onward(at, answer, move)
            self._known.add(answer)
            if onward:
                yield found + move, answer

    def _onward(self, at: Answer, answer: Answer, move: Move) -> bool:
        """Whether an answer leads on from *at*: a new one, not about what was just changed."""
        if answer.step == ACCEPTED:
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
            return Answer(ACCEPTED, (), ())
        step = next((n for n, codes in enumerate(STEPS) if x.code in codes), -1)
        told, repeated = violated_fields(x), refusals.repeated(x)
        fields = refusals.blamed(self._moves.fields, told, x.message, repeated)
        blamed = tuple(field.full_name for field in fields)
        return Answer(step, refusals.said(x), blamed, refusals.offered(x))
