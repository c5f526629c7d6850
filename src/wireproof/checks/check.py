"""What a check is: a row with a pure function over something that was observed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from wireproof.checks.facts import Kind, kind_of
from wireproof.exchange import Exchange, Style
from wireproof.finding import Breach

Seen = TypeVar("Seen")


class Profile(StrEnum):
    """Whose promises are held against a service."""

    GRPC = "grpc"
    """What gRPC, Protobuf and the schema itself fix: always on."""
    AIP = "aip"
    """Google's API Improvement Proposals: where asked for, or where the schema's own annotations
    (google.api) make a method one of their standard methods."""
    SELF = "self"
    """What a server says itself: where no AIP is asked for or promised, in their place."""
    AIP_STRICT = "aip-strict"
    """The part of them that hardly any service keeps: only where asked for."""


@dataclass(frozen=True, slots=True)
class Check(Generic[Seen]):
    """A row of the table. *check* yields breaches; severity is the policy's."""

    id: str
    on: type[Seen]
    """The type of observation that it judges."""
    check: Callable[[Seen], Iterator[Breach]]
    says: str
    """A sentence with {subject}, {promised} and {found}."""
    why: str
    fix: str
    source: str
    """The document that fixes the promise; `heuristic` where none does."""
    profile: Profile = Profile.GRPC
    styles: tuple[Style, ...] = tuple(Style)
    kinds: frozenset[Kind] = frozenset(Kind)
    """Of an exchange: the kinds of requests to which an answer is judged."""
    ok: bool | None = None
    """Of an exchange: whether only what ended with OK is judged, or only what did not."""

    def concerns(self, seen: Seen) -> bool:
        """Whether it has anything to say of what was seen; *check* is asked only then."""
        if type(seen) is not self.on:
            return False
        if not isinstance(seen, Exchange):
            return True
        as_asked = seen.method.style in self.styles and kind_of(seen) in self.kinds
        return as_asked and self.ok in (None, seen.ok)

    def message(self, breach: Breach) -> str:
        """What happened, in a sentence."""
        return self.says.format(
            subject=breach.subject, promised=breach.promised, found=breach.found
        )
