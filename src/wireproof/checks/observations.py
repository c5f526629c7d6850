"""What a sequence of calls showed, as plain data for the checks.

Each observation names its *subject* (the method it is about) and holds the *exchanges* that show
it, in their order.
"""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.message import Message

from wireproof.checks.compare import Paths
from wireproof.checks.facts import UNANSWERED
from wireproof.exchange import Exchange, Method


@dataclass(frozen=True, slots=True)
class Observation:
    """A sequence of calls and the method that it is about."""

    subject: Method
    exchanges: tuple[Exchange, ...]

    @property
    def unanswered(self) -> bool:
        """Whether the last call came to no answer, so that nothing found is nothing known."""
        return bool(self.exchanges) and self.exchanges[-1].code in UNANSWERED


@dataclass(frozen=True, slots=True)
class OfNothing(Observation):
    """A Get, Update or Delete of something that never was; the last exchange is the answer."""


@dataclass(frozen=True, slots=True)
class ReadBack(Observation):
    """Something was created, then read."""

    sent: Message
    created: Message
    got: Message | None
    """None where the read failed."""
    server_set: Paths = frozenset()
    """Fields that the server sets by itself."""
    declares_behavior: bool = False
    """Whether the schema marks fields that the server sets, so that the others are the caller's."""


@dataclass(frozen=True, slots=True)
class SecondCreate(Observation):
    """Something was created twice under one identifier; the last exchange is the second."""

    replaced: bool = False
    """Whether what is read afterwards is the second, and the first is lost."""


@dataclass(frozen=True, slots=True)
class Repeated(Observation):
    """The same create twice, with one idempotency key."""

    same_payload: bool
    first_id: str
    second_id: str | None
    """None where the second was refused."""
    key: str = ""
    """The name of the key's field."""
    spoken: bool = False
    """Whether the schema speaks of it as a key: by its name, or as no reader's request has it."""


@dataclass(frozen=True, slots=True)
class ServerSetWritten(Observation):
    """A request set a field that only the server may set."""

    field: str
    sent: Message
    after: Message


@dataclass(frozen=True, slots=True)
class ImmutableWritten(Observation):
    """An update named a field that never changes; the last exchange is it."""

    field: str
    before: Message
    after: Message | None
    """What was read afterwards; None where the update was refused."""


@dataclass(frozen=True, slots=True)
class Updated(Observation):
    """An update answered OK, with the resource read before and after it."""

    paths: Paths
    """What the update names; without a mask, what it populates."""
    masked: bool
    before: Message
    sent: Message
    after: Message
    server_set: Paths = frozenset()
    creation: Paths = frozenset()
    """Fields that tell when the resource was created."""


@dataclass(frozen=True, slots=True)
class ImpossiblePath(Observation):
    """An update whose mask names a field that does not exist; the last exchange is the answer."""


@dataclass(frozen=True, slots=True)
class BrokenUpdate(Observation):
    """An update that would leave a resource that breaks its own rule was answered OK."""

    path: str
    rule: str
    stored: bool
    """Whether the resource was then read with the offending value."""


@dataclass(frozen=True, slots=True)
class Refused(Observation):
    """A request was refused, with the resource read before and after it."""

    before: Message | None
    after: Message | None
    """None where there is none."""


@dataclass(frozen=True, slots=True)
class Twice(Observation):
    """A method declared idempotent was called twice with one request; both replies."""

    first: Message
    second: Message | None
    """None where the second call failed."""
    server_set: Paths = frozenset()


@dataclass(frozen=True, slots=True)
class Deleted(Observation):
    """A delete answered OK; then a read; then the delete once more."""

    before: Message
    read: Exchange
    read_back: Message | None
    again: Exchange | None
    idempotent: bool = False
    """Whether the schema declares the delete idempotent."""
    updated: Exchange | None = None
    """An update of what was deleted."""


@dataclass(frozen=True, slots=True)
class ListedAfterDelete(Observation):
    """A list held something, a delete of it answered OK, the same list was read again."""

    still_listed: bool
    told: bool = False
    """Whether Get still tells of it: it may be marked as deleted."""


@dataclass(frozen=True, slots=True)
class ValidatedOnly(Observation):
    """A create with validate_only answered OK, and the resource was looked for."""

    exists: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    asked: int
    """The size asked for; 0 where none was."""
    ids: tuple[str, ...]
    token: str


@dataclass(frozen=True, slots=True)
class Paged(Observation):
    """A list read in small pages, and what it holds."""

    pages: tuple[Page, ...]
    expected: tuple[str, ...]
    """Everything that the pages must hold: what was there from the first page to the last."""
    ended: bool
    """Whether the pages came to an end."""
    during: str = ""
    """What else happened while the pages were read."""


@dataclass(frozen=True, slots=True)
class NegativePageSize(Observation):
    """A list was asked for a page of -1; the last exchange is the answer."""


@dataclass(frozen=True, slots=True)
class TokenReused(Observation):
    """A page token was used with other arguments; the last exchange is the answer."""

    argument: str


@dataclass(frozen=True, slots=True)
class Filtered(Observation):
    """A list was narrowed by a field of the resource."""

    field: str
    wanted: str
    strangers: int
    """How many listed resources hold something else there."""
    missing: int = 0
    """How many resources that hold it are left out."""
    overlooked: int = 0
    """How many of them hold just that, and still do after the narrow list was read."""


@dataclass(frozen=True, slots=True)
class Sorted(Observation):
    """A list was asked for an order; the field's values in the order of the reply."""

    field: str
    descending: bool
    in_order: bool
    understood: bool = False
    """Whether it holds numbers, in an order of a list that refuses what is no order."""


@dataclass(frozen=True, slots=True)
class Batched(Observation):
    """A stream of items was answered by one aggregate."""

    sent: int
    accounted: int
    """How many items the aggregate tells of, made or failed."""
    missing: int = 0
    """How many items are neither told of as failed nor found afterwards."""


@dataclass(frozen=True, slots=True)
class InvalidItem(Observation):
    """An item that breaks one rule, between valid ones, on a stream; the last exchange is it."""

    path: str
    rule: str
    refused: bool
    """Whether the stream or a reply in it tells of the refusal."""
    position: int


@dataclass(frozen=True, slots=True)
class Answered(Observation):
    """Requests on a bidirectional stream, and the replies, as the values that pair them."""

    asked: tuple[str, ...]
    answered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Interleaved(Observation):
    """Two streams open at once; what one was asked, and what of all was answered there."""

    asked: tuple[str, ...]
    answered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EmptyStream(Observation):
    """A bidirectional stream without a request; the last exchange is it."""


@dataclass(frozen=True, slots=True)
class Events(Observation):
    """A stream of events stood open while things changed."""

    changes: tuple[str, ...]
    """What was done, each as `kind` (`create`, `update`, `delete`)."""
    counts: tuple[int, ...]
    """How many events tell of each change."""
    repeats: int
    """How many events came a second time."""


@dataclass(frozen=True, slots=True)
class Resumed(Observation):
    """A stream of events was taken up again after one of them."""

    after: int
    expected: tuple[str, ...]
    """Fingerprints of the events that followed the first time."""
    got: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ValidRefused(Observation):
    """A valid value was refused; the last exchange is the refusal."""

    path: str
    because: str
    """What the refusal names."""
