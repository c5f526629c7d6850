"""As many calls as the server can bear, and as many of one caller as the others can."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from service import errors
from service.current import CURRENT
from service.interceptors.handlers import Call, Context, Handler, wrapped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from service.current import Current, Method
    from service.settings import Settings

REMEMBERED = 10_000  # pairs of caller and method


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


class Buckets:
    """How long each of many must wait, at an even rate with room for bursts.

    Of each it keeps one number, the time at which its bucket is full again; the least recently
    seen are forgotten, and full buckets lose nothing by that.
    """

    def __init__(
        self, rate: float, burst: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._step = 1 / rate
        self._room = self._step * max(burst, 1)
        self._clock = clock
        self._full_at: OrderedDict[tuple[str, str], float] = OrderedDict()

    def take(self, key: tuple[str, str]) -> float:
        """Take a place and answer 0, or take none and answer the seconds until there is one."""
        now = self._clock()
        full_at = max(self._full_at.pop(key, now), now) + self._step
        wait = full_at - self._room - now
        self._full_at[key] = full_at if wait <= 1e-9 else full_at - self._step
        if len(self._full_at) > REMEMBERED:
            self._full_at.popitem(last=False)
        return wait if wait > 1e-9 else 0.0


class Rate:
    """Refuses who calls a method too often; further requests of a stream are slowed down."""

    def __init__(self, settings: Settings) -> None:
        rate, burst = settings.rate, settings.rate_burst
        self._buckets = Buckets(rate, burst) if rate else None

    def wrap(self, handler: Handler, method: Method) -> Handler:
        if method.public or self._buckets is None:
            return handler
        return wrapped(handler, _Paced(self._buckets, method.path))


class _Paced:
    def __init__(self, buckets: Buckets, path: str) -> None:
        self._buckets = buckets
        self._path = path

    def __call__(self, call: Call, handler: Handler) -> Call:
        async def paced(request: Any, context: Context) -> Any:
            key = (_payer(CURRENT.get()), self._path)
            wait = self._buckets.take(key)
            if wait:
                raise errors.rate_limited(wait)
            slowed = self._slowed(request, key) if handler.request_streaming else request
            return await call(slowed, context)

        return paced

    async def _slowed(
        self, requests: AsyncIterator[Any], key: tuple[str, str]
    ) -> AsyncIterator[Any]:
        first = True
        async for request in requests:
            while not first and (wait := self._buckets.take(key)):  # noqa: ASYNC110 (time, no event)
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
