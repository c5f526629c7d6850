"""Healthy services that promise to be what the AIPs describe, each in its own way."""

from __future__ import annotations

from itertools import count
from typing import Any

from google.protobuf.empty_pb2 import Empty

from tests.testing.shapes import Code, Shape, schema
from wireproof.values import violations


def page(items: list[Any], request: Any, context: Any, most: int = 50) -> tuple[list[Any], str]:
    """A page after the item that the token names, and the token of the next."""
    if request.page_token and not request.page_token.startswith("after:"):
        context.abort(Code.INVALID_ARGUMENT, "page_token: not one of ours")
    after = request.page_token.removeprefix("after:")
    known = [id_ for id_, _ in items]
    start = next((n for n, id_ in enumerate(known) if after and id_ > after), len(known))
    start = start if after else 0
    size = min(request.page_size or most, most)
    more = f"after:{known[start + size - 1]}" if start + size < len(known) else ""
    return [item for _, item in items[start : start + size]], more


def masked(old: Any, new: Any, mask: Any, fixed: tuple[str, ...], context: Any) -> Any:
    """*old* with what *mask* names taken from *new*; without a mask, what is populated there."""
    merged = type(old)()
    merged.CopyFrom(old)
    for path in mask.paths or [field.name for field, _ in new.ListFields()]:
        field = old.DESCRIPTOR.fields_by_name.get(path)
        if field is None:
            context.abort(Code.INVALID_ARGUMENT, f"update_mask: {path}")
        if path in fixed:
            continue
        bare = type(old)()
        bare.CopyFrom(new)
        for other, _ in new.ListFields():
            if other.name != path:
                bare.ClearField(other.name)
        merged.ClearField(path)
        merged.MergeFrom(bare)
    return merged


class Annotated(Shape):
    file = "annotated"

    def sound(self, message: Any, context: Any) -> Any:
        """*message*, where it keeps its own rules."""
        found = violations(schema(self.file), message)
        if found:
            context.abort(Code.INVALID_ARGUMENT, f"{found[0].path}: {found[0].rule}")
        return message


class Library(Annotated):
    """Books on shelves, named by paths."""

    def __init__(self) -> None:
        self.books: dict[str, Any] = {}
        self.ids = count(1)

    def create_book(self, request, context):
        id_ = request.book_id or f"b{next(self.ids):08}"
        book = self.kind("Book")()
        book.CopyFrom(request.book)
        book.name = f"{request.parent}/books/{id_}"
        book.create_time.GetCurrentTime()
        if book.name in self.books:
            context.abort(Code.ALREADY_EXISTS, "there is one of that name")
        self.books[book.name] = book
        return book

    def get_book(self, request, context):
        if request.name not in self.books:
            context.abort(Code.NOT_FOUND, "no such book")
        return self.books[request.name]

    def list_books(self, request, context):
        everywhere = request.parent.endswith("/-")
        mine = [
            (name, book)
            for name, book in sorted(self.books.items())
            if everywhere or name.startswith(f"{request.parent}/")
        ]
        books, more = page(mine, request, context)
        return self.kind("ListBooksResponse")(books=books, next_page_token=more)

    def update_book(self, request, context):
        old = self.get_book(request.book, context)
        fixed = ("name", "create_time")
        book = masked(old, request.book, request.update_mask, fixed, context)
        self.books[old.name] = self.sound(book, context)
        return book

    def delete_book(self, request, context):
        del self.books[self.get_book(request, context).name]
        return Empty()


class Preferences(Annotated):
    """One of its kind."""

    def __init__(self) -> None:
        self.theme = self.kind("Theme")(name="default", colour="#000000", size=12)

    def get_theme(self, request, context):
        return self.theme

    def update_theme(self, request, context):
        theme = masked(self.theme, request.theme, request.update_mask, (), context)
        self.theme = self.sound(theme, context)
        return self.theme


class AddressBook(Annotated):
    """Contacts, tidied up on their way in."""

    def __init__(self) -> None:
        self.contacts: dict[str, Any] = {}
        self.ids = count(1)

    def tidied(self, contact: Any) -> Any:
        contact.email = contact.email.strip().lower()
        contact.name = " ".join(contact.name.split())
        labels = dict.fromkeys(label.strip().lower() for label in contact.labels)
        contact.labels[:] = [label for label in labels if label]
        contact.kind = contact.kind or 1
        contact.update_time.GetCurrentTime()
        return contact

    def create_contact(self, request, context):
        contact = self.kind("Contact")()
        contact.CopyFrom(request.contact)
        contact.contact_id = f"c{next(self.ids):06}"
        contact = self.tidied(contact)
        contact.create_time.CopyFrom(contact.update_time)
        self.contacts[contact.contact_id] = contact
        return contact

    def get_contact(self, request, context):
        if request.contact_id not in self.contacts:
            context.abort(Code.NOT_FOUND, "no such contact")
        return self.contacts[request.contact_id]

    def list_contacts(self, request, context):
        if request.filter:
            context.abort(Code.INVALID_ARGUMENT, "filter: not understood")
        contacts, more = page(sorted(self.contacts.items()), request, context)
        reply = self.kind("ListContactsResponse")(contacts=contacts, next_page_token=more)
        reply.total_size = len(self.contacts)
        return reply

    def update_contact(self, request, context):
        old = self.get_contact(request.contact, context)
        fixed = ("contact_id", "create_time", "update_time")
        merged = masked(old, request.contact, request.update_mask, fixed, context)
        contact = self.tidied(self.sound(merged, context))
        self.contacts[contact.contact_id] = contact
        return contact

    def delete_contact(self, request, context):
        return self.contacts.pop(self.get_contact(request, context).contact_id)


class Flags(Annotated):
    """Set whether they are there or not, taken away if they are."""

    def __init__(self) -> None:
        self.flags: dict[str, Any] = {}

    def set_flag(self, request, context):
        self.flags[request.flag.key] = request.flag
        return request.flag

    def get_flag(self, request, context):
        if request.key not in self.flags:
            context.abort(Code.NOT_FOUND, "no such flag")
        return self.flags[request.key]

    def clear_flag(self, request, context):
        self.flags.pop(request.key, None)
        return Empty()

    def list_flags(self, request, context):
        flags = [flag for _, flag in sorted(self.flags.items())]
        return self.kind("ListFlagsResponse")(flags=flags)


SHAPES = (Library, Preferences, AddressBook, Flags)
