"""Trials of two answers about one thing: the list and Get, the reply and what is stored."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.checks.agreement import (
    DefaultPage,
    ListedAfterCreate,
    ListedItem,
    Totalled,
)
from wireproof.checks.observations import Observation
from wireproof.testing.paging import few_at_once, ids_of, started
from wireproof.testing.things import Things

_ITEMS = 3
"""Listed things that are read one by one."""


def default_size(things: Things) -> Iterator[Observation]:
    """A list without a page size."""
    lists = started(things)
    known = ids_of(lists.whole()) if lists is not None and lists.paged.size else ()
    if lists is None or not known:
        return
    x, page = lists.page(0)
    if page is not None and not (lists.by_token and page.token):
        yield DefaultPage(lists.paged.method, (x,), len(page.ids), len(known))


def total(things: Things) -> Iterator[Observation]:
    """What small pages say of the number of all."""
    lists = started(things)
    if lists is None or lists.paged.total is None or not lists.in_pages:
        return
    size = few_at_once(len(ids_of(lists.whole())))
    lists.exchanges.clear()
    pages, _ = lists.walk(size)
    replies = [reply for x in lists.exchanges for reply in x.replies()]
    totals = tuple(int(getattr(reply, lists.paged.total)) for reply in replies)
    lengths = tuple(len(page.ids) for page in pages)
    exchanges = tuple(lists.exchanges)
    yield Totalled(lists.paged.method, exchanges, lists.paged.total, totals, lengths)


def listed_as_got(things: Things) -> Iterator[Observation]:
    """A few of the listed things, each read by Get."""
    lists = started(things)
    if lists is None or not lists.whole():
        return
    items = [(x, item) for x in lists.exchanges for item in lists.items(x)]
    for x, item in items[-_ITEMS:]:
        read, got = things.read(things.id_of(item))
        if got is not None and things.id_of(got) == things.id_of(item):
            skip = things.resource.server_set
            yield ListedItem(lists.paged.method, (x, read), item, got, skip)


def shows_created(things: Things) -> Iterator[Observation]:
    """The whole list, something new, the whole list again."""
    lists = started(things)
    if lists is None or not lists.in_pages:
        return
    before = set(ids_of(lists.whole()))
    ours = {str(id_) for id_ in things.session.memory.ids(things.resource)}
    made = things.made() if before & ours else None
    if made is None:
        return
    lists.exchanges.clear()
    after = ids_of(lists.whole())
    if after:
        shown = str(things.id_of(made.thing)) in after
        exchanges = (made.exchange, *lists.exchanges)
        yield ListedAfterCreate(lists.paged.method, exchanges, shown)
