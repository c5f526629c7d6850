"""Lists read in pages, whatever the fields are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.observations import (
    Page,
)
from wireproof.exchange import Exchange, Method
from wireproof.testing import names
from wireproof.testing.api import Role
from wireproof.testing.generated import copied
from wireproof.testing.shapes import is_plain
from wireproof.testing.things import Things

_INTEGERS = (FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_INT64)
FEW = 5
"""Things that a list must hold for its pages to be worth a look."""
_MOST_PAGES = 12
_LARGE = (1000, 100, 0)
"""Page sizes by which whole lists are read; 0 leaves it to the server."""


@dataclass(frozen=True, slots=True)
class Paging:
    """The fields by which a list is paged."""

    method: Method
    items: str
    size: str
    token: str
    next: str
    total: str | None = None
    """The reply's count of all matches."""
    order: str | None = None
    """The request's text that asks for an order."""


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
    totals = [f.name for f in gives.fields if is_plain(f) and f.type in _INTEGERS]
    return Paging(
        operation.method,
        operation.result,
        size,
        token,
        following,
        total=next(filter(names.is_total, totals), None),
        order=next((n for n in texts if n != token and names.is_order(n)), None),
    )


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

    def _request(self) -> Any:
        return copied(self.bare)

    def page(self, size: int, token: Any = None, **arguments: Any) -> tuple[Exchange, Page | None]:
        request = self._request()
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
        token: Any = None
        while len(pages) < _MOST_PAGES:
            more = len(pages) if growing else 0
            _, page = self.page(size + more, token, **arguments)
            if page is None:
                return tuple(pages), False
            again = any((page.token, page.ids) == (one.token, one.ids) for one in pages)
            pages.append(page)
            if not page.token or again:  # some servers say by an empty page that it was the last
                return tuple(pages), not (page.token and page.ids)
            token = page.token
            if between is not None and len(pages) == 1:
                between()
        return tuple(pages), False

    def whole(self, **arguments: Any) -> tuple[Page, ...]:
        """The list in pages as large as the server gives; empty where it is too long to read.

        A size above the server's own may give pages of its default, which are smaller than others.
        """
        name = f"sizes {self.paged.method.full_name}"
        sizes: list[int] = self.things.session.kept.setdefault(name, [])
        most = 0
        for size in tuple(sizes) or _LARGE:
            request = self._request()
            setattr(request, self.paged.size, size)
            if self.things.session.requests.keeps(request):
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
