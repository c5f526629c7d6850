"""Trials of lists: pages, orders, what is deleted."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.compare import value_at
from wireproof.checks.facts import Code, Kind
from wireproof.checks.observations import (
    ListedAfterDelete,
    NegativePageSize,
    Observation,
    Paged,
    Sorted,
    TokenReused,
)
from wireproof.testing.api import Role
from wireproof.testing.filter_trials import narrowing
from wireproof.testing.paging import FEW, Lists, Paging, few_at_once, ids_of, paging, started
from wireproof.testing.shapes import is_plain
from wireproof.testing.things import Things
from wireproof.values.integers import INTEGERS

_UNLIKE_TEXTS = (9, 10)


def pages(things: Things) -> Iterator[Observation]:
    """Read a list in small pages and compare with the whole of it."""
    paged = paging(things)
    for arguments in ({}, *(orders(things, paged) if paged else ())):
        yield from _paged(things, arguments)


def orders(things: Things, paged: Paging) -> Iterator[dict[str, Any]]:
    """An order that ties many things: by an enum or a bool, where the list takes orders."""
    tied = [f.name for f in things.resource.type.fields if f.enum_type and not f.is_repeated]
    for name in tied[:1] if paged.order else ():
        arguments: dict[str, Any] = {str(paged.order): f"{name} desc"}
        if things.session.requests.keeps(paged.method.request(**arguments)):
            yield arguments


def _paged(things: Things, arguments: dict[str, Any]) -> Iterator[Observation]:
    lists = started(things)
    if lists is None or not lists.in_pages:
        return
    whole = lists.whole(**arguments)
    expected = ids_of(whole)
    if whole and len(expected) < FEW:
        return
    size = few_at_once(len(expected))
    lists.exchanges.clear()
    small, ended = lists.walk(size, **arguments)
    if small:  # of a list that is too long to read, or has no end, they tell something too
        yield Paged(lists.paged.method, tuple(lists.exchanges), small, expected, ended)


def pages_growing(things: Things) -> Iterator[Observation]:
    """Each page asks for more than the one before: the size is no part of the list."""
    lists = started(things)
    if lists is None or not lists.sizes_vary:
        return
    expected = ids_of(lists.whole())
    if len(expected) < FEW:
        return
    lists.exchanges.clear()
    found, ended = lists.walk(2, growing=True)
    if found:
        method, exchanges = lists.paged.method, tuple(lists.exchanges)
        yield Paged(method, exchanges, found, expected, ended, "page_size changes")


def pages_in_each_order(things: Things) -> Iterator[Observation]:
    """In the order of each field, one way or the other, while things are made round the cursor."""
    lists = started(things)
    if lists is None or not lists.paged.order or not lists.by_token:
        return
    for index, field in enumerate(things.resource.type.fields):
        order = f"{field.name} desc" if index % 2 else field.name
        arguments: dict[str, Any] = {lists.paged.order: order}
        request = lists.paged.method.request(**arguments)
        if field.message_type or field.is_repeated or not things.session.requests.keeps(request):
            continue
        lists.exchanges.clear()
        expected = ids_of(lists.whole(**arguments))
        if len(expected) < FEW:
            continue
        items = [item for x in lists.exchanges for item in lists.items(x)]
        around = partial(_around, lists, field.name, items[0], items[-1])
        lists.exchanges.clear()
        size = few_at_once(len(expected))
        found, ended = lists.walk(size, between=around, **arguments)
        if found:
            words = f"others create more, in the order of {field.name}"
            exchanges = tuple(lists.exchanges)
            yield Paged(lists.paged.method, exchanges, found, expected, ended, words)


def _around(lists: Lists, name: str, first: Message, last: Message) -> None:
    """Make things that stand before, at and after the cursor, where a caller chooses the field."""
    cursor = lists.items(lists.exchanges[-1])[-1:]
    for neighbour in (first, *cursor, last):
        request = lists.things.request_with(name, neighbour)
        if request is None or lists.things.made(request) is None:
            lists.things.made()


def pages_amid_inserts(things: Things) -> Iterator[Observation]:
    """Things are made while the pages are read."""
    yield from _amid(things, lambda: [things.made() for _ in range(2)], "others create more")


def pages_amid_deletes(things: Things) -> Iterator[Observation]:
    """What the first page held is deleted before the second is read."""
    made = [made for _ in range(FEW) if (made := things.made()) is not None]
    lists = started(things)
    if (
        lists is None
        or not lists.by_token
        or len(made) < FEW
        or things.resource.of(Role.DELETE) is None
    ):
        return
    mine = {str(things.id_of(m.thing)): things.id_of(m.thing) for m in made}
    listed = ids_of(lists.whole())
    victims = [mine[id_] for id_ in listed[: few_at_once(len(listed))] if id_ in mine]
    if victims:
        victim = victims[0]
        yield from _amid(
            things, lambda: things.delete(victim), "others delete some", without=str(victim)
        )


def _amid(
    things: Things, between: Callable[[], object], words: str, without: str = ""
) -> Iterator[Observation]:
    lists = started(things)
    if lists is None or not lists.by_token:
        return
    expected = tuple(id_ for id_ in ids_of(lists.whole()) if id_ != without)
    if len(expected) < FEW:
        return
    lists.exchanges.clear()
    small, ended = lists.walk(few_at_once(len(expected)), between=between)
    if small:
        method, exchanges = lists.paged.method, tuple(lists.exchanges)
        yield Paged(method, exchanges, small, expected, ended, words)


def negative(things: Things) -> Iterator[Observation]:
    """A page of minus one."""
    paged = paging(things)
    field = (
        things.operation(Role.LIST).method.takes.fields_by_name.get(paged.size) if paged else None
    )
    if paged is None or field is None or field.type == FieldDescriptor.TYPE_UINT32:
        return
    lists = Lists(things, paged)
    x, _ = lists.page(-1)
    if x.code is not Code.NOT_FOUND or lists.page(0)[0].ok:  # what it lists under is not there
        yield NegativePageSize(paged.method, (x,))


def token_of_nobody(things: Things) -> Iterator[Observation]:
    """Page tokens that no server issued, one of them in base64: each answer is judged."""
    paged = paging(things)
    lists = Lists(things, paged) if paged is not None else None
    if lists is None or not lists.by_token:
        return
    field, word = lists.paged.method.takes.fields_by_name[lists.paged.place], things.session.fresh
    for token in (f"no.{word.token()}!", b64encode(word.token().encode()).decode()):
        text = field.type == FieldDescriptor.TYPE_STRING
        request = lists.request(0, token if text else token.encode())
        if things.session.requests.keeps(request):
            things.session.call(lists.paged.method, request, kind=Kind.STRANGE, path=field.name)
    yield from ()


def token_elsewhere(things: Things) -> Iterator[Observation]:
    """A token of one list used with the arguments of another."""
    lists = started(things)
    if lists is None or not lists.by_token:
        return
    others = [{name: value} for name, value in narrowing(things)]
    for arguments in (*others, *orders(things, lists.paged)):
        first, page = lists.page(1)
        if page is None or not page.token:
            return
        plain, narrowed = lists.page(1, **arguments)
        if narrowed is None:
            continue
        x, _ = lists.page(1, page.token, **arguments)
        yield TokenReused(lists.paged.method, (first, plain, x), next(iter(arguments)))


def ordered(things: Things) -> Iterator[Observation]:
    """A list asked for in the order of each plain text or number."""
    lists = started(things)
    if lists is None or lists.paged.order is None:
        return
    strict = _refuses_no_order(lists)
    for field in things.resource.type.fields:
        if not is_plain(field) or field.enum_type or field.type == FieldDescriptor.TYPE_BOOL:
            continue
        _spread(things, field)
        for order in (field.name, f"{field.name} desc", f"-{field.name}"):
            arguments: dict[str, Any] = {lists.paged.order: order}
            request: Any = lists.paged.method.request(**arguments)
            if not things.session.requests.keeps(request):
                continue
            x, page = lists.page(0, **arguments)
            if page is not None:
                descending = order != field.name
                found = [value_at(item, field.name) for item in lists.items(x)]
                right = _in_order(found, descending=descending)
                sure = strict and field.type != FieldDescriptor.TYPE_STRING
                yield Sorted(lists.paged.method, (x,), field.name, descending, right, sure)
                if descending:
                    break


def _spread(things: Things, field: FieldDescriptor) -> None:
    """Make things with numbers whose order is another one as texts, where a caller sets them."""
    for number in _UNLIKE_TEXTS if field.cpp_type in INTEGERS else ():
        like: Any = things.blank()
        setattr(like, field.name, number)
        request = things.request_with(field.name, like)
        if request is not None and things.session.requests.keeps(request):
            things.made(request)


def _refuses_no_order(lists: Lists) -> bool:
    """Whether the list refuses the order of a field that there is not: then it knows the others."""
    request: Any = lists.request(0)
    setattr(request, str(lists.paged.order), f"no_{lists.things.session.fresh.token()}")
    if not lists.things.session.requests.keeps(request):
        return False
    x = lists.things.session.call(lists.paged.method, request, kind=Kind.STRANGE)
    return x.code is Code.INVALID_ARGUMENT


def _in_order(found: list[Any], *, descending: bool) -> bool:
    """Whether values stand in an order; texts may be compared as code points or as people do."""
    found = [value for value in found if value == value]  # what is no number has no place
    keys: list[Callable[[Any], Any]] = [lambda value: value]
    if found and isinstance(found[0], str):
        keys += [str.casefold, lambda text: "".join(c for c in text.casefold() if c.isalnum())]
    return any(found == sorted(found, key=key, reverse=descending) for key in keys)


def after_delete(things: Things) -> Iterator[Observation]:
    """A thing is listed, deleted, and looked for again."""
    made = things.made()
    lists = started(things)
    if made is None or lists is None:
        return
    id_ = things.id_of(made.thing)
    if str(id_) not in ids_of(lists.whole()):
        return
    gone = things.delete(id_)

    def listed() -> bool:
        lists.exchanges.clear()
        return str(id_) in ids_of(lists.whole())

    if gone.ok:
        still = things.settled("List", listed, lambda found: not found)
        method, exchanges = lists.paged.method, (gone, *lists.exchanges)
        asked = still and things.resource.of(Role.GET) is not None
        told = asked and things.read(id_)[1] is not None
        yield ListedAfterDelete(method, exchanges, still, told)
