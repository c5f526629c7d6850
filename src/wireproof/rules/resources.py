"""The resource types that the two versions declare, wherever they do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from wireproof.changes.options import option
from wireproof.changes.versions import Versions
from wireproof.schema.index import Index

RESOURCE = 1053
"""Extension number of google.api's `resource` of messages and `resource_definition` of files."""
Declared = dict[str, Any]
"""Resource type → its ResourceDescriptor."""


class Resources:
    """Read when a rule first asks for a type that is not where it was."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    @cached_property
    def old(self) -> Declared:
        return dict(_declared(self._versions.old))

    @cached_property
    def new(self) -> Declared:
        return dict(_declared(self._versions.new))


def _declared(index: Index) -> Iterator[tuple[str, Any]]:
    pool = index.schema.pool
    for file in index.files():
        for one in option(file, RESOURCE, pool) or ():
            yield one.type, one
        for message in file.all_messages():
            found = option(message, RESOURCE, pool)
            if found is not None:
                yield found.type, found


def referred(reference: Any, declared: Declared) -> frozenset[str]:
    """The types whose names a `resource_reference` takes: by `child_type`, those of parents."""
    if not reference.child_type:
        return frozenset({reference.type}) - {""}
    child = declared.get(reference.child_type)
    parents = {_parent(pattern) for pattern in child.pattern} if child is not None else set()
    return frozenset(name for name, one in declared.items() if parents & set(one.pattern))


def _parent(pattern: str) -> str:
    """`shelves/{shelf}` of `shelves/{shelf}/books/{book}`."""
    return "/".join(pattern.split("/")[:-2])
