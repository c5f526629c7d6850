"""Every HTTP route of the two versions, to tell where a request line leads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wireproof.changes.http import Binding, bindings
from wireproof.changes.options import HTTP, option
from wireproof.changes.versions import Versions
from wireproof.schema.elements import Rpc
from wireproof.schema.index import Index
from wireproof.witness.http import captured, same_verb


@dataclass(frozen=True, slots=True)
class Route:
    """One binding of one method."""

    rpc: Rpc
    binding: Binding


class Routes:
    """The routes of the files that differ: what did not change routes as it did."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    @cached_property
    def old(self) -> tuple[Route, ...]:
        v = self._versions
        return tuple(_routes(v.old, v.old_files, v.old_pool))

    @cached_property
    def new(self) -> tuple[Route, ...]:
        v = self._versions
        return tuple(_routes(v.new, v.new_files, v.new_pool))

    @cached_property
    def _by_head(self) -> tuple[dict[str, list[Route]], dict[str, list[Route]]]:
        return _heads(self.old), _heads(self.new)

    def leading(self, verb: str, path: str, *, new: bool) -> list[Route]:
        """The routes of one version that take such a request."""
        heads = self._by_head[1 if new else 0]
        near = [*heads.get(_head(path), ()), *heads.get("", ())]
        return [
            route
            for route in near
            if same_verb(route.binding.verb, verb) and captured(route.binding.path, path) is not None
        ]


def _heads(routes: tuple[Route, ...]) -> dict[str, list[Route]]:
    found: dict[str, list[Route]] = {}
    for route in routes:
        found.setdefault(_head(route.binding.path), []).append(route)
    return found


def _head(path: str) -> str:
    """The first two segments, empty where a template leaves one of them open."""
    first = "/".join(path.split("/")[:3]).partition(":")[0]
    return "" if "*" in first or "{" in first or path.count("/") < 3 else first


def _routes(index: Index, files: tuple[str, ...], pool: Any) -> Iterator[Route]:
    for name in files:
        for service in index.file(name).services:
            for rpc in service.rpcs.values():
                for binding in bindings(option(rpc, HTTP, pool)):
                    yield Route(rpc, binding)
