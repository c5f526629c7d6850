"""What a run has learnt of the server: which things exist, which values it knows."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

from wireproof.testing.api import Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 1000
"""Things of one kind to remember: a run of any length fits in memory."""
_RECENT = 16
"""How many of the newest things requests in bulk spread over."""


class Memory:
    """The things that are known to exist, the newest last; only what this run has made or seen."""

    def __init__(self) -> None:
        self._made: dict[str, dict[Any, Message]] = defaultdict(dict)
        self._seen: dict[str, dict[Any, Message]] = defaultdict(dict)
        self._gone: dict[str, dict[Any, Message]] = defaultdict(dict)
        self._turn: int | None = None
        self._spent = 0

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """`any` names the newest things in turn, so that no one of them gets all the requests.

        They are put in the order of their identifiers first: where a server counts, it gives the
        same ones to calls in flight together, but who gets which hangs on their arrival.
        """
        for kind, known in self._made.items():
            self._made[kind] = dict(sorted(known.items()))
        self._turn, self._spent = 0, 0
        try:
            yield
        finally:
            self._turn = None

    def made(self, resource: Resource, thing: Message) -> None:
        """*thing* was created by this run."""
        known = self._made[resource.type.full_name]
        self._gone[resource.type.full_name].pop(getattr(thing, resource.id), None)
        known.pop(getattr(thing, resource.id), None)
        known[getattr(thing, resource.id)] = thing
        if len(known) > _MOST:
            del known[next(iter(known))]

    def seen(self, resource: Resource, thing: Message) -> None:
        """*thing* was there before."""
        self._gone[resource.type.full_name].pop(getattr(thing, resource.id), None)
        known = self._seen[resource.type.full_name]
        if len(known) < _MOST:
            known.setdefault(getattr(thing, resource.id), thing)

    def gone(self, resource: Resource, id_: Any) -> None:
        """Nothing has this identifier any more."""
        for things in (self._made, self._seen):
            thing = things[resource.type.full_name].pop(id_, None)
            if thing is not None:
                deleted = self._gone[resource.type.full_name]
                deleted[id_] = thing
                if len(deleted) > _MOST:
                    del deleted[next(iter(deleted))]

    def lost(self, resource: Resource, id_: Any) -> None:
        """Nothing has this identifier, for whatever reason."""
        for things in (self._made, self._seen):
            things[resource.type.full_name].pop(id_, None)

    def knows(self, id_: Any) -> bool:
        """Whether anything, of whatever kind, is known to have or have had this identifier."""
        return any(id_ in one for of in (self._made, self._seen, self._gone) for one in of.values())

    def deleted(self, resource: Resource) -> Message | None:
        """Something that was deleted last."""
        return next(reversed(self._gone[resource.type.full_name].values()), None)

    def any(self, resource: Resource) -> Message | None:
        """Something that exists; what this run has made goes first."""
        for things in (self._made, self._seen):
            known = things[resource.type.full_name]
            if known:
                return self._chosen(known)
        return None

    def several(self, resource: Resource) -> list[Message]:
        """What exists, the newest first; what this run has made before what it has seen."""
        name = resource.type.full_name
        return list(reversed({**self._seen[name], **self._made[name]}.values()))

    def spare(self, resource: Resource) -> Message | None:
        """Something to delete; in bulk the oldest, so that others find what they name."""
        if self._turn is None:
            return self.any(resource)
        made = self._made[resource.type.full_name]
        self._spent += 1
        return next(islice(made.values(), self._spent, max(len(made) - _RECENT, 0)), None)

    def _chosen(self, known: dict[Any, Message]) -> Message:
        if self._turn is None:
            return next(reversed(known.values()))
        self._turn += 1
        at = self._turn % min(len(known), _RECENT)
        return next(islice(reversed(known.values()), at, None))

    def has_plenty(self) -> bool:
        """Whether this run has made so much that nobody asks for what it has seen."""
        return bool(self._made) and all(len(known) > _RECENT for known in self._made.values())

    def latest(self, resource: Resource) -> Message | None:
        """What this run has made last."""
        made = self._made[resource.type.full_name]
        return next(reversed(made.values())) if made else None

    def ids(self, resource: Resource) -> tuple[Any, ...]:
        """What this run has made."""
        return tuple(self._made[resource.type.full_name])
