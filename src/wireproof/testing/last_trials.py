"""Trials of what a list leaves out until something else comes: in pages, or in one stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from wireproof.checks.agreement import ShownLate
from wireproof.checks.observations import Observation
from wireproof.exchange import Exchange, Method, Style
from wireproof.testing import names
from wireproof.testing.api import Resource, Role
from wireproof.testing.drafts import several
from wireproof.testing.lags import settled
from wireproof.testing.options import Phase
from wireproof.testing.paging import ids_of, started
from wireproof.testing.session import Session
from wireproof.testing.things import Things
from wireproof.testing.trial import Trial

_OTHERS = 4
"""Things that come after: where the list has an order of its own, one of them comes last in it."""
_LONGER = (1.0, 2.0)
"""Seconds that a copy may lag behind where a finding rests on it."""

Seen = tuple[frozenset[str], tuple[Exchange, ...]]
"""What a list shows, and the calls that read it."""


def listed(things: Things) -> Iterator[Observation]:
    """The whole list, read again after each new thing."""
    lists = started(things)
    if lists is None or not lists.in_pages:
        return

    def look() -> Seen:
        lists.exchanges.clear()
        return frozenset(ids_of(lists.whole())), tuple(lists.exchanges)

    yield from _late(things, lists.paged.method, look)


def streamed(session: Session, targets: frozenset[str]) -> Iterator[Trial]:
    """A trial of every stream that lists things, by its name and by what it sends."""
    for resource in session.api.resources:
        for method in session.api.methods:
            sends = method.gives.full_name == resource.type.full_name
            streams = method.style is Style.SERVER_STREAMING and method.full_name in targets
            made = resource.of(Role.CREATE) is not None
            if streams and sends and made and _lists(method):
                run = partial(_streamed, resource=resource, method=method)
                yield Trial(Phase.STATEFUL, method, run, "last shown")


def _lists(method: Method) -> bool:
    """Whether a method's name is that of a list: `ListRooms`, `GetRooms`, plain `Rooms`."""
    role = names.role_by_name(method.name)
    nouns = "".join(names.words(method.name)[1 if role else 0 :])
    return role is Role.LIST or (role in (None, Role.GET) and several(nouns, method.gives))


def _streamed(session: Session, resource: Resource, method: Method) -> Iterator[Observation]:
    things = Things(session, resource)
    things.made()
    request = session.requests.bare(method)

    def look() -> Seen:
        x = session.call(method, request)
        shown = x.replies() if x.ok and not x.note["held"] else ()
        return frozenset(str(things.id_of(thing)) for thing in shown), (x,)

    yield from _late(things, method, look)


def _late(things: Things, method: Method, look: Callable[[], Seen]) -> Iterator[Observation]:
    """Where a new thing is left out, others are made until it is shown: now who is left out?"""
    ours: set[str] = set()
    missing: frozenset[str] = frozenset()

    def whole(seen: Seen) -> bool:
        return ours <= seen[0]

    for _ in range(_OTHERS):
        made = things.made()
        if made is None:
            return
        ours.add(str(things.id_of(made.thing)))
        shown, exchanges = things.settled(method.name, look, whole)
        late = missing & shown
        if late:
            shown, exchanges = settled((shown, exchanges), look, whole, _LONGER)
        missing = frozenset(ours - shown)
        if not shown or not missing:
            return
        if late:
            yield ShownLate(method, (made.exchange, *exchanges), len(late), len(missing))
            return
