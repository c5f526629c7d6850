"""Many requests in one stream: each has an outcome of its own, and one's failure stops no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from service import errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from google.rpc import status_pb2

LARGEST_BATCH = 10_000  # requests

Request = TypeVar("Request")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Request, Result]):
    """What became of one request: a result, or the status of its failure."""

    position: int
    request: Request
    result: Result | None = None
    failure: status_pb2.Status | None = None


async def outcomes(
    requests: AsyncIterator[Request],
    work: Callable[[Request], Awaitable[Result]],
    *,
    most: int | None = None,
) -> AsyncIterator[Outcome[Request, Result]]:
    """Do the work for each request, one after the other; refuses the one after the `most`th."""
    position = 0
    async for request in requests:
        if position == most:
            raise errors.batch_too_large(most)
        try:
            outcome = Outcome(position, request, await work(request))
        except Exception as error:  # noqa: BLE001 (one item's failure stops no other)
            outcome = Outcome(position, request, failure=errors.status_of(error))
        yield outcome
        position += 1
