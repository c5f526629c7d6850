"""Every HTTP route of the two versions, to tell where a request line leads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from wireproof.changes.http import Binding, bindings
from wireproof.changes.options import HTTP, option
from wireproof.changes.versions import Versions
from wireproof.schema.elements import Rpc
from wireproof.schema.index import Index
from wireproof.witness.http import captured, meeting, same_verb


class Route(NamedTuple):
    """One binding of one method."""

    rpc: Rpc
    binding: Binding


class Routes:
    """The routes of both versions, read when a rule first asks where a request leads."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    @cached_property
    def old(self) -> tuple[Route, ...]:
        return tuple(_routes(self._versions.old))

    @cached_property
    def new(self) -> tuple[Route, ...]:
        return tuple(_routes(self._versions.new))

    @cached_property
    def methods_before(self) -> frozenset[str]:
        """The full names that the old version's methods have in the new one."""
        services = self._versions.old.services.values()
        name = self._versions.new_name
        return frozenset(name(rpc.full_name) for one in services for rpc in one.rpcs.values())

    @cached_property
    def _by_head(self) -> tuple[dict[str, list[Route]], dict[str, list[Route]]]:
        return _heads(self.old), _heads(self.new)

    def leading(self, verb: str, path: str, *, new: bool) -> list[Route]:
        """The routes of one version that take such a request."""
        heads = self._by_head[1 if new else 0]
        near = [route for head in {_head(path), ""} for route in heads.get(head, ())]
        return [
            route
            for route in near
            if same_verb(route.binding.verb, verb)
            and captured(route.binding.path, path) is not None
        ]

    def met(self, verb: str, template: str) -> Iterator[tuple[Route, str]]:
        """The old version's routes that share requests with *template*, each with one of them."""
        heads, head = self._by_head[0], _head(template)
        near = {head, ""} if head else heads.keys()
        for route in (route for one in near for route in heads.get(one, ())):
            if same_verb(route.binding.verb, verb) and (
                path := meeting(template, route.binding.path)
            ):
                yield route, path


def _heads(routes: tuple[Route, ...]) -> dict[str, list[Route]]:
    found: dict[str, list[Route]] = {}
    for route in routes:
        found.setdefault(_head(route.binding.path), []).append(route)
    return found


def _head(path: str) -> str:
    """The first two segments, empty where a template leaves one of them open."""
    first = "/".join(path.split("/")[:3]).partition(":")[0]
    open_ended = "*" in first or "{" in first or "**" in path
    return "" if open_ended or path.count("/") < 3 else first


def _routes(index: Index) -> Iterator[Route]:
    pool = index.schema.pool  # files that did not change know options that the others dropped
    for name in sorted(index.schema.own):
        for service in index.file(name).services:
            for rpc in service.rpcs.values():
                yield from (Route(rpc, binding) for binding in bindings_of(rpc, pool))


def bindings_of(rpc: Rpc, pool: Any) -> tuple[Binding, ...]:
    """The bindings of a method, as its own version's *pool* reads them."""
    return bindings(option(rpc, HTTP, pool)) if rpc.proto.HasField("options") else ()
