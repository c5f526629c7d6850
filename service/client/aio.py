"""The client for asyncio."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Self

import grpc
from api.user.v1 import user_bulk_pb2, user_event_pb2, user_pb2
from api.user.v1 import user_requests_pb2 as requests
from api.user.v1.user_service_pb2_grpc import UserServiceStub

from service.client.core import Core, Subscription, changed_user, create_request, update_request
from service.client.errors import Forbidden, ServiceError
from service.client.options import Options, channel_options, target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterable

    from prometheus_client import CollectorRegistry


class AsyncUserClient:
    """Calls the service at one or more addresses; use it with `async with`.

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
            grpc.aio.secure_channel(where, credentials, options=channel_options(self.options, n))
            if credentials
            else grpc.aio.insecure_channel(where, options=channel_options(self.options, n))
            for n in range(max(self.options.channels, 1))
        ]
        self._stubs: list[Any] = [UserServiceStub(channel) for channel in self._channels]  # type: ignore[no-untyped-call]
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self.options.cache_size:
            self._core.cache.suspend()
            self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError, ServiceError):
                await self._following
        for channel in self._channels:
            await channel.close()

    @property
    def registry(self) -> CollectorRegistry:
        """Metrics of the cache and the circuit."""
        return self._core.registry

    async def get(self, user_id: str) -> user_pb2.User:
        cache = self._core.cache
        if self.options.cache_size and (known := cache.get(user_id)):
            return known
        stamp = cache.stamp()
        user: user_pb2.User = await self._call("GetUser", requests.GetUserRequest(user_id=user_id))
        cache.put(user_id, user, stamp)
        return user

    async def list(self, **query: Any) -> AsyncIterator[user_pb2.User]:
        """Every user that matches, page by page."""
        while True:
            page = await self._call("ListUsers", requests.ListUsersRequest(**query))
            for user in page.users:
                yield user
            if not page.next_page_token:
                return
            query["page_token"] = page.next_page_token

    async def create(self, user: user_pb2.User, *, key: str = "") -> user_pb2.User:
        """Create a user; a key that is reused after a TimedOut makes that safe as well."""
        created: user_pb2.User = await self._call("CreateUser", create_request(user, key))
        return created

    async def update(self, user: user_pb2.User, *paths: str) -> user_pb2.User:
        """Change what the paths name; none means whatever is set."""
        updated: user_pb2.User = await self._call("UpdateUser", update_request(user, paths))
        self._core.cache.drop(updated.user_id)
        return updated

    async def delete(self, user_id: str) -> None:
        await self._call("DeleteUser", requests.DeleteUserRequest(user_id=user_id))
        self._core.cache.drop(user_id)

    async def create_many(
        self, users: Iterable[user_pb2.User], *, seconds: float | None = None
    ) -> user_bulk_pb2.BatchCreateUsersResponse:
        """Create many in one stream; those that fail are reported in the reply."""
        attempt = self._core.begin()
        batch = iter([create_request(user, "") for user in users])
        call = self._stub().BatchCreateUsers(batch, metadata=attempt.metadata, timeout=seconds)
        try:
            reply: user_bulk_pb2.BatchCreateUsersResponse = await call
        except grpc.aio.AioRpcError as error:
            raise self._core.failed(error, attempt) from None
        self._core.succeeded()
        return reply

    async def events(self, **wanted: Any) -> AsyncIterator[user_event_pb2.UserEvent]:
        """Events as they happen (`resume_token`, `from_beginning`, `user_ids`, `most`).

        Lost connections are resumed; what cannot be resumed is raised.
        """
        async for event in self._subscribed(Subscription(self.options, **wanted)):
            if event is not None:
                yield event

    async def _call(self, method: str, request: Any) -> Any:
        attempt = self._core.begin(request)

        async def answer() -> Any:
            return await getattr(self._stub(), method)(
                request,
                timeout=self.options.timeout,
                metadata=attempt.metadata,
                compression=attempt.compression,
            )

        try:
            reply = await (self._hedged(answer) if self._core.hedges(method) else answer())
        except grpc.aio.AioRpcError as error:
            raise self._core.failed(error, attempt) from None
        self._core.succeeded()
        return reply

    async def _hedged(self, answer: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """The first good answer of two calls, the second made where the first takes long."""
        calls = [asyncio.create_task(answer())]
        try:
            await asyncio.wait(calls, timeout=self.options.hedge_after)
            if not calls[0].done():
                calls.append(asyncio.create_task(answer()))
            await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
            calls.sort(key=_goodness)
            return await calls[0]
        finally:
            for call in calls:
                call.cancel()

    async def _subscribed(
        self, subscription: Subscription
    ) -> AsyncIterator[user_event_pb2.UserEvent | None]:
        """Events; None each time that the stream stands."""
        while not subscription.done:
            try:
                async for event in self._stream(subscription):
                    yield event
            except ServiceError as error:
                await asyncio.sleep(subscription.lost(error))
                continue
            if not subscription.done:
                await asyncio.sleep(self.options.backoff)

    async def _stream(
        self, subscription: Subscription
    ) -> AsyncIterator[user_event_pb2.UserEvent | None]:
        attempt = self._core.begin()
        call = self._stub().StreamUserEvents(subscription.request(), metadata=attempt.metadata)
        try:
            subscription.opened(await call.initial_metadata())
            yield None
            async for event in call:
                subscription.received(event)
                yield event
        except grpc.aio.AioRpcError as error:
            raise self._core.failed(error, attempt) from None
        finally:
            call.cancel()
        self._core.succeeded()

    async def _follow(self) -> None:
        """Drop from the cache what changes; where events are not ours to read, age alone counts."""
        cache = self._core.cache
        subscription = Subscription(self.options)
        while True:
            try:
                async for event in self._stream(subscription):
                    if event is None:
                        cache.resume()
                    else:
                        cache.drop(changed_user(event))
                await asyncio.sleep(self.options.backoff)
            except ServiceError as error:
                if isinstance(error, Forbidden):
                    cache.resume()
                    return
                cache.suspend()
                await asyncio.sleep(subscription.lost(error))

    def _stub(self) -> Any:
        return self._stubs[self._core.turn()]


def _goodness(call: asyncio.Task[Any]) -> int:
    """Those that have succeeded before those that may, and these before those that have failed."""
    if not call.done():
        return 1
    return 2 if call.cancelled() or call.exception() else 0
