"""What differs between two versions of a service."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf import descriptor_pb2

from wireproof.changes import kinds
from wireproof.changes.change import Change
from wireproof.changes.options import option_changes
from wireproof.changes.versions import Versions
from wireproof.schema.elements import Rpc, Service

_LEVELS = descriptor_pb2.MethodOptions.IdempotencyLevel


def service_changes(old: Service, new: Service, versions: Versions) -> Iterator[Change]:
    """RPCs added, removed and altered, and the service's own options."""
    if old.file.name != new.file.name:
        yield kinds.ServiceMoved(old, new)
    if old.proto == new.proto:
        return
    yield from option_changes(old, new, versions)
    for name, rpc in old.rpcs.items():
        if name in new.rpcs:
            yield from _altered(rpc, new.rpcs[name], versions)
        else:
            yield kinds.RpcRemoved(rpc, new)
    yield from (kinds.RpcAdded(rpc) for name, rpc in new.rpcs.items() if name not in old.rpcs)


def _altered(old: Rpc, new: Rpc, versions: Versions) -> Iterator[Change]:
    if old.style != new.style:
        yield kinds.RpcStreamingChanged(old, new)
    if _replaced(old.request, new.request, versions):
        yield kinds.RpcRequestTypeChanged(old, new)
    if _replaced(old.response, new.response, versions):
        yield kinds.RpcResponseTypeChanged(old, new)
    was, now = _level(old), _level(new)
    if was != now:
        yield kinds.RpcIdempotencyChanged(old, new, was, now)
    yield from option_changes(old, new, versions)


def _replaced(old: str, new: str, versions: Versions) -> bool:
    renamed = old in versions.names and old != new
    return renamed or versions.new_name(old) != new


def _level(rpc: Rpc) -> str:
    return _LEVELS.Name(rpc.proto.options.idempotency_level)
