"""What a check is: a row with a pure function over something that was observed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from wireproof.exchange import Style
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

    def message(self, breach: Breach) -> str:
        """What happened, in a sentence."""
        return self.says.format(
            subject=breach.subject, promised=breach.promised, found=breach.found
        )
