"""As many calls as the server can bear, and as many of one caller as the others can."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from service import errors
from service.current import CURRENT
from service.interceptors.buckets import Buckets
from service.interceptors.handlers import Call, Context, Handler, wrapped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service.current import Current, Method
    from service.interceptors.buckets import Key, Limiter
    from service.observe.readings import Readings
    from service.settings import Settings


class Concurrency:
    """Refuses at once what would be one call too many: waiting calls cost memory and patience.

    Streams of replies are counted apart, as they last: subscribers must not starve the rest.
    """

    def __init__(self, settings: Settings) -> None:
        self._calls = _Places(settings.concurrent_calls)
        self._streams = _Places(settings.concurrent_streams)

    def wrap(self, handler: Handler, method: Method) -> Handler:
        places = self._streams if method.replies_stream else self._calls
        return handler if method.public or not places.most else wrapped(handler, places)


class _Places:
    def __init__(self, most: int) -> None:
        self.most = most
        self._taken = 0

    def __call__(self, call: Call, handler: Handler) -> Call:  # noqa: ARG002
        async def counted(request: Any, context: Context) -> Any:
            if self._taken >= self.most:
                raise errors.too_many_calls()
            self._taken += 1
            try:
                return await call(request, context)
            finally:
                self._taken -= 1

        return counted


def limiter(settings: Settings, readings: Readings) -> Limiter | None:
    """What counts the calls of callers, None where nobody is limited."""
    if not settings.rate:
        return None
    own = Buckets(settings.rate, settings.rate_burst)
    if not settings.rate_redis:
        return own
    from service.interceptors.shared_buckets import SharedBuckets  # its driver: where it is used

    instead = own if settings.rate_without == "open" else None
    shared = SharedBuckets(settings.rate_redis, settings.rate, settings.rate_burst, instead)
    says = "1: replicas share their rate limits; 0: Redis does not answer."
    readings.gauge("grpc_server_rate_shared", says, lambda: shared.answers)
    return shared


class Rate:
    """Refuses who calls a method too often; further requests of a stream are slowed down."""

    def __init__(self, limiter: Limiter | None) -> None:
        self._limiter = limiter

    def wrap(self, handler: Handler, method: Method) -> Handler:
        if method.public or self._limiter is None:
            return handler
        return wrapped(handler, _Paced(self._limiter, method.path))


class _Paced:
    def __init__(self, limiter: Limiter, path: str) -> None:
        self._limiter = limiter
        self._path = path

    def __call__(self, call: Call, handler: Handler) -> Call:
        async def paced(request: Any, context: Context) -> Any:
            key = (_payer(CURRENT.get()), self._path)
            wait = await self._limiter.wait(key)
            if wait:
                raise errors.rate_limited(wait)
            slowed = self._slowed(request, key) if handler.request_streaming else request
            return await call(slowed, context)

        return paced

    async def _slowed(self, requests: AsyncIterator[Any], key: Key) -> AsyncIterator[Any]:
        first = True
        async for request in requests:
            while not first and (wait := await self._limiter.wait(key)):  # noqa: ASYNC110 (time, no event)
                await asyncio.sleep(wait)
            first = False
            yield request


def _payer(current: Current | None) -> str:
    """The caller, or where nobody is known the machine that calls."""
    if current is None:
        return ""
    if current.caller is not None and current.caller.name:
        return current.caller.name
    return current.peer().rpartition(":")[0]
