"""How long each of many must wait, counted in Redis, where several replicas share the counts.

Without an answer from Redis, each replica counts for itself meanwhile (`open`), or refuses
(`closed`). A silent Redis is asked again after a pause, so that it costs few calls their time.
"""

from __future__ import annotations

import hashlib
import logging
import time
from typing import TYPE_CHECKING, Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from service import errors
from service.settings import UnusableSettingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.interceptors.buckets import Buckets, Key

PATIENCE = 0.25  # seconds that Redis gets to answer
PAUSE = 1.0  # seconds in which a silent Redis is not asked
CONNECTIONS = 16

# A bucket is the time (of Redis, in microseconds) at which it is full again; a full one is no key.
TAKE = """
local at = redis.call('TIME')
local now = at[1] * 1000000 + at[2]
local step, room = tonumber(ARGV[1]), tonumber(ARGV[2])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + step
local wait = full_at - room - now
if wait > 0 then return math.ceil(wait) end
local lasts = math.ceil((full_at - now) / 1000)
redis.call('SET', KEYS[1], string.format('%.3f', full_at), 'PX', lasts)
return 0
"""

log = logging.getLogger("service")


class SharedBuckets:
    """Buckets that all replicas with the same Redis fill and empty together.

    `own` counts while Redis does not answer; None refuses meanwhile.
    """

    def __init__(
        self,
        url: str,
        rate: float,
        burst: int,
        own: Buckets | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        step = 1e6 / rate
        self._arguments = [step, step * max(burst, 1)]
        self._own = own
        self._clock = clock
        self._again_at = 0.0
        self._redis = _connected(url)
        self._take = self._redis.register_script(TAKE)
        self.answers = True

    async def wait(self, key: Key) -> float:
        if self._clock() >= self._again_at:
            try:
                waits = await self._take([_name(key)], self._arguments)
            except (RedisError, OSError, TimeoutError) as error:
                self._unanswered(error)
            else:
                self._answered()
                return float(waits) / 1e6
        if self._own is None:
            raise errors.rate_unknown()
        return self._own.take(key)

    async def close(self) -> None:
        await self._redis.aclose()

    def _answered(self) -> None:
        if not self.answers:
            self.answers = True
            log.warning("Redis answers again: replicas share their rate limits")

    def _unanswered(self, error: Exception) -> None:
        self._again_at = self._clock() + PAUSE
        if self.answers:
            self.answers = False
            instead = "calls are refused" if self._own is None else "each replica counts for itself"
            log.warning("Redis does not answer (%s): %s meanwhile", type(error).__name__, instead)


def _connected(url: str) -> Redis:
    try:
        pool: Any = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=PATIENCE,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 1),  # a connection may have died unnoticed
        )
    except ValueError as error:
        raise UnusableSettingError("rate_redis", f"is no URL of a Redis: {error}") from error
    return Redis.from_pool(pool)


def _name(key: Key) -> str:
    """As short as it is anonymous: callers' names stay out of Redis."""
    digest = hashlib.blake2b("\0".join(key).encode(), digest_size=16)
    return f"user-service:rate:{digest.hexdigest()}"
