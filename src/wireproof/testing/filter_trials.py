"""Trials of lists that are narrowed: by arguments, by a parent, by an expression."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.observations import Filtered, Observation
from wireproof.testing.api import Role
from wireproof.testing.paging import Lists, ids_of, started
from wireproof.testing.shapes import is_plain
from wireproof.testing.things import Things


def filtered(things: Things) -> Iterator[Observation]:
    """A list narrowed by each enum or bool that it shares with the resource."""
    lists = started(things)
    if lists is None:
        return
    yield from _scoped(lists)
    yield from _expressed(lists)
    for name, value in (*narrowing(things), *_kin(things)):
        lists.exchanges.clear()
        everything = lists.whole()
        known = [item for x in lists.exchanges for item in lists.items(x)]
        wanted = {things.id_of(item) for item in known if getattr(item, name) == value}
        lists.exchanges.clear()
        narrowed = lists.whole(**{name: value})
        found = [item for x in lists.exchanges for item in lists.items(x)]
        if not lists.exchanges or not lists.exchanges[-1].ok:
            continue
        complete = everything and narrowed
        missing = wanted - {things.id_of(item) for item in found} if complete else ()
        field = things.resource.type.fields_by_name[name]
        strangers = sum(getattr(item, name) != value for item in found)
        yield Filtered(
            lists.paged.method,
            tuple(lists.exchanges),
            name,
            _name_of(field, value),
            strangers,
            len(missing),
        )


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
