"""Books on shelves, with annotations of google.api; a fault is a subclass."""

from __future__ import annotations

import hashlib
import re
import threading
from itertools import count
from typing import Any

from google.protobuf.empty_pb2 import Empty

from tests.testing.shapes import Code, Shape

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")


class Library(Shape):
    """Shelves and books, and several books at a time, as the AIPs have it."""

    file, service = "library", "Library"

    def __init__(self) -> None:
        self.shelves: dict[str, Any] = {}
        self.books: dict[str, Any] = {}
        self.pages: dict[str, tuple[str, list[str]]] = {}
        self.ids = count(1)
        self.lock = threading.RLock()

    def copy(self, thing: Any) -> Any:
        copy = type(thing)()
        copy.CopyFrom(thing)
        return copy

    def create_shelf(self, request: Any, context: Any) -> Any:
        del context
        with self.lock:
            shelf = self.copy(request.shelf)
            shelf.name = f"shelves/{next(self.ids)}"
            self.shelves[shelf.name] = shelf
            return self.copy(shelf)

    def found(self, things: dict[str, Any], name: str, context: Any) -> Any:
        if name not in things:
            context.abort(Code.NOT_FOUND, f"there is no {name}")
        return things[name]

    def get_shelf(self, request: Any, context: Any) -> Any:
        return self.found(self.shelves, request.name, context)

    def under(self, shelf: str) -> list[str]:
        return [name for name in self.books if name.startswith(f"{shelf}/")]

    def refuses(self, request: Any) -> bool:
        return bool(self.under(request.name)) and not request.force

    def leave(self, name: str) -> None:
        for book in self.under(name):
            del self.books[book]

    def delete_shelf(self, request: Any, context: Any) -> Any:
        with self.lock:
            self.found(self.shelves, request.name, context)
            if self.refuses(request):
                context.abort(Code.FAILED_PRECONDITION, "there are books on it")
            self.leave(request.name)
            del self.shelves[request.name]
            return Empty()

    def stamp(self, book: Any) -> None:
        book.update_time.GetCurrentTime()
        book.update_time.nanos |= 1
        self.tag(book)

    def tag(self, book: Any) -> None:
        book.etag = ""
        book.etag = hashlib.sha256(book.SerializeToString(deterministic=True)).hexdigest()[:12]

    def parent(self, name: str, context: Any) -> None:
        self.found(self.shelves, name, context)

    def create_book(self, request: Any, context: Any) -> Any:
        with self.lock:
            if not request.book.title:
                context.abort(Code.INVALID_ARGUMENT, "book.title: required")
            if request.book_id and not _ID.match(request.book_id):
                context.abort(Code.INVALID_ARGUMENT, "book_id: a-z, 0-9 and -")
            self.parent(request.parent, context)
            book = self.copy(request.book)
            book.name = f"{request.parent}/books/{request.book_id or next(self.ids)}"
            if book.name in self.books:
                context.abort(Code.ALREADY_EXISTS, f"there is a {book.name}")
            self.stamp(book)
            self.books[book.name] = book
            return self.copy(book)

    def get_book(self, request: Any, context: Any) -> Any:
        return self.found(self.books, request.name, context)

    def matching(self, asked: str, books: list[Any], context: Any) -> list[Any]:
        wanted = re.fullmatch(r'title = "(\w*)"', asked)
        if asked and not wanted:
            context.abort(Code.INVALID_ARGUMENT, "filter: only titles")
        return [book for book in books if not wanted or book.title == wanted[1]]

    def list_books(self, request: Any, context: Any) -> Any:
        with self.lock:
            self.found(self.shelves, request.parent, context)
            if request.page_size < 0:
                context.abort(Code.INVALID_ARGUMENT, "page_size: negative")
            bound = f"{request.parent} {request.filter}"
            books = [self.books[name] for name in self.under(request.parent)]
            names = [book.name for book in self.matching(request.filter, books, context)]
            if request.page_token:
                of, names = self.pages.get(request.page_token, ("", []))
                if of != bound:
                    context.abort(Code.INVALID_ARGUMENT, "page_token: not of this list")
            size = min(request.page_size or 50, 1000)
            reply = self.kind("ListBooksResponse")()
            reply.books.extend(self.books[name] for name in names[:size] if name in self.books)
            if names[size:]:
                reply.next_page_token = f"page-{next(self.ids)}"
                self.pages[reply.next_page_token] = bound, names[size:]
            return reply

    def put(self, old: Any, new: Any, given: Any, path: str) -> None:
        del old
        new.ClearField(path)
        bare = type(given)()
        bare.CopyFrom(given)
        for field in given.DESCRIPTOR.fields:
            if field.name != path:
                bare.ClearField(field.name)
        new.MergeFrom(bare)

    def update_book(self, request: Any, context: Any) -> Any:
        with self.lock:
            old = self.found(self.books, request.book.name, context)
            if request.book.etag and request.book.etag != old.etag:
                context.abort(Code.ABORTED, "it has changed")
            new = self.copy(old)
            given = [field.name for field, _ in request.book.ListFields()]
            paths = list(request.update_mask.paths) or given
            for path in (f.name for f in old.DESCRIPTOR.fields) if paths == ["*"] else paths:
                if path not in old.DESCRIPTOR.fields_by_name:
                    context.abort(Code.INVALID_ARGUMENT, f"update_mask: {path}")
                if path not in ("name", "etag", "update_time"):
                    self.put(old, new, request.book, path)
            if not new.title:
                context.abort(Code.INVALID_ARGUMENT, "book.title: required")
            self.stamp(new)
            self.books[new.name] = new
            return self.copy(new)

    def batch_get_books(self, request: Any, context: Any) -> Any:
        with self.lock:
            books = [self.found(self.books, name, context) for name in request.names]
            return self.kind("BatchGetBooksResponse")(books=books)

    def undo(self, before: dict[str, Any]) -> None:
        self.books = before

    def batch_create_books(self, request: Any, context: Any) -> Any:
        with self.lock:
            before = dict(self.books)
            try:
                for one in request.requests:
                    one.parent = one.parent or request.parent
                books = [self.create_book(one, context) for one in request.requests]
            except BaseException:
                self.undo(before)
                raise
            return self.kind("BatchCreateBooksResponse")(books=books)


class Rootless(Library):
    """Books stand on shelves that nobody made."""

    def parent(self, name: str, context: Any) -> None:
        del name, context


class Abandoning(Library):
    """Books stay where their shelf was."""

    def leave(self, name: str) -> None:
        del name


class Ruthless(Library):
    """A shelf goes with its books, whether or not anybody asked for that."""

    def refuses(self, request: Any) -> bool:
        del request
        return False


class Merging(Library):
    """Tags and labels are added to those that are there."""

    def put(self, old: Any, new: Any, given: Any, path: str) -> None:
        super().put(old, new, given, path)
        if path == "labels":
            for key, value in old.labels.items():
                if key not in given.labels:
                    new.labels[key] = value
        if path == "tags":
            new.tags.extend(tag for tag in old.tags if tag not in new.tags)


class Steady(Library):
    """An etag is that of the first state."""

    def tag(self, book: Any) -> None:
        if not book.etag:
            super().tag(book)


class Timeless(Library):
    """The time of update is that of creation."""

    def stamp(self, book: Any) -> None:
        before = self.copy(book.update_time)
        super().stamp(book)
        if before.seconds and book.name in self.books:
            book.update_time.CopyFrom(before)


class Sorting(Library):
    """Several books come in the order of their names."""

    def batch_get_books(self, request: Any, context: Any) -> Any:
        names = sorted(request.names)
        del request.names[:]
        request.names.extend(names)
        return super().batch_get_books(request, context)


class Lenient(Library):
    """Books that are not there are left out."""

    def batch_get_books(self, request: Any, context: Any) -> Any:
        known = [name for name in request.names if name in self.books]
        del request.names[:]
        request.names.extend(known)
        return super().batch_get_books(request, context)


class Backwards(Library):
    """New books come last first."""

    def batch_create_books(self, request: Any, context: Any) -> Any:
        reply = super().batch_create_books(request, context)
        books = list(reversed(reply.books))
        return self.kind("BatchCreateBooksResponse")(books=books)


class Short(Library):
    """Of several new books only the first are told of."""

    def batch_create_books(self, request: Any, context: Any) -> Any:
        reply = super().batch_create_books(request, context)
        del reply.books[1:]
        return reply


class Halving(Library):
    """What comes before the book that cannot be made stays."""

    def undo(self, before: dict[str, Any]) -> None:
        del before
