"""Rules over services, RPCs and extensions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from wireproof.changes import kinds
from wireproof.finding import Breaks, Severity, Witness
from wireproof.rules.context import Context
from wireproof.rules.replaced import refused_of
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.rules.shows import in_place
from wireproof.rules.shows_oneofs import default_differs
from wireproof.rules.structure import Difference
from wireproof.schema.fields import Field
from wireproof.witness.sides import first

_NOT_NEW_CLIENTS = frozenset({Breaks.NEW_CLIENT})


def service_removed(change: kinds.ServiceRemoved, _: Context) -> Iterator[Break]:
    yield Break(f"service {change.old.name}", "removed", rpc=Flow.OLD_TO_NEW, source=True)


def service_moved(change: kinds.ServiceMoved, _: Context) -> Iterator[Break]:
    yield Break(change.before, change.after, source=True)


def rpc_removed(change: kinds.RpcRemoved, _: Context) -> Iterator[Break]:
    path = f"/{change.old.service.full_name}/{change.old.name}"
    yield Break(path, "removed", rpc=Flow.OLD_TO_NEW, source=True)


def streaming_changed(change: kinds.RpcStreamingChanged, _: Context) -> Iterator[Break]:
    yield Break(change.before, change.after, rpc=Flow.BOTH, source=True)


def request_changed(change: kinds.RpcRequestTypeChanged, context: Context) -> Iterator[Break]:
    lost = context.structure.messages(change.old.request, change.new.request)
    yield _replaced(change, lost, lost.wire, lost.json, _refused(change, context)[0])


def _refused(change: kinds.RpcRequestTypeChanged, context: Context) -> tuple[str, Witness | None]:
    return refused_of(change.before, change.after, change.before, context)


def response_changed(change: kinds.RpcResponseTypeChanged, context: Context) -> Iterator[Break]:
    lost = context.structure.messages(change.old.response, change.new.response)
    if _OPERATION in (change.before, change.after):
        lost = lost._replace(wire=Flow.BOTH, json=Flow.BOTH, because=_TO_WAIT_FOR)
    # Replies travel from the server: what the new server writes, the old client reads.
    yield _replaced(change, lost, turned(lost.wire), turned(lost.json))


_OPERATION = "google.longrunning.Operation"
_TO_WAIT_FOR = "one is the result, the other an operation that will have it, whatever both hold"
_NO_LOSS = "no data is lost between the two, generated code tells them apart"


def _replaced(
    change: kinds.RpcTypeChanged, lost: Difference, wire: Flow, json: Flow, refused: str = ""
) -> Break:
    rpc = wire | json
    return Break(
        promised=change.before,
        found=change.after,
        wire=lost.wire,
        json=lost.json,
        rpc=rpc,
        promise=Flow.OLD_TO_NEW if refused else Flow.NONE,
        source=True,
        because=lost.because or refused or _NO_LOSS,
        type_name=change.before,
        spared=_NOT_NEW_CLIENTS if refused and not rpc else frozenset(),
    )


def show_request(
    change: kinds.RpcRequestTypeChanged, broken: Break, flow: Flow, context: Context
) -> Witness | None:
    """A request that is read otherwise, or one that the other type's rules refuse."""
    read_otherwise = show_response(change, broken, flow, context)
    refused = broken.promise & flow
    return read_otherwise or (_refused(change, context)[1] if refused else None)


def show_response(
    change: kinds.RpcTypeChanged, broken: Break, flow: Flow, context: Context
) -> Witness | None:
    """A message that is read otherwise for what is set in it, or for what is not."""
    read_otherwise = in_place(change.before, change.after, broken, flow, context)
    was, now = context.old_message(change.before), context.new_message(change.after)
    if read_otherwise or was is None or now is None:
        return read_otherwise
    both = ((one, now.by_number.get(one.number)) for one in was.fields)
    pairs = (_Both(one, other) for one, other in both if other and _plain(one) and _plain(other))
    return first(default_differs(pair, broken, flow, context) for pair in pairs)


def _plain(field: Field) -> bool:
    """Whether it is a single value, which has a default."""
    return not field.repeated and field.kind not in ("message", "group")


class _Both(NamedTuple):
    """The fields of one number in the two types."""

    old: Field
    new: Field


def turned(flow: Flow) -> Flow:
    """The same ways for what travels in the other direction."""
    forth = Flow.NEW_TO_OLD if flow & Flow.OLD_TO_NEW else Flow.NONE
    return forth | (Flow.OLD_TO_NEW if flow & Flow.NEW_TO_OLD else Flow.NONE)


_PROMISES = ("IDEMPOTENCY_UNKNOWN", "IDEMPOTENT", "NO_SIDE_EFFECTS")


def idempotency_changed(change: kinds.RpcIdempotencyChanged, _: Context) -> Iterator[Break]:
    weaker = _PROMISES.index(change.found) < _PROMISES.index(change.promised)
    yield Break(
        promised=change.promised,
        found=change.found,
        rpc=Flow.OLD_TO_NEW if weaker else Flow.NEW_TO_OLD,
        severity=None if weaker else Severity.WARNING,
    )


def extension_removed(change: kinds.ExtensionRemoved, _: Context) -> Iterator[Break]:
    """An option of descriptors is set in sources, and travels in no call."""
    yield Break(
        promised=f"extension {change.old.number} of {change.old.holder}",
        found="removed",
        rpc=Flow.NONE if change.old.extends_options else Flow.BOTH,
        source=True,
        type_name=change.old.holder,
        spared=_NOT_NEW_CLIENTS,
    )


def extendee_changed(change: kinds.ExtendeeChanged, _: Context) -> Iterator[Break]:
    yield Break(
        promised=f"extends {change.promised}",
        found=f"extends {change.found}",
        wire=Flow.BOTH,
        json=Flow.BOTH,
        source=True,
        type_name=change.promised,
    )


def extension_moved(change: kinds.ExtensionMoved, _: Context) -> Iterator[Break]:
    yield Break(change.before, change.after, source=True)


_NO_BYTES = "It concerns how calls are made and code is generated, not the bytes of a message."

RULES: tuple[Rule, ...] = (
    Rule(
        id="SERVICE_REMOVED",
        on=(kinds.ServiceRemoved,),
        check=service_removed,
        says="{subject} was removed",
        why="Every call to it answers UNIMPLEMENTED.",
        fix="Keep the service and mark it deprecated.",
        buf=("SERVICE_NO_DELETE", "PACKAGE_SERVICE_NO_DELETE"),
        unshown=_NO_BYTES,
    ),
    Rule(
        id="SERVICE_MOVED",
        on=(kinds.ServiceMoved,),
        check=service_moved,
        says="{subject} moved from {promised} to {found}",
        why="Languages that import by file no longer find it.",
        fix="Keep the service in its file.",
        buf=("SERVICE_NO_DELETE",),
        unshown=_NO_BYTES,
    ),
    Rule(
        id="RPC_REMOVED",
        on=(kinds.RpcRemoved,),
        check=rpc_removed,
        says="{subject} was removed",
        why="Every call to it answers UNIMPLEMENTED.",
        fix="Keep the RPC and mark it deprecated.",
        buf=("RPC_NO_DELETE",),
        unshown=_NO_BYTES,
    ),
    Rule(
        id="RPC_STREAMING_CHANGED",
        on=(kinds.RpcStreamingChanged,),
        check=streaming_changed,
        says="{subject} changed from {promised} to {found}",
        why="Client and server no longer agree on how many messages travel each way.",
        fix="Keep the RPC and add another for the new style.",
        buf=("RPC_SAME_CLIENT_STREAMING", "RPC_SAME_SERVER_STREAMING"),
        unshown=_NO_BYTES,
    ),
    Rule(
        id="RPC_REQUEST_TYPE_CHANGED",
        on=(kinds.RpcRequestTypeChanged,),
        check=request_changed,
        says="the request of {subject} changed from {promised} to {found}: {because}",
        why="The server reads the request as another message than the client wrote.",
        fix="Keep the request message and extend it.",
        buf=("RPC_SAME_REQUEST_TYPE",),
        show=show_request,
    ),
    Rule(
        id="RPC_RESPONSE_TYPE_CHANGED",
        on=(kinds.RpcResponseTypeChanged,),
        check=response_changed,
        says="the response of {subject} changed from {promised} to {found}: {because}",
        why="The client reads the response as another message than the server wrote.",
        fix="Keep the response message and extend it.",
        buf=("RPC_SAME_RESPONSE_TYPE",),
        show=show_response,
    ),
    Rule(
        id="RPC_IDEMPOTENCY_CHANGED",
        on=(kinds.RpcIdempotencyChanged,),
        check=idempotency_changed,
        says="{subject} changed from {promised} to {found}",
        why="Clients retry, hedge or use HTTP GET by what this option promises.",
        fix="Keep the promise, or add another RPC.",
        buf=("RPC_SAME_IDEMPOTENCY_LEVEL",),
        unshown=_NO_BYTES,
    ),
    Rule(
        id="EXTENSION_REMOVED",
        on=(kinds.ExtensionRemoved,),
        check=extension_removed,
        says="{subject} ({promised}) was removed",
        why="Whoever sets the extension is no longer heard, and its readers find nothing.",
        fix="Keep the extension and mark it deprecated.",
        buf=("EXTENSION_NO_DELETE", "PACKAGE_EXTENSION_NO_DELETE"),
        unshown="Its bytes stay in the unknown fields; nobody reads them any more.",
    ),
    Rule(
        id="EXTENDEE_CHANGED",
        on=(kinds.ExtendeeChanged,),
        check=extendee_changed,
        says="{subject} changed: it {promised} no longer, it {found}",
        why="The extension's data is looked for in another message.",
        fix="Add another extension under a name of its own.",
        unshown="There is no message that both versions extend.",
    ),
    Rule(
        id="EXTENSION_MOVED",
        on=(kinds.ExtensionMoved,),
        check=extension_moved,
        says="{subject} moved from {promised} to {found}",
        why="Languages that import by file no longer find it.",
        fix="Import the new file publicly from the old one.",
        buf=("EXTENSION_NO_DELETE",),
        unshown=_NO_BYTES,
    ),
)
