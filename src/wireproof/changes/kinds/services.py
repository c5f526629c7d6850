"""Changes of services and their RPCs."""

from __future__ import annotations

from wireproof.changes.change import Added, Altered, Removed, Stated
from wireproof.changes.kinds.messages import Moved
from wireproof.schema.elements import Rpc, Service


class ServiceAdded(Added[Service]):
    __slots__ = ()


class ServiceRemoved(Removed[Service]):
    __slots__ = ()


class ServiceMoved(Moved):
    __slots__ = ()


class RpcAdded(Added[Rpc]):
    __slots__ = ()


class RpcRemoved(Removed[Rpc]):
    __slots__ = ()


class RpcTypeChanged(Altered[Rpc]):
    """The request or response message of an RPC."""

    __slots__ = ()


class RpcRequestTypeChanged(RpcTypeChanged):
    __slots__ = ()
    what = "request"
    told = "request"


class RpcResponseTypeChanged(RpcTypeChanged):
    __slots__ = ()
    what = "response"
    told = "response"


class RpcStreamingChanged(Altered[Rpc]):
    __slots__ = ()
    what = "style"
    told = "style"


class RpcIdempotencyChanged(Stated[Rpc]):
    __slots__ = ()
    what = "idempotency level"
