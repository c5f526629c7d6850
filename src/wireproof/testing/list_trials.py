"""Trials of lists: pages, filters, orders, what is deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.compare import value_at
from wireproof.checks.observations import (
    Filtered,
    ListedAfterDelete,
    NegativePageSize,
    Observation,
    Page,
    Paged,
    Sorted,
    TokenReused,
)
from wireproof.exchange import Exchange, Method
from wireproof.testing import names
from wireproof.testing.api import Role
from wireproof.testing.shapes import is_plain
from wireproof.testing.things import Things

_INTEGERS = (FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_INT64)
_FEW = 5
"""Things that a list must hold for its pages to be worth a look."""
_MOST_PAGES = 12


@dataclass(frozen=True, slots=True)
class Paging:
    """The fields by which a list is paged."""

    method: Method
    items: str
    size: str
    token: str
    next: str


def paging(things: Things) -> Paging | None:
    """How the list is paged; None where it is not."""
    operation = things.operation(Role.LIST)
    takes, gives = operation.method.takes, operation.method.gives
    sizes = [f.name for f in takes.fields if is_plain(f) and f.type in _INTEGERS]
    texts = [f.name for f in takes.fields if is_plain(f) and _text(f)]
    nexts = [f.name for f in gives.fields if is_plain(f) and _text(f)]
    size = _hinted(sizes, names.is_page_size)
    token = _hinted(texts, names.is_page_token)
    following = _hinted(nexts, names.is_page_token)
    if operation.result is None or not (size and token and following):
        return None
    return Paging(operation.method, operation.result, size, token, following)


def _text(field: FieldDescriptor) -> bool:
    return field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES)


def _hinted(candidates: list[str], hint: Callable[[str], bool]) -> str | None:
    """The candidate that its name hints at, or the only one there is."""
    hinted = next((name for name in candidates if hint(name)), None)
    return hinted or (candidates[0] if len(candidates) == 1 else None)


class Lists:
    """The list of one resource, read in pages."""

    def __init__(self, things: Things, paged: Paging) -> None:
        self.things = things
        self.paged = paged
        self.exchanges: list[Exchange] = []

    def page(self, size: int, token: Any = None, **arguments: Any) -> tuple[Exchange, Page | None]:
        request: Any = self.paged.method.request()
        setattr(request, self.paged.size, size)
        if token:
            setattr(request, self.paged.token, token)
        for name, value in arguments.items():
            setattr(request, name, value)
        x = self.things.session.call(self.paged.method, request)
        self.exchanges.append(x)
        return x, self._page(x, size)

    def _page(self, x: Exchange, size: int) -> Page | None:
        reply = next(x.replies(), None) if x.ok else None
        if reply is None:
            return None
        ids = tuple(str(self.things.id_of(item)) for item in getattr(reply, self.paged.items))
        return Page(size, ids, getattr(reply, self.paged.next))

    def items(self, x: Exchange) -> list[Message]:
        return [item for reply in x.replies() for item in getattr(reply, self.paged.items)]

    def walk(
        self, size: int, *, between: Callable[[], object] | None = None, **arguments: Any
    ) -> tuple[tuple[Page, ...], bool]:
        """The pages, and whether they came to an end; *between* runs after the first."""
        pages: list[Page] = []
        token: Any = None
        while len(pages) < _MOST_PAGES:
            _, page = self.page(size, token, **arguments)
            if page is None:
                return tuple(pages), False
            pages.append(page)
            if not page.token:
                return tuple(pages), True
            token = page.token
            if between is not None and len(pages) == 1:
                between()
        return tuple(pages), False

    def whole(self, **arguments: Any) -> tuple[Page, ...]:
        """The list in pages as large as the server gives; empty where it is too long to read."""
        for size in (1000, 100, 0):
            request: Any = self.paged.method.request()
            setattr(request, self.paged.size, size)
            if self.things.session.requests.keeps(request):
                pages, ended = self.walk(size, **arguments)
                if ended:
                    return pages
                if pages:
                    return ()
        return ()


def pages(things: Things) -> Iterator[Observation]:
    """Read a list in small pages and compare with the whole of it."""
    for descending in (None, *_orders(things)):
        yield from _paged(things, descending)


def _orders(things: Things) -> Iterator[str]:
    """An order that ties many things: by an enum or a bool, where order_by takes fields."""
    operation = things.operation(Role.LIST)
    if "order_by" not in operation.method.takes.fields_by_name:
        return
    tied = [f.name for f in things.resource.type.fields if f.enum_type and not f.is_repeated]
    yield from (f"{name} desc" for name in tied[:1])


def _paged(things: Things, order: str | None) -> Iterator[Observation]:
    lists = _started(things)
    if lists is None:
        return
    arguments: dict[str, Any] = {"order_by": order} if order else {}
    expected = _ids(lists.whole(**arguments))
    if len(expected) < _FEW:
        return
    size = _small(len(expected))
    lists.exchanges.clear()
    small, ended = lists.walk(size, **arguments)
    if small:
        yield Paged(lists.paged.method, tuple(lists.exchanges), small, expected, ended)


def pages_amid_inserts(things: Things) -> Iterator[Observation]:
    """Things are made while the pages are read."""
    yield from _amid(things, lambda: [things.made() for _ in range(2)], "create more")


def pages_amid_deletes(things: Things) -> Iterator[Observation]:
    """What the first page held is deleted before the second is read."""
    made = [made for _ in range(_FEW) if (made := things.made()) is not None]
    lists = _started(things)
    if lists is None or len(made) < _FEW or things.resource.of(Role.DELETE) is None:
        return
    mine = {str(things.id_of(m.thing)): things.id_of(m.thing) for m in made}
    listed = _ids(lists.whole())
    victims = [mine[id_] for id_ in listed[: _small(len(listed))] if id_ in mine]
    if victims:
        victim = victims[0]
        yield from _amid(things, lambda: things.delete(victim), "delete some", without=str(victim))


def _amid(
    things: Things, between: Callable[[], object], words: str, without: str = ""
) -> Iterator[Observation]:
    lists = _started(things)
    if lists is None:
        return
    expected = tuple(id_ for id_ in _ids(lists.whole()) if id_ != without)
    if len(expected) < _FEW:
        return
    lists.exchanges.clear()
    small, ended = lists.walk(_small(len(expected)), between=between)
    if small:
        method, exchanges = lists.paged.method, tuple(lists.exchanges)
        yield Paged(method, exchanges, small, expected, ended, words)


def negative(things: Things) -> Iterator[Observation]:
    """A page of minus one."""
    paged = paging(things)
    field = things.operation(Role.LIST).method.takes.fields_by_name[paged.size] if paged else None
    if paged is None or field is None or field.type == FieldDescriptor.TYPE_UINT32:
        return
    x, _ = Lists(things, paged).page(-1)
    yield NegativePageSize(paged.method, (x,))


def token_elsewhere(things: Things) -> Iterator[Observation]:
    """A token of one list used with the arguments of another."""
    lists = _started(things)
    if lists is None:
        return
    for name, value in _narrowing(things):
        first, page = lists.page(1)
        if page is None or not page.token:
            return
        plain, narrowed = lists.page(1, **{name: value})
        if narrowed is None:
            continue
        x, _ = lists.page(1, page.token, **{name: value})
        yield TokenReused(lists.paged.method, (first, plain, x), name)


def filtered(things: Things) -> Iterator[Observation]:
    """A list narrowed by each enum or bool that it shares with the resource."""
    lists = _started(things)
    if lists is None:
        return
    for name, value in _narrowing(things):
        x, page = lists.page(0, **{name: value})
        if page is None:
            continue
        field = things.resource.type.fields_by_name[name]
        strangers = sum(getattr(item, name) != value for item in lists.items(x))
        yield Filtered(lists.paged.method, (x,), name, _name_of(field, value), strangers)


def _narrowing(things: Things) -> Iterator[tuple[str, Any]]:
    """Arguments of the list that are enums of the resource, with values that some things have."""
    method = things.operation(Role.LIST).method
    for field in things.resource.type.fields:
        asked = method.takes.fields_by_name.get(field.name)
        if asked is None or not field.enum_type or field.is_repeated or asked.type != field.type:
            continue
        known = things.session.memory.any(things.resource)
        value = getattr(known, field.name) if known is not None else 0
        other = next((v.number for v in field.enum_type.values if v.number not in (0, value)), 0)
        for number in (value, other):
            if number:
                yield field.name, number


def _name_of(field: FieldDescriptor, number: int) -> str:
    known = field.enum_type.values_by_number.get(number) if field.enum_type else None
    return str(known.name) if known else str(number)


def ordered(things: Things) -> Iterator[Observation]:
    """A list asked for in the order of each plain text or number."""
    lists = _started(things)
    if lists is None or "order_by" not in lists.paged.method.takes.fields_by_name:
        return
    for field in things.resource.type.fields:
        if not is_plain(field) or field.enum_type or field.type == FieldDescriptor.TYPE_BOOL:
            continue
        for descending in (False, True):
            order = f"{field.name} desc" if descending else field.name
            request: Any = lists.paged.method.request(order_by=order)
            if not things.session.requests.keeps(request):
                continue
            x, page = lists.page(0, order_by=order)
            if page is not None:
                found = [value_at(item, field.name) for item in lists.items(x)]
                right = _in_order(found, descending=descending)
                yield Sorted(lists.paged.method, (x,), field.name, descending, right)


def _in_order(found: list[Any], *, descending: bool) -> bool:
    """Whether values stand in an order; texts may be compared as code points or as people do."""
    keys: list[Callable[[Any], Any]] = [lambda value: value]
    if found and isinstance(found[0], str):
        keys += [str.casefold, lambda text: "".join(c for c in text.casefold() if c.isalnum())]
    return any(found == sorted(found, key=key, reverse=descending) for key in keys)


def after_delete(things: Things) -> Iterator[Observation]:
    """A thing is listed, deleted, and looked for again."""
    made = things.made()
    lists = _started(things)
    if made is None or lists is None:
        return
    id_ = things.id_of(made.thing)
    if str(id_) not in _ids(lists.whole()):
        return
    gone = things.delete(id_)
    if gone.ok:
        lists.exchanges.clear()
        still = str(id_) in _ids(lists.whole())
        method, exchanges = lists.paged.method, (gone, *lists.exchanges)
        yield ListedAfterDelete(method, exchanges, still)


def _started(things: Things) -> Lists | None:
    """The list, with enough in it."""
    paged = paging(things)
    if paged is None:
        return None
    if things.resource.of(Role.CREATE) is not None:
        while len(things.session.memory.ids(things.resource)) < _FEW:
            if things.made() is None:
                break
    return Lists(things, paged)


def _ids(read: tuple[Page, ...]) -> tuple[str, ...]:
    return tuple(id_ for page in read for id_ in page.ids)


def _small(count: int) -> int:
    """A page size that makes a handful of pages."""
    return max(2, -(-count // 6))
