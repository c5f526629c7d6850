"""What both clients do, without doing any I/O: they differ only in how they wait."""

from __future__ import annotations

import itertools
import random
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
from api.user.v1 import user_event_pb2, user_pb2, user_requests_pb2
from google.protobuf.field_mask_pb2 import FieldMask
from prometheus_client import CollectorRegistry

from service.cache import Cache
from service.client.breaker import Breaker
from service.client.errors import CircuitOpen, ServiceError, typed
from service.client.options import VERSION, Options, safe
from service.observe.readings import Readings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from google.protobuf.message import Message

RESUME_TOKEN = "x-resume-token"  # noqa: S105 (a header's name)
FAILURES = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}
RESUMABLE = {*FAILURES, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INTERNAL}


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a call is to be made."""

    request_id: str
    metadata: tuple[tuple[str, str], ...]
    compression: grpc.Compression | None = None


class Core:
    """The policy of one client."""

    def __init__(self, options: Options, registry: CollectorRegistry | None = None) -> None:
        self.options = options
        self.breaker = Breaker(options.breaker_after, options.breaker_pause)
        self.cache = Cache(options.cache_size, options.cache_lifetime, copied=_copy)
        self.registry = registry or CollectorRegistry()
        self._turn = itertools.count()
        read, cache = Readings(self.registry), self.cache
        read.counter("user_client_cache_hits", "Users found in the cache.", lambda: cache.hits)
        read.counter("user_client_cache_misses", "Users not found in it.", lambda: cache.misses)
        read.gauge("user_client_circuit_open", "1: calls are refused.", lambda: self.breaker.open)

    def turn(self) -> int:
        """Which channel is next."""
        return next(self._turn) % max(self.options.channels, 1)

    def hedges(self, method: str) -> bool:
        return self.options.hedge_after > 0 and safe(method)

    def begin(self, request: Message | None = None) -> Attempt:
        """A call's metadata and encoding; raises CircuitOpen."""
        request_id = uuid.uuid4().hex
        if not self.breaker.admits():
            why = "too many calls in a row got no answer"
            raise CircuitOpen(grpc.StatusCode.UNAVAILABLE, why, request_id=request_id)
        token = self.options.token if isinstance(self.options.token, str) else self.options.token()
        metadata = [("x-request-id", request_id), ("x-client-version", VERSION)]
        if token:
            metadata.append(("authorization", f"Bearer {token}"))
        above = self.options.gzip_above
        large = request is not None and above and request.ByteSize() > above
        return Attempt(request_id, tuple(metadata), grpc.Compression.Gzip if large else None)

    def succeeded(self) -> None:
        self.breaker.succeeded()

    def failed(self, error: grpc.RpcError, attempt: Attempt) -> ServiceError:
        """The error of its type. An answer is an answer: only silence opens the circuit."""
        found = typed(error, attempt.request_id)
        if found.code in FAILURES:
            self.breaker.failed()
        else:
            self.breaker.succeeded()
        return found


def _copy(user: user_pb2.User) -> user_pb2.User:
    """Of its own: messages can be changed by whoever holds them."""
    copied = user_pb2.User()
    copied.CopyFrom(user)
    return copied


def create_request(user: user_pb2.User, key: str) -> user_requests_pb2.CreateUserRequest:
    """Never without a key: it is what makes repeating safe."""
    return user_requests_pb2.CreateUserRequest(
        user=user, idempotency_key=key or f"auto-{uuid.uuid4().hex}"
    )


def update_request(user: user_pb2.User, paths: Iterable[str]) -> Any:
    mask = FieldMask(paths=paths)
    return user_requests_pb2.UpdateUserRequest(user=user, update_mask=mask)


@dataclass(slots=True)
class Subscription:
    """A reader of events that survives the loss of its connection: no gap and no repeat."""

    options: Options
    resume_token: str = ""
    from_beginning: bool = False
    user_ids: Sequence[str] = ()
    most: int = 0
    _seen: int = field(default=0)
    _losses: int = field(default=0)

    @property
    def done(self) -> bool:
        return bool(self.most) and self._seen >= self.most

    def request(self) -> user_event_pb2.StreamUserEventsRequest:
        """What asks for the rest."""
        return user_event_pb2.StreamUserEventsRequest(
            resume_token=self.resume_token,
            from_beginning=self.from_beginning and not self.resume_token,
            user_ids=self.user_ids,
            max_events=max(self.most - self._seen, 0),
        )

    def opened(self, headers: Iterable[tuple[str, str | bytes]] | None) -> None:
        """The stream stands; its header says where."""
        for key, value in headers or ():
            if key == RESUME_TOKEN and isinstance(value, str) and not self.resume_token:
                self.resume_token = value

    def received(self, event: user_event_pb2.UserEvent) -> None:
        self._seen += 1
        self._losses = 0
        self.resume_token = event.resume_token

    def lost(self, error: ServiceError) -> float:
        """How long to wait before going on; raises the error where going on is no use."""
        if error.code not in RESUMABLE:
            raise error
        self._losses += 1
        most = min(self.options.backoff * 2.0**self._losses, self.options.backoff_most)
        return max(error.retry_after or 0.0, random.uniform(0, most))  # noqa: S311 (jitter)


def changed_user(event: user_event_pb2.UserEvent) -> str:
    """Whom an event is about; empty for kinds that this client does not know."""
    kind = event.WhichOneof("event")
    if kind == "user_deleted":
        return event.user_deleted.user_id
    if kind is None:
        return ""
    user: user_pb2.User = getattr(event, kind).user
    return user.user_id
