"""Work that may be unable to run: its value or its reason, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from wireproof.errors import InternalError, WireproofError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Attempt(Generic[T]):
    """What came of some work: exactly one of *value* and *error*."""

    seconds: float
    value: T | None = None
    error: WireproofError | None = None


def attempt(work: Callable[[], T]) -> Attempt[T]:
    """Do *work*; a WireproofError that it raises is kept: other stages still have a say."""
    begun = time.perf_counter()
    try:
        value = work()
    except WireproofError as error:
        return Attempt(time.perf_counter() - begun, error=error)
    except Exception as cause:  # noqa: BLE001 - a mistake of ours must not take other stages along
        return Attempt(time.perf_counter() - begun, error=InternalError(cause))
    return Attempt(time.perf_counter() - begun, value=value)
