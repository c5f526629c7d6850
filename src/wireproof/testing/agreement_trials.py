"""Trials of two answers about one thing: the list and Get, the reply and what is stored."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.descriptor import FieldDescriptor

from wireproof.checks.agreement import (
    DefaultPage,
    ListedAfterCreate,
    ListedItem,
    PageSign,
    Totalled,
)
from wireproof.checks.observations import Observation
from wireproof.testing import counting_names
from wireproof.testing.paging import Lists, few_at_once, ids_of, started
from wireproof.testing.shapes import is_plain
from wireproof.testing.things import Things
from wireproof.values.integers import INTEGERS

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
    before = ids_of(lists.whole())
    lists.exchanges.clear()
    pages, _ = lists.walk(few_at_once(len(before)))
    replies = [reply for x in lists.exchanges for reply in x.replies()]
    totals = tuple(int(getattr(reply, lists.paged.total)) for reply in replies)
    lengths = tuple(len(page.ids) for page in pages)
    exchanges = tuple(lists.exchanges)
    whole = len(before) if before and before == ids_of(lists.whole()) else None
    yield Totalled(lists.paged.method, exchanges, lists.paged.total, totals, lengths, whole)


def signs(things: Things) -> Iterator[Observation]:
    """What small pages say of those that follow, and of how many there are."""
    lists = started(things)
    fields = lists.paged.method.gives.fields if lists is not None else ()
    signs = [field for field in fields if is_plain(field) and _tells_of_pages(field)]
    if lists is None or not lists.in_pages or not signs:
        return
    count = len(ids_of(lists.whole()))
    few = few_at_once(count)
    short = next((size for size in range(few, count + 2) if count % size), few)
    for size in dict.fromkeys((short, count)):  # the last page short, and full
        yield from _signs(lists, signs, size)


def _signs(lists: Lists, signs: list[FieldDescriptor], size: int) -> Iterator[Observation]:
    if not size or not lists.things.session.requests.keeps(lists.request(size)):
        return
    lists.exchanges.clear()
    pages, ended = lists.walk(size)
    shown = [
        (x, next(x.replies())) for x, page in zip(lists.exchanges, pages, strict=False) if page.ids
    ]
    if not ended or not shown or any(len(page.ids) != size for page in pages[: len(shown) - 1]):
        return  # nobody knows how many there are, or sizes are the server's own
    for field in signs:
        for at, (x, reply) in enumerate(shown, 1):
            promised, told = _sign(field, at, len(shown)), getattr(reply, field.name)
            yield PageSign(lists.paged.method, (x,), field.name, str(promised), str(told))


def _tells_of_pages(field: FieldDescriptor) -> bool:
    if field.type == FieldDescriptor.TYPE_BOOL:
        return counting_names.tells_of_more(field.name) or counting_names.tells_of_end(field.name)
    return field.cpp_type in INTEGERS and counting_names.is_count_of_pages(field.name)


def _sign(field: FieldDescriptor, page: int, count: int) -> bool | int:
    """What a field should tell on a page of several."""
    if field.type != FieldDescriptor.TYPE_BOOL:
        return count
    return (page == count) is counting_names.tells_of_end(field.name)


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
