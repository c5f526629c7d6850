"""The call that is being served, for whoever serves it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from service.model import Caller

Metadata: TypeAlias = "Mapping[str, str | bytes]"

HEALTH_AND_REFLECTION = ("grpc.health.", "grpc.reflection.")


@dataclass(frozen=True, slots=True)
class Method:
    """A method that is served."""

    path: str  # /package.Service/Method
    requests_stream: bool
    replies_stream: bool

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def service(self) -> str:
        return self.path[1:].rpartition("/")[0]

    @property
    def style(self) -> str:
        """As metrics of gRPC call it."""
        if self.requests_stream:
            return "bidi_stream" if self.replies_stream else "client_stream"
        return "server_stream" if self.replies_stream else "unary"

    @property
    def public(self) -> bool:
        """Whether it answers anybody, however busy the server: probes and tools need no token."""
        return self.service.startswith(HEALTH_AND_REFLECTION)


@dataclass(slots=True)
class Current:
    """What is known of a call so far; each layer adds its part."""

    method: Method
    metadata: Metadata
    peer: Callable[[], str]  # asked for where it is needed: it costs
    request_id: str
    began: float  # by time.perf_counter
    caller: Caller | None = None
    trace_id: str = ""
    code: str = "OK"  # the name of its status, once it has ended
    reason: str = ""


CURRENT: ContextVar[Current | None] = ContextVar("current", default=None)

# When a call came (by time.perf_counter), and its metadata as gRPC has read it already: asking its
# context reads it once more.
ARRIVED: ContextVar[tuple[float, Sequence[tuple[str, str | bytes]]]] = ContextVar("arrived")
