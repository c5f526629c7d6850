"""Lists read in pages, whatever the fields are called: by tokens, by offsets, by numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.facts import Code
from wireproof.checks.observations import Page
from wireproof.exchange import Exchange, Method
from wireproof.testing import names
from wireproof.testing.api import Role
from wireproof.testing.generated import copied
from wireproof.testing.shapes import is_plain
from wireproof.testing.things import Things

_INTEGERS = (
    FieldDescriptor.TYPE_INT32,
    FieldDescriptor.TYPE_UINT32,
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_UINT64,
)
FEW = 5
"""Things that a list must hold for its pages to be worth a look."""
_MOST_PAGES = 12
_LARGE = (1000, 100, 0)
"""Page sizes by which whole lists are read; 0 leaves it to the server."""
_MORE = "more"
"""Stands for a token where there is none, as long as a page holds something."""
_PAST = frozenset({Code.OUT_OF_RANGE, Code.NOT_FOUND, Code.INVALID_ARGUMENT})
"""How servers refuse a page after the last one."""


class Way(Enum):
    """How a request says where its page begins."""

    TOKEN = auto()
    """By what the page before said."""
    OFFSET = auto()
    """By how many items are before it."""
    NUMBER = auto()
    """By how many pages are before it, or by one more."""
    WHOLE = auto()
    """Not at all: there is one page, of which nobody says whether it is all."""


@dataclass(frozen=True, slots=True)
class Paging:
    """The fields by which a list is paged."""

    method: Method
    items: str
    way: Way = Way.WHOLE
    size: str = ""
    """The request's number of items in a page; empty where it says none."""
    place: str = ""
    """Where the request says where the page begins."""
    next: str = ""
    """Where the reply says where the next page begins."""
    total: str | None = None
    """The reply's count of all matches."""
    order: str | None = None
    """The request's text that asks for an order."""


def paging(things: Things) -> Paging | None:
    """How the list is paged; None where its reply holds no such things."""
    operation = things.operation(Role.LIST)
    takes, gives = operation.method.takes, operation.method.gives
    if operation.result is None:
        return None
    texts = [f.name for f in takes.fields if is_plain(f) and _text(f)]
    way, size, place, following = _way(takes, gives)
    totals = [f.name for f in gives.fields if is_plain(f) and f.type in _INTEGERS]
    return Paging(
        operation.method,
        operation.result,
        way,
        size,
        place,
        following,
        total=next(filter(names.is_total, totals), None),
        order=next((n for n in texts if n != place and names.is_order(n)), None),
    )


def _way(takes: Descriptor, gives: Descriptor) -> tuple[Way, str, str, str]:
    """The way, and the fields that say the size, the place and the next place."""
    sizes = [f.name for f in takes.fields if is_plain(f) and f.type in _INTEGERS]
    texts = [f.name for f in takes.fields if is_plain(f) and _text(f)]
    nexts = [f.name for f in gives.fields if is_plain(f) and _text(f)]
    token = _hinted(texts, names.is_page_token)
    following = _hinted(nexts, names.is_page_token)
    size = names.page_size(sizes)
    if token and following and (size or len(sizes) == 1):
        return Way.TOKEN, size or sizes[0], token, following
    for way, says in ((Way.OFFSET, names.is_offset), (Way.NUMBER, names.is_page_number)):
        place = next((name for name in sizes if says(name) and name != size), None)
        if place and size:
            return way, size, place, ""
    return Way.WHOLE, size, "", ""


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
        self.bare: Any = things.session.requests.bare(paged.method)

    @property
    def narrow(self) -> bool:
        """Whether it is a list of a part of what there is, which the server asks for."""
        return bool(self.bare.ListFields())

    @property
    def in_pages(self) -> bool:
        """Whether a part of the list can be asked for, and the list says where it ends."""
        return self.paged.way is not Way.WHOLE

    @property
    def sizes_vary(self) -> bool:
        """Whether a page may be larger than the one before: numbers count pages of one size."""
        return self.paged.way in (Way.TOKEN, Way.OFFSET)

    @property
    def by_token(self) -> bool:
        """Whether a page begins after what was shown, and not after how many."""
        return self.paged.way is Way.TOKEN

    def request(self, size: int, place: Any = None, **arguments: Any) -> Any:
        """What asks for the page of *size* that begins at *place*, None for the first."""
        request = copied(self.bare)
        wanted = {self.paged.size: size, **({self.paged.place: place} if place else {})}
        for name, value in {**wanted, **arguments}.items():
            if name:
                setattr(request, name, value)
        return request

    def page(self, size: int, place: Any = None, **arguments: Any) -> tuple[Exchange, Page | None]:
        x = self.things.session.call(self.paged.method, self.request(size, place, **arguments))
        self.exchanges.append(x)
        return x, self._page(x, size)

    def _page(self, x: Exchange, size: int) -> Page | None:
        reply = next(x.replies(), None) if x.ok else None
        if reply is None:
            return None
        ids = tuple(str(self.things.id_of(item)) for item in getattr(reply, self.paged.items))
        return Page(size if self.paged.size else 0, ids, self._token(reply, ids))

    def _token(self, reply: Message, ids: tuple[str, ...]) -> Any:
        """What the reply says of a next page."""
        if self.by_token:
            return getattr(reply, self.paged.next)
        return _MORE if ids and self.in_pages else ""

    def _after(self, pages: list[Page], place: Any) -> Any:
        """Where the page after the last of *pages*, which began at *place*, begins."""
        if self.paged.way is Way.OFFSET:
            return (place or 0) + len(pages[-1].ids)
        if self.paged.way is Way.NUMBER:
            return (place or getattr(self.bare, self.paged.place) or self._first()) + 1
        return pages[-1].token

    def _first(self) -> int:
        """The number of the first page: where 1 shows what nothing does, it is 1."""
        known: list[int] = self.things.session.kept.setdefault(
            f"first page {self.paged.method.full_name}", []
        )
        if not known:
            pages = [self._page(self._call(2, number), 2) for number in (None, 1)]
            if pages[0] is None or pages[0] != pages[1]:
                return 0
            if not pages[0].ids:
                return 1  # of an empty list nothing is learnt
            known.append(1)
        return known[0]

    def _call(self, size: int, place: Any) -> Exchange:
        return self.things.session.call(self.paged.method, self.request(size, place))

    def items(self, x: Exchange) -> list[Message]:
        return [item for reply in x.replies() for item in getattr(reply, self.paged.items)]

    def walk(
        self,
        size: int,
        *,
        between: Callable[[], object] | None = None,
        growing: bool = False,
        **arguments: Any,
    ) -> tuple[tuple[Page, ...], bool]:
        """The pages, and whether they came to an end; *between* runs after the first.

        Where they are *growing*, each asks for one more than the page before.
        """
        pages: list[Page] = []
        place: Any = None
        while len(pages) < _MOST_PAGES:
            more = len(pages) if growing else 0
            x, page = self.page(size + more, place, **arguments)
            if page is None:
                return tuple(pages), bool(pages) and not self.by_token and x.code in _PAST
            if self._last_again(pages, page):
                return tuple(pages), True
            again = any((page.token, page.ids) == (one.token, one.ids) for one in pages)
            pages.append(page)
            if not page.token or again:  # some servers say by an empty page that it was the last
                return tuple(pages), not (page.token and page.ids)
            place = self._after(pages, place)
            if between is not None and len(pages) == 1:
                between()
        return tuple(pages), False

    def _last_again(self, pages: list[Page], page: Page) -> bool:
        """Whether a page after the last one shows the last one, as some servers do."""
        if self.by_token or not pages or page.ids != pages[-1].ids:
            return False
        return len(pages) > 1 or len(page.ids) < page.asked

    def whole(self, **arguments: Any) -> tuple[Page, ...]:
        """The list in pages as large as the server gives; empty where it is too long to read.

        A size above the server's own may give pages of its default, which are smaller than others.
        """
        name = f"sizes {self.paged.method.full_name}"
        sizes: list[int] = self.things.session.kept.setdefault(name, [])
        most = 0
        for size in tuple(sizes) or _LARGE:
            if self.things.session.requests.keeps(self.request(size)):
                pages, ended = self.walk(size, **arguments)
                if len(ids_of(pages)) > most:
                    most, sizes[:] = len(ids_of(pages)), [size]
                if ended:
                    return pages
        return ()


def started(things: Things) -> Lists | None:
    """The list, with enough in it."""
    paged = paging(things)
    if paged is None:
        return None
    if things.resource.of(Role.CREATE) is not None:
        while len(things.session.memory.ids(things.resource)) < FEW:
            if things.made() is None:
                break
    lists = Lists(things, paged)
    if lists.narrow and len(ids_of(lists.whole())) < FEW:
        for _ in range(FEW):  # what was made before lies elsewhere
            things.made()
    return lists


def ids_of(read: tuple[Page, ...]) -> tuple[str, ...]:
    return tuple(id_ for page in read for id_ in page.ids)


def few_at_once(count: int) -> int:
    """A page size that makes a handful of pages."""
    return max(2, -(-count // 6))
