"""Whole values of a member: lists and maps of an exact size, or with an edge inside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from wireproof.values.domain import Edge
from wireproof.values.plan import Member, Shape
from wireproof.values.settle import identity, several
from wireproof.values.source import LEAST

if TYPE_CHECKING:
    from wireproof.values.build import Builder

MOST = 4096
"""No longer list or map is built."""
_TOGETHER = 64


def wholes(builder: Builder, member: Member) -> Iterator[Edge]:
    """What *member* can be set to, simplest first, each with the word for it."""
    if not builder.fits(member):
        return
    if member.shape is Shape.ONE:
        yield from _singles(builder, member)
        return
    for count in _sizes(member):
        if (whole := sized(builder, member, count)) is not None:
            yield f"{count} {'items' if member.shape is Shape.MANY else 'entries'}", whole
    yield from _with_edges(builder, member)


def _singles(builder: Builder, member: Member) -> Iterator[Edge]:
    if member.value is None:
        assert member.nested is not None
        yield "set", builder.least(member.nested)
    elif member.value.domain is not None:
        simplest = member.value.domain.pick(LEAST)
        yield "simplest", simplest  # often the only one that is asked for
        known = identity(simplest)
        yield from (edge for edge in member.value.edges if identity(edge[1]) != known)


def _sizes(member: Member) -> list[int]:
    """The sizes worth trying: 1, 2, many, and the rims of the rules just inside."""
    low, high = member.low, member.high if member.high is not None else MOST
    wanted = (low, low + 1, 1, 2, 5, *((high - 1, high) if member.high is not None else ()))
    return [n for n in dict.fromkeys(wanted) if max(low, 1) <= n <= min(high, MOST)]


def _with_edges(builder: Builder, member: Member) -> Iterator[Edge]:
    """Each edge of an item, a key or a map value, in the smallest list or map that may hold it."""
    if member.value is not None:
        for name, value in member.value.edges:
            if (whole := holding(builder, member, value)) is not None:
                yield f"an item: {name}", whole
    if member.key is not None:
        for name, key in member.key.edges:
            if (whole := keyed(builder, member, key)) is not None:
                yield f"a key: {name}", whole


def together(member: Member) -> Edge | None:
    """As many edges as fit into one list."""
    if member.shape is not Shape.MANY or member.value is None:
        return None
    edges = [value for _, value in member.value.edges if len(repr(value)) < 1000]
    room = min(member.high if member.high is not None else _TOGETHER, _TOGETHER)
    if member.low <= len(edges[:room]) and edges and room:
        return "edges together", edges[:room]
    return None


def sized(builder: Builder, member: Member, count: int) -> Any:
    """A list or map of exactly *count*, or None where there are not so many different values."""
    if member.shape is Shape.MAP:
        keys = several(member.key, count) if member.key is not None else ()
        return _entries(builder, member, keys) if len(keys) == count else None
    values = _values(builder, member, count)
    if len(values) < count and (member.rules.rule("unique") or not values):
        return None
    return [values[index % len(values)] for index in range(count)]


def holding(builder: Builder, member: Member, value: Any) -> Any:
    """The smallest list or map with *value* as its first item or entry."""
    count = max(member.low, 1)
    if member.high is not None and member.high < count:
        return None
    if member.shape is Shape.MAP:
        rest = sized(builder, member, count)
        return None if rest is None else {**rest, next(iter(rest)): value}
    others = [one for one in _values(builder, member, count + 1) if one != value]
    if count > 1 and (not others or (member.rules.rule("unique") and len(others) < count - 1)):
        return None
    return [value, *(others[index % len(others)] for index in range(count - 1))]


def keyed(builder: Builder, member: Member, key: Any) -> Any:
    """The smallest map with *key* as its first key."""
    count = max(member.low, 1)
    others = several(member.key, count) if member.key is not None else ()
    keys = (key, *(one for one in others if one != key))[:count]
    fits = len(keys) == count and (member.high is None or count <= member.high)
    return _entries(builder, member, keys) if fits else None


def _entries(builder: Builder, member: Member, keys: tuple[Any, ...]) -> Any:
    values = _values(builder, member, len(keys))
    if not values and keys:
        return None
    return {key: values[index % len(values)] for index, key in enumerate(keys)}


def _values(builder: Builder, member: Member, count: int) -> tuple[Any, ...]:
    if member.value is not None:
        return several(member.value, count) if count else ()
    return (builder.least(member.nested),) if member.nested and builder.fits(member) else ()
