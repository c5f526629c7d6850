"""Trials of lists after a change: what Get tells anew, the list does not tell as it was.

Of a field that a list left empty before, nobody knows whether it shows it at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.message import Message

from wireproof.checks.agreement import ListedStale
from wireproof.checks.compare import differences, is_set, same
from wireproof.checks.observations import Observation
from wireproof.exchange import Exchange
from wireproof.testing.actions import Action
from wireproof.testing.api import Role
from wireproof.testing.lags import settled
from wireproof.testing.paging import Lists, paging
from wireproof.testing.things import Things

_LONGER = (1.0, 2.0)
"""Seconds that a copy may lag behind where a finding rests on it."""


def updated(things: Things) -> Iterator[Observation]:
    """A thing is listed, updated, and listed again."""
    made = things.made()
    if made is not None:
        id_ = things.id_of(made.thing)
        yield from _listed(things, id_, lambda: _updated(things, made.thing))


def _updated(things: Things, thing: Message) -> Exchange | None:
    """An update that was done."""
    method = things.operation(Role.UPDATE).method
    for _, request in things.updates(thing, things.bare(thing)):
        x = things.session.call(method, request)
        if x.ok:
            return x
    return None


def acted(action: Action) -> Iterator[Observation]:
    """A thing is listed, something is done to it, and it is listed again."""
    if len(action.fields) != 1 or action.resource.of(Role.LIST) is None:
        return
    request: Any = action.request(fresh=True)
    [named] = action.named(request)
    if named.id:
        yield from _listed(action.things, named.id, lambda: action.call(request))


def _listed(
    things: Things, id_: Any, change: Callable[[], Exchange | None]
) -> Iterator[Observation]:
    """What a list and Get tell of a thing before and after a change."""
    paged = paging(things)
    lists = Lists(things, paged) if paged is not None else None
    before, (_, got) = _item(lists, id_), things.read(id_)
    x = change() if lists is not None and before is not None and got is not None else None
    _, now = things.read_until(id_, lambda told: told != got) if x is not None else (None, None)
    if lists is None or before is None or got is None or now is None or x is None or not x.ok:
        return
    changed = (path.partition(".")[0] for path in differences(got, now))
    told = frozenset(path for path in changed if is_set(before, path) and same(before, got, path))

    def fits(shown: Message | None) -> bool:
        return shown is None or not _stale(before, shown, told)

    def look() -> Message | None:
        return _item(lists, id_)

    shown = settled(things.settled(x.method.name, look, fits), look, fits, _LONGER)
    _, last = things.read(id_)
    if shown is not None and last == now:
        stale = _stale(before, shown, told)
        yield ListedStale(lists.paged.method, (x, *lists.exchanges), tuple(sorted(stale)))


def _stale(before: Message, shown: Message, told: frozenset[str]) -> set[str]:
    """The changed fields that a list still tells as they were."""
    return {path for path in told if same(before, shown, path)}


def _item(lists: Lists | None, id_: Any) -> Message | None:
    """The thing of that name as the list shows it."""
    if lists is None:
        return None
    lists.exchanges.clear()
    lists.whole()
    items = [item for x in lists.exchanges for item in lists.items(x)]
    return next((item for item in items if lists.things.id_of(item) == id_), None)
