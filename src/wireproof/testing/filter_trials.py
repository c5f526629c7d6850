"""Trials of lists that are narrowed: by arguments, by a parent, by an expression."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from operator import eq
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.observations import Filtered, Observation
from wireproof.testing import names
from wireproof.testing.api import Role
from wireproof.testing.bound_trials import bounded, bounds
from wireproof.testing.paging import Lists, ids_of, started
from wireproof.testing.shapes import is_plain
from wireproof.testing.things import Things

_RARER = 6
"""Values of an enum that are asked for beside those of things that are known."""
_TELLING = 3
"""Characters of a text that are in no other by chance."""


def filtered(things: Things) -> Iterator[Observation]:
    """A list narrowed by whatever it shares with the resource: enums, kin, texts."""
    lists = started(things)
    if lists is None:
        return
    yield from _scoped(lists)
    yield from _expressed(lists)
    _apart(things)
    for name, value in (*narrowing(things), *_kin(things)):
        yield from _narrowed(lists, name, value, partial(eq, value))
    for name, value in _rarer(things):
        yield from _strangers(lists, name, value)
    for asked, name, bound in bounds(things.operation(Role.LIST).method, things.resource.type):
        yield from bounded(lists, asked, name, bound)
    for name in _switches(things):
        yield from _switched(lists, name)
    for asked, name, value in _shared_texts(things):
        yield from _narrowed(lists, asked, value, partial(_speaks_of, value), name)


def _narrowed(
    lists: Lists, asked: str, value: Any, fits: Callable[[Any], bool], name: str = ""
) -> Iterator[Filtered]:
    """The list with that argument, beside the whole of it."""
    things, name = lists.things, name or asked
    lists.exchanges.clear()
    everything = lists.whole()
    known = [item for x in lists.exchanges for item in lists.items(x)]
    wanted = {things.id_of(item) for item in known if fits(getattr(item, name))}
    lists.exchanges.clear()
    narrowed = lists.whole(**{asked: value})
    found = [item for x in lists.exchanges for item in lists.items(x)]
    if not lists.exchanges or not lists.exchanges[-1].ok:
        return
    complete = everything and narrowed and lists.in_pages
    missing = wanted - {things.id_of(item) for item in found} if complete else set()
    strangers = sum(not fits(getattr(item, name)) for item in found)
    overlooked = _overlooked(lists, name, value, missing) if missing else 0
    words = _name_of(things.resource.type.fields_by_name[name], value)
    exchanges = tuple(lists.exchanges)
    yield Filtered(lists.paged.method, exchanges, asked, words, strangers, len(missing), overlooked)


def _overlooked(lists: Lists, name: str, value: Any, missing: set[Any]) -> int:
    """How many of the *missing* hold just that value now: states move on by themselves."""
    before = len(lists.exchanges)
    lists.whole()
    again = [item for x in lists.exchanges[before:] for item in lists.items(x)]
    field = lists.things.resource.type.fields_by_name[name]
    held = [item for item in again if not field.is_repeated and getattr(item, name) == value]
    return sum(lists.things.id_of(item) in missing for item in held)


def _strangers(lists: Lists, name: str, value: int) -> Iterator[Filtered]:
    """One page of the list with a value that no thing may have: then nothing is in it."""
    x, page = lists.page(0, **{name: value})
    if page is not None:
        strangers = sum(getattr(item, name) != value for item in lists.items(x))
        words = _name_of(lists.things.resource.type.fields_by_name[name], value)
        yield Filtered(lists.paged.method, (x,), name, words, strangers)


def _rarer(things: Things) -> Iterator[tuple[str, int]]:
    """Arguments that are enums of the resource, with the values that `narrowing` leaves out."""
    tried = list(narrowing(things))
    for name in dict.fromkeys(name for name, _ in tried):
        kind: Any = things.resource.type.fields_by_name[name].enum_type
        rest = [v for v in kind.values if v.number and (name, v.number) not in tried]
        for value in rest[:_RARER]:
            if not {"all", "any"}.intersection(names.words(value.name.lower())):
                yield name, value.number


def _switched(lists: Lists, name: str) -> Iterator[Observation]:
    """The list with that switch on, and off: where one of the two narrows it, so must the other."""
    for value in (True, False):
        like: Any = lists.things.blank()
        setattr(like, name, value)
        lists.things.made(lists.things.request_with(name, like))
    lists.exchanges.clear()
    lists.whole()
    held = {getattr(item, name) for x in lists.exchanges for item in lists.items(x)}
    if len(held) == 1:
        return  # the usual list may leave out the others
    seen = [one for on in (True, False) for one in _narrowed(lists, name, on, partial(eq, on))]
    if any(not one.strangers for one in seen):
        yield from seen


def _apart(things: Things) -> None:
    """See to it that things belong to more than one other, where the list may ask for those."""
    session, takes = things.session, things.operation(Role.LIST).method.takes
    for field in takes.fields:
        above = session.requests.references.names(field)
        if above is not None and above is not things.resource and session.make(above):
            things.made()


def _shared_texts(things: Things) -> Iterator[tuple[str, str, str]]:
    """Arguments that are texts of the resource, or one of a list of them: argument, field, text."""
    method, theirs = things.operation(Role.LIST).method, things.resource.type.fields
    known = things.session.memory.any(things.resource)
    for asked in method.takes.fields:
        if asked.type != FieldDescriptor.TYPE_STRING or not is_plain(asked) or known is None:
            continue
        for field in theirs:
            one = names.singular(field.name) if field.is_repeated else field.name
            if field.type != asked.type or one != asked.name or _is_no_filter(field.name):
                continue
            text = _listed(things, field.name) if field.is_repeated else getattr(known, field.name)
            if len(text) >= _TELLING and text.isascii() and text.isprintable():
                yield asked.name, field.name, text


def _is_no_filter(name: str) -> bool:
    """Whether a text may say how things are shown, or names what is looked at elsewhere."""
    return names.is_code(name) or name.endswith("_id")


def _listed(things: Things, name: str) -> str:
    """A text that only a new thing has in its list of that name; empty where none can be made."""
    like: Any = things.blank()
    text = things.session.fresh.token()
    getattr(like, name).append(text)
    request = things.request_with(name, like)
    made = things.made(request) if request is not None else None
    return text if made is not None and text in getattr(made.thing, name) else ""


def _speaks_of(text: str, value: Any) -> bool:
    """Whether a text, or one of several, has *text* in it: lists look for parts of words too."""
    values = [value] if isinstance(value, str) else list(value)
    return any(text.casefold().strip() in one.casefold() for one in values)


def narrowing(things: Things) -> Iterator[tuple[str, Any]]:
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


def _switches(things: Things) -> Iterator[str]:
    """Switches of the resource by which the list may be narrowed, or not: they are `optional`."""
    theirs = things.operation(Role.LIST).method.takes.fields_by_name
    for field in things.resource.type.fields:
        asked = theirs.get(field.name)
        switch = field.type == FieldDescriptor.TYPE_BOOL and not field.is_repeated
        if switch and asked is not None and asked.type == field.type and asked.has_presence:
            yield field.name


def _kin(things: Things) -> Iterator[tuple[str, Any]]:
    """Arguments of the list that name what its things belong to, as one of them tells."""
    method, known = things.operation(Role.LIST).method, things.session.memory.any(things.resource)
    for field, value in known.ListFields() if known is not None else ():
        asked = method.takes.fields_by_name.get(field.name)
        names_it = field.name.endswith("_id") and field.name != things.resource.id
        if asked is not None and names_it and is_plain(field) and asked.type == field.type:
            yield field.name, value


def _scoped(lists: Lists) -> Iterator[Observation]:
    """Whether a list of what lies under a parent holds what lies under another (AIP-122)."""
    things, parent = lists.things, str(getattr(lists.bare, "parent", ""))
    if "/" not in parent or "-" in parent.split("/"):
        return
    field = lists.paged.method.takes.fields_by_name["parent"]
    told = things.session.seen.named(field)
    for teller in [who.method for value, who in told if value == parent and not who.sent][:1]:
        things.session.ask(teller)  # another parent, and something under it
        things.made()
    lists.exchanges.clear()
    ids = ids_of(lists.whole())
    strangers = sum(not id_.startswith(f"{parent}/") for id_ in ids)
    if strangers < len(ids):  # else names are no paths here
        exchanges = tuple(lists.exchanges)
        yield Filtered(lists.paged.method, exchanges, "parent", parent, strangers, 0)


def _expressed(lists: Lists) -> Iterator[Observation]:
    """A list narrowed by an expression over a text of its things (AIP-160)."""
    things, method = lists.things, lists.paged.method
    asked = method.takes.fields_by_name.get("filter")
    if asked is None or asked.type != FieldDescriptor.TYPE_STRING or asked.is_repeated:
        return
    lists.exchanges.clear()
    lists.whole()
    known = [item for x in lists.exchanges for item in lists.items(x)]
    for name, value in _texts(things, known):
        lists.exchanges.clear()
        x, page = lists.page(0, filter=f'{name} = "{value}"')
        if page is not None:
            strangers = sum(getattr(item, name) != value for item in lists.items(x))
            missing = int(not page.ids and not page.token)
            wanted = f"{name} = {value}"
            yield Filtered(method, (x,), "filter", wanted, strangers, missing)
            return


def _texts(things: Things, known: list[Message]) -> Iterator[tuple[str, str]]:
    """Texts of known things by which others differ, and which need no escape."""
    for field in things.resource.type.fields:
        if field.type != FieldDescriptor.TYPE_STRING or not is_plain(field):
            continue
        values = [getattr(one, field.name) for one in known]
        plain = [value for value in values if value.isalnum() and value.isascii()]
        if plain and len(set(values)) > 1 and field.name not in things.resource.server_set:
            yield field.name, plain[-1]


def _name_of(field: FieldDescriptor, number: int) -> str:
    known = field.enum_type.values_by_number.get(number) if field.enum_type else None
    return str(known.name) if known else str(number)
