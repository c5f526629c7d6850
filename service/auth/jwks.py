"""Keys of tokens: one secret, or a JSON Web Key Set (RFC 7517) in a file or behind a URL."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import jwt

from service.settings import UnusableSettingError

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST = 10.0  # seconds between two looks for a key that is not there: forged tokens cost no more
OLDEST = 300.0  # seconds after which the set is read again, so that withdrawn keys go
PATIENCE = 5.0  # seconds that reading may take
LARGEST = 1_000_000  # bytes of a key set


class Secret:
    """The one key of HS256, for development."""

    generation = 0

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def key(self, token: str) -> str:  # noqa: ARG002
        return self._secret


class Jwks:
    """A key set that is read again when a token names a key that it lacks, or when it is old.

    While it cannot be read, the keys that are known stay good.
    """

    def __init__(self, source: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._reading = asyncio.Lock()
        self._tried_at = clock()
        self.generation = 0
        try:
            self._set = jwt.PyJWKSet.from_dict(_read(source))
        except (OSError, ValueError, jwt.PyJWTError) as error:
            raise UnusableSettingError("auth", f"no key set at {source}: {error}") from error

    async def key(self, token: str) -> Any:
        wanted = jwt.get_unverified_header(token).get("kid")
        if self._clock() - self._tried_at > OLDEST:
            await self._refresh(OLDEST)
        found = self._find(wanted)
        if found is None:
            await self._refresh(LEAST)
            found = self._find(wanted)
        if found is None:
            raise jwt.InvalidKeyError("no such key")
        return found

    def _find(self, wanted: Any) -> Any:
        for one in self._set.keys:
            if one.key_id == wanted or (wanted is None and len(self._set.keys) == 1):
                return one.key
        return None

    async def _refresh(self, age: float) -> None:
        async with self._reading:
            if self._clock() - self._tried_at <= age:
                return
            self._tried_at = self._clock()
            try:
                new = jwt.PyJWKSet.from_dict(await asyncio.to_thread(_read, self._source))
            except (OSError, ValueError, jwt.PyJWTError):
                return
            self._set = new
            self.generation += 1


def _read(source: str) -> dict[str, Any]:
    url = urlsplit(source)
    if url.scheme not in ("http", "https"):
        text = Path(source).read_bytes()
    elif url.scheme == "https" or _loopback(url.hostname or ""):
        with urllib.request.urlopen(source, timeout=PATIENCE) as reply:  # noqa: S310 (checked)
            text = reply.read(LARGEST)
    else:
        raise ValueError("keys that come unencrypted come from this machine alone: use https")
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 (of data, not of a type here)
    return found


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
