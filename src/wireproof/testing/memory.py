"""What a run has learnt of the server: which things exist, which values it knows."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from google.protobuf.message import Message

from wireproof.testing.api import Resource


class Memory:
    """The things that are known to exist, the newest last; only what this run has made or seen."""

    def __init__(self) -> None:
        self._made: dict[str, dict[Any, Message]] = defaultdict(dict)
        self._seen: dict[str, dict[Any, Message]] = defaultdict(dict)

    def made(self, resource: Resource, thing: Message) -> None:
        """*thing* was created by this run."""
        self._made[resource.type.full_name].pop(getattr(thing, resource.id), None)
        self._made[resource.type.full_name][getattr(thing, resource.id)] = thing

    def seen(self, resource: Resource, thing: Message) -> None:
        """*thing* was there before."""
        self._seen[resource.type.full_name].setdefault(getattr(thing, resource.id), thing)

    def gone(self, resource: Resource, id_: Any) -> None:
        """Nothing has this identifier any more."""
        self._made[resource.type.full_name].pop(id_, None)
        self._seen[resource.type.full_name].pop(id_, None)

    def any(self, resource: Resource) -> Message | None:
        """Something that exists; what this run has made goes first."""
        for things in (self._made, self._seen):
            known = things[resource.type.full_name]
            if known:
                return next(reversed(known.values()))
        return None

    def latest(self, resource: Resource) -> Message | None:
        """What this run has made last."""
        made = self._made[resource.type.full_name]
        return next(reversed(made.values())) if made else None

    def ids(self, resource: Resource) -> tuple[Any, ...]:
        """What this run has made."""
        return tuple(self._made[resource.type.full_name])
