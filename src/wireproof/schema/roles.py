"""Which way a message travels: to the server, to the client, or into storage."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache, partial
from typing import NamedTuple

from wireproof.beside import beside
from wireproof.schema.image import PackedFile, reached
from wireproof.schema.lazy import lazy
from wireproof.schema.schema import Schema
from wireproof.schema.uses import CARRIERS, Uses, uses


class Role(NamedTuple):
    """What may happen to the data of one message or enum."""

    request: bool
    response: bool
    stored: bool
    promised: bool = False
    """Whether some method promises that replies with it keep its validation rules."""
    asked_over_http: bool = False
    """Whether it is part of a request of a method that `google.api.http` binds."""
    answered_over_http: bool = False
    """Whether it is part of a reply of such a method."""

    @property
    def over_http(self) -> Role:
        """What happens to it where calls are made over HTTP."""
        return Role(self.asked_over_http, self.answered_over_http, stored=False)

    @property
    def words(self) -> str:
        names = (("request", self.request), ("response", self.response), ("stored", self.stored))
        return ", ".join(name for name, holds in names if holds)


ANYWHERE = Role(request=True, response=True, stored=True)


class Roles:
    """The role of each type, by reachability over the RPCs of both versions.

    What no RPC reaches (events, Any, status details, shared modules) may travel both ways and be
    stored; so is what an annotation or the policy calls stored (*stored*: full names, `*` stands
    for any letters), with all that it holds. *about* names the files whose types will mostly be
    asked for: a type is reached from files that import its own, so that of a large schema few are
    looked at.
    """

    def __init__(
        self,
        versions: Iterable[Schema],
        about: Iterable[str] | None = None,
        stored: Iterable[str] = (),
    ) -> None:
        self._versions = tuple(versions)
        self._stored = tuple(stored)
        near = frozenset() if about is None else frozenset(about)
        self._near = beside(partial(_roles, self._versions, near, self._stored), len(near))

    def wait(self) -> None:
        """Have at hand the roles of the types in the files *about*."""
        self._near()

    def of(self, full_name: str) -> Role:
        """The role of the message or enum *full_name*."""
        name = f".{full_name}"
        return self._near().get(name) or self._whole.get(name) or ANYWHERE

    @lazy
    def _whole(self) -> dict[str, Role]:
        return _roles(self._versions, None, self._stored)


def _roles(
    versions: Iterable[Schema], about: frozenset[str] | None, stored: tuple[str, ...]
) -> dict[str, Role]:
    """Type → its role, read from all files or from those that lead to the files *about*."""
    known: set[str] = set()
    carrying: dict[str, set[str]] = {kind: set() for kind in CARRIERS}
    kept: set[str] = set()
    uses_of = _UsesOf()
    for schema in versions:
        files = schema.by_name.keys() if about is None else _leading(schema, about, uses_of)
        found = [uses_of[packed] for packed in schema.packed if packed.name in files]
        graph = _graph(found)
        known |= graph.keys()
        for kind, carried in carrying.items():
            carried |= reached((name for one in found for name in one.carried[kind]), graph)
        named = {name for one in found for name in one.stored}
        named |= {n for p in stored for n in graph if fnmatchcase(n[1:], p)}
        kept |= reached(named, graph)
    return {
        name: _role(name in kept, *(name in carried for carried in carrying.values()))
        for name in known
    }


@cache
def _role(
    stored: bool, request: bool, response: bool, promised: bool, asked: bool, answered: bool
) -> Role:
    return (
        Role(request, response, stored, promised, asked, answered)
        if request or response
        else ANYWHERE
    )


def _leading(schema: Schema, about: frozenset[str], uses_of: _UsesOf) -> frozenset[str]:
    """The files from which an RPC can reach a type of the files *about*.

    An extension leads on from the message that it extends, whose file need not import its own.
    """
    files = schema.importing(about)
    while True:
        extending = (p for p in schema.packed if p.name in files and uses_of[p].extensions)
        extended = {name for packed in extending for name in _visible(schema, packed)}
        if extended <= files:
            return files
        files = schema.importing(files | extended)


def _visible(schema: Schema, packed: PackedFile) -> set[str]:
    """The files whose types *packed* may name, its own left out."""
    found: set[str] = set()
    waiting = list(packed.imports)
    while waiting:
        name = waiting.pop()
        if name not in found and name in schema.by_name:
            found.add(name)
            near = schema.by_name[name]
            waiting += (near.imports[index] for index in near.proto.public_dependency)
    return found


class _UsesOf(dict[PackedFile, Uses]):
    """Each file's uses, read once: versions share the files that are the same in them."""

    def __missing__(self, packed: PackedFile) -> Uses:
        found = self[packed] = uses(packed)
        return found


def _graph(found: Iterable[Uses]) -> dict[str, tuple[str, ...]]:
    """Type → the types that its fields and extensions hold."""
    graph: dict[str, tuple[str, ...]] = {}
    extensions: list[tuple[str, str]] = []
    for one in found:
        graph |= one.types
        extensions += one.extensions
    for extended, by in extensions:
        graph[extended] = (*graph.get(extended, ()), by)
    return graph
