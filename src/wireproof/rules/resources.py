"""The resource types that the two versions declare, wherever they do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from wireproof.changes.options import option
from wireproof.changes.versions import Versions
from wireproof.schema.index import Index

RESOURCE = 1053
"""Extension number of google.api's `resource` of messages and `resource_definition` of files."""
_HOLE = re.compile(r"\{[^}]+\}")
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


def names(reference: Any, declared: Declared) -> frozenset[str]:
    """The patterns of the names that a `resource_reference` takes, variables unnamed.

    Empty where no file declares the type. By `child_type`, they are those of its parents.
    """
    found = declared.get(reference.type or reference.child_type)
    patterns = [_HOLE.sub("{}", one) for one in found.pattern] if found is not None else []
    return frozenset(patterns if reference.type else map(_parent, patterns))


def _parent(pattern: str) -> str:
    """AIP-122: an id stands after its collection; a singleton has none."""
    segments = pattern.split("/")
    return "/".join(segments[: -2 if "{" in segments[-1] else -1])
