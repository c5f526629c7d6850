"""Changes of services and their RPCs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from wireproof.changes.change import Added, Altered, Removed, Stated
from wireproof.changes.kinds.messages import Moved
from wireproof.schema.elements import Rpc, Service


@dataclass(frozen=True, slots=True)
class ServiceAdded(Added):
    new: Service


@dataclass(frozen=True, slots=True)
class ServiceRemoved(Removed):
    old: Service


@dataclass(frozen=True, slots=True)
class ServiceMoved(Moved):
    pass


@dataclass(frozen=True, slots=True)
class RpcAdded(Added):
    new: Rpc


@dataclass(frozen=True, slots=True)
class RpcRemoved(Removed):
    old: Rpc
    around: Service


@dataclass(frozen=True, slots=True)
class RpcTypeChanged(Altered):
    """The request or response message of an RPC."""

    old: Rpc
    new: Rpc


@dataclass(frozen=True, slots=True)
class RpcRequestTypeChanged(RpcTypeChanged):
    what: ClassVar[str] = "request"

    @property
    def before(self) -> str:
        return self.old.request

    @property
    def after(self) -> str:
        return self.new.request


@dataclass(frozen=True, slots=True)
class RpcResponseTypeChanged(RpcTypeChanged):
    what: ClassVar[str] = "response"

    @property
    def before(self) -> str:
        return self.old.response

    @property
    def after(self) -> str:
        return self.new.response


@dataclass(frozen=True, slots=True)
class RpcStreamingChanged(Altered):
    old: Rpc
    new: Rpc
    what: ClassVar[str] = "style"

    @property
    def before(self) -> str:
        return self.old.style

    @property
    def after(self) -> str:
        return self.new.style


@dataclass(frozen=True, slots=True)
class RpcIdempotencyChanged(Stated):
    old: Rpc
    new: Rpc
    what: ClassVar[str] = "idempotency level"
