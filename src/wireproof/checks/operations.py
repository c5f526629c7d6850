"""Checks of long-running operations: google.longrunning.Operation, and what its file says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wireproof.checks.check import Check
from wireproof.checks.facts import Code
from wireproof.checks.observations import Observation
from wireproof.finding import Breach

_SOURCE = "google/longrunning/operations.proto"


@dataclass(frozen=True, slots=True)
class Begun(Observation):
    """A method answered with an operation that goes on; the last exchange asks how it fares."""


@dataclass(frozen=True, slots=True)
class Operated(Observation):
    """An operation as some reply tells it."""

    done: bool
    result: str
    """`response` or `error`; empty where there is neither."""
    unfit: tuple[tuple[str, str, str], ...] = ()
    """Any fields that hold another type than the method declares: field, declared, held."""
    fault: int = 0
    """The code of its error."""


@dataclass(frozen=True, slots=True)
class Undone(Observation):
    """An operation that was done, asked for once more, is not done, or has another result."""


def is_known(seen: Begun) -> Iterator[Breach]:
    if seen.exchanges[-1].code is Code.NOT_FOUND:
        yield Breach(seen.subject.full_name, "an operation that can be asked for", "NOT_FOUND")


def has_result(seen: Operated) -> Iterator[Breach]:
    name = seen.subject.full_name
    if seen.done and not seen.result:
        yield Breach(name, "a response or an error once it is done", "neither")
    elif seen.result and not seen.done:
        yield Breach(name, "no result before it is done", seen.result)
    elif seen.result == "error" and not seen.fault:
        yield Breach(name, "an error with a code", "OK")


def holds_types(seen: Operated) -> Iterator[Breach]:
    for field, declared, held in seen.unfit:
        yield Breach(f"{seen.subject.full_name}: {field}", declared, held)


def stays_done(seen: Undone) -> Iterator[Breach]:
    yield Breach(seen.subject.full_name, "what it was once it is done", "something else")


def _row(id_: str, on: Any, check: Any, says: str, why: str, fix: str) -> Check[Any]:
    return Check(id_, on, check, says, why, fix, source=_SOURCE)


OPERATIONS: tuple[Check[Any], ...] = (
    _row(
        "OPERATION_IS_KNOWN",
        Begun,
        is_known,
        "{subject} must answer with {promised}; asked, the server says {found}",
        "A caller waits for what nobody knows of.",
        "Store the operation before it is answered.",
    ),
    _row(
        "OPERATION_HAS_RESULT",
        Operated,
        has_result,
        "the operation of {subject} must hold {promised}; it holds {found}",
        "Clients unpack the result of what is done.",
        "Set `response` or `error` together with `done`, and neither before.",
    ),
    _row(
        "OPERATION_TYPES_KEPT",
        Operated,
        holds_types,
        "{subject} must hold {promised}; it holds {found}",
        "Clients unpack the types that google.longrunning.operation_info names.",
        "Pack what the method declares.",
    ),
    _row(
        "OPERATION_STAYS_DONE",
        Undone,
        stays_done,
        "the operation of {subject} must stay {promised}; it is {found}",
        "Two callers that wait for one operation learn two different things.",
        "Write the result once.",
    ),
)
