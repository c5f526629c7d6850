"""The client for threads."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Self

import grpc
from api.user.v1 import user_bulk_pb2, user_event_pb2, user_pb2
from api.user.v1 import user_requests_pb2 as requests
from api.user.v1.user_service_pb2_grpc import UserServiceStub

from service.client.core import Core, Subscription, changed_user, create_request, update_request
from service.client.errors import Forbidden, ServiceError
from service.client.options import Options, channel_options, target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prometheus_client import CollectorRegistry


class UserClient:
    """Calls the service at one or more addresses; use it with `with`, from any thread.

    Every method raises the types of `service.client.errors`.
    """

    def __init__(
        self,
        addresses: str | tuple[str, ...],
        options: Options | None = None,
        *,
        credentials: grpc.ChannelCredentials | None = None,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self._core = Core(options or Options(), registry)
        self.options = self._core.options
        where = target(addresses)
        self._channels = [
            grpc.secure_channel(where, credentials, options=channel_options(self.options, n))
            if credentials
            else grpc.insecure_channel(where, options=channel_options(self.options, n))
            for n in range(max(self.options.channels, 1))
        ]
        self._stubs: list[Any] = [UserServiceStub(channel) for channel in self._channels]  # type: ignore[no-untyped-call]
        self._closed = threading.Event()
        self._open: set[Any] = set()
        self._following: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self.options.cache_size:
            self._core.cache.suspend()
            self._following = threading.Thread(target=self._follow, daemon=True)
            self._following.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        for call in tuple(self._open):
            call.cancel()
        for channel in self._channels:
            channel.close()
        if self._following is not None:
            self._following.join()

    @property
    def registry(self) -> CollectorRegistry:
        """Metrics of the cache and the circuit."""
        return self._core.registry

    def get(self, user_id: str) -> user_pb2.User:
        cache = self._core.cache
        if self.options.cache_size and (known := cache.get(user_id)):
            return known
        stamp = cache.stamp()
        user: user_pb2.User = self._call("GetUser", requests.GetUserRequest(user_id=user_id))
        cache.put(user_id, user, stamp)
        return user

    def list(self, **query: Any) -> Iterator[user_pb2.User]:
        """Every user that matches, page by page."""
        while True:
            page = self._call("ListUsers", requests.ListUsersRequest(**query))
            yield from page.users
            if not page.next_page_token:
                return
            query["page_token"] = page.next_page_token

    def create(self, user: user_pb2.User, *, key: str = "") -> user_pb2.User:
        """Create a user; a key that is reused after a TimedOut makes that safe as well."""
        created: user_pb2.User = self._call("CreateUser", create_request(user, key))
        return created

    def update(self, user: user_pb2.User, *paths: str) -> user_pb2.User:
        """Change what the paths name; none means whatever is set."""
        updated: user_pb2.User = self._call("UpdateUser", update_request(user, paths))
        self._core.cache.drop(updated.user_id)
        return updated

    def delete(self, user_id: str) -> None:
        self._call("DeleteUser", requests.DeleteUserRequest(user_id=user_id))
        self._core.cache.drop(user_id)

    def create_many(
        self, users: Iterable[user_pb2.User], *, seconds: float | None = None
    ) -> user_bulk_pb2.BatchCreateUsersResponse:
        """Create many in one stream; those that fail are reported in the reply."""
        attempt = self._core.begin()
        batch = iter([create_request(user, "") for user in users])
        try:
            reply: user_bulk_pb2.BatchCreateUsersResponse = self._stub().BatchCreateUsers(
                batch, metadata=attempt.metadata, timeout=seconds
            )
        except grpc.RpcError as error:
            raise self._core.failed(error, attempt) from None
        self._core.succeeded()
        return reply

    def events(self, **wanted: Any) -> Iterator[user_event_pb2.UserEvent]:
        """Events as they happen (`resume_token`, `from_beginning`, `user_ids`, `most`).

        Lost connections are resumed; what cannot be resumed is raised.
        """
        subscription = Subscription(self.options, **wanted)
        while not (subscription.done or self._closed.is_set()):
            try:
                for event in self._stream(subscription):
                    if event is not None:
                        yield event
            except ServiceError as error:
                self._closed.wait(subscription.lost(error))
                continue
            if not subscription.done:
                self._closed.wait(self.options.backoff)

    def _call(self, method: str, request: Any) -> Any:
        attempt = self._core.begin(request)
        how = {
            "timeout": self.options.timeout,
            "metadata": attempt.metadata,
            "compression": attempt.compression,
        }
        try:
            if self._core.hedges(method):
                reply = self._hedged(lambda: getattr(self._stub(), method).future(request, **how))
            else:
                reply = getattr(self._stub(), method)(request, **how)
        except grpc.RpcError as error:
            raise self._core.failed(error, attempt) from None
        self._core.succeeded()
        return reply

    def _hedged(self, send: Callable[[], Any]) -> Any:
        """The first good answer of two calls, the second made where the first takes long."""
        ended: SimpleQueue[Any] = SimpleQueue()
        calls = [send()]
        calls[0].add_done_callback(ended.put)
        try:
            try:
                first = ended.get(timeout=self.options.hedge_after)
            except Empty:
                calls.append(send())
                calls[1].add_done_callback(ended.put)
                first = ended.get()
                if first.exception() is not None:
                    first = ended.get()
            return first.result()
        finally:
            for call in calls:
                call.cancel()

    def _stream(self, subscription: Subscription) -> Iterator[user_event_pb2.UserEvent | None]:
        """Events of one connection; None once it stands."""
        attempt = self._core.begin()
        call = self._stub().StreamUserEvents(subscription.request(), metadata=attempt.metadata)
        self._open.add(call)
        try:
            subscription.opened(call.initial_metadata())
            yield None
            for event in call:
                subscription.received(event)
                yield event
        except grpc.RpcError as error:
            raise self._core.failed(error, attempt) from None
        finally:
            self._open.discard(call)
            call.cancel()
        self._core.succeeded()

    def _follow(self) -> None:
        """Drop from the cache what changes; where events are not ours to read, age alone counts."""
        cache = self._core.cache
        subscription = Subscription(self.options)
        while not self._closed.is_set():
            try:
                for event in self._stream(subscription):
                    if event is None:
                        cache.resume()
                    else:
                        cache.drop(changed_user(event))
                self._closed.wait(self.options.backoff)
            except Forbidden:
                cache.resume()
                return
            except ServiceError as error:
                cache.suspend()
                if not self._go_on(subscription, error):
                    return

    def _go_on(self, subscription: Subscription, error: ServiceError) -> bool:
        """Whether following is any use; if it is, after a wait. Without it nothing is cached."""
        try:
            return not self._closed.wait(subscription.lost(error))
        except ServiceError:
            return False

    def _stub(self) -> Any:
        return self._stubs[self._core.turn()]
