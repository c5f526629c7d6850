"""Trials of methods that answer with a google.longrunning.Operation: it is asked how it fares."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from wireproof.checks.observations import Observation
from wireproof.checks.operations import Begun, Operated, Undone
from wireproof.exchange import Exchange, Method, Style
from wireproof.testing import declared
from wireproof.testing.lags import LAGS, settled
from wireproof.testing.options import Phase
from wireproof.testing.session import Session
from wireproof.testing.trial import Trial

_OPERATION = "google.longrunning.Operation"
_ASKS = "google.longrunning.GetOperationRequest"
_INFO = "google.longrunning.operation_info"


def operating(session: Session, targets: frozenset[str]) -> Iterator[Trial]:
    """A trial of every such method."""
    asks = next((m for m in session.api.methods if m.takes.full_name == _ASKS), None)
    for method in session.api.methods:
        gives = method.gives.full_name == _OPERATION and method != asks
        if gives and method.style is Style.UNARY and method.full_name in targets:
            run = partial(_followed, method=method, asks=asks)
            yield Trial(Phase.STATEFUL, method, run, "operation")


def _followed(session: Session, method: Method, asks: Method | None) -> Iterator[Observation]:
    session.prepare(method)
    x = session.call(method, session.base(method))
    operation: Any = next(x.replies(), None) if x.ok else None
    if operation is None:
        return
    yield _told(session, method, (x,), operation)
    if asks is None or not operation.name or operation.done:
        return
    ask = partial(_asked, session, asks, operation.name)
    first = ask()
    yield Begun(method, (x, first[0]))
    y, told = settled(first, ask, lambda one: one[1] is None or one[1].done)
    if told is None:
        return
    yield _told(session, method, (x, y), told)
    if not told.done:
        session.note(method, f"whether it ends: it had not after {sum(LAGS):g} s")
    else:
        z, again = ask()
        if again is not None and again != told:
            yield Undone(method, (x, y, z))


def _asked(session: Session, asks: Method, name: str) -> tuple[Exchange, Any]:
    x = session.call(asks, asks.request(name=name))
    return x, next(x.replies(), None) if x.ok else None


def _told(
    session: Session, method: Method, exchanges: tuple[Exchange, ...], operation: Any
) -> Operated:
    return Operated(
        method,
        exchanges,
        done=operation.done,
        result=operation.WhichOneof("result") or "",
        unfit=tuple(_unfit(session, method, operation)),
        fault=operation.error.code,
    )


def _unfit(session: Session, method: Method, operation: Any) -> Iterator[tuple[str, str, str]]:
    """The fields that hold another type than the method declares."""
    info = declared.option(session.schema, method.descriptor, _INFO)
    pairs = (("response", "response_type"), ("metadata", "metadata_type"))
    for field, says in pairs if info is not None else ():
        promised = getattr(info, says)
        held = getattr(operation, field).TypeName() if operation.HasField(field) else promised
        if promised and held != promised and held.rpartition(".")[2] != promised:
            package = method.descriptor.containing_service.file.package
            if held != f"{package}.{promised}":
                yield field, promised, held
