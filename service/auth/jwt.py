"""Callers known by a signed token (RFC 7519): `sub` is their name, `role` their role."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Protocol

import jwt

from service import errors
from service.callers import ROLES
from service.model import Caller, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.current import Metadata
    from service.settings import Settings

SCHEME = "bearer "


class Keys(Protocol):
    """Where the keys of tokens come from."""

    async def key(self, token: str) -> Any:
        """The key that the token says to be signed with; raises jwt.PyJWTError."""

    @property
    def generation(self) -> int:
        """Changes whenever a key was withdrawn or replaced."""


class Tokens:
    """Verifies a token once, and remembers its header until it expires or the keys change.

    The memory is bounded: the tokens that were not seen for the longest time are verified again.
    """

    def __init__(
        self,
        keys: Keys,
        algorithm: str,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._algorithm = algorithm
        self._settings = settings
        self._clock = clock
        self._known: OrderedDict[str | bytes, tuple[Caller, float]] = OrderedDict()
        self._generation = keys.generation
        self.verified = 0

    async def caller(self, metadata: Metadata, peer: Callable[[], Any]) -> Caller | None:  # noqa: ARG002
        header = metadata.get("authorization")
        if header is None:
            return None
        if (known := self._remembered(header)) is not None:
            return known
        if not isinstance(header, str) or not header[: len(SCHEME)].lower() == SCHEME:
            raise errors.credentials_invalid()
        return await self._verified(header)

    async def close(self) -> None:
        self._known.clear()

    def _remembered(self, header: str | bytes) -> Caller | None:
        if self._generation != self._keys.generation:
            self._generation = self._keys.generation
            self._known.clear()
        found = self._known.get(header)
        if found is None:
            return None
        caller, expires_at = found
        if expires_at <= self._clock():
            del self._known[header]
            raise errors.credentials_expired()
        self._known.move_to_end(header)
        return caller

    async def _verified(self, header: str) -> Caller:
        token = header[len(SCHEME) :].strip()
        try:
            claims = self._decode(token, await self._keys.key(token))
        except jwt.ExpiredSignatureError:
            raise errors.credentials_expired() from None
        except (jwt.PyJWTError, ValueError):
            raise errors.credentials_invalid() from None
        self.verified += 1
        caller = Caller(claims["sub"], ROLES.get(str(claims.get("role")), Role.USER))
        self._known[header] = caller, float(claims["exp"])
        while len(self._known) > self._settings.auth_cache:
            self._known.popitem(last=False)
        return caller

    def _decode(self, token: str, key: Any) -> dict[str, Any]:
        issuer, audience = self._settings.auth_issuer, self._settings.auth_audience
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[self._algorithm],  # never what the token itself says
            issuer=issuer or None,
            audience=audience or None,
            options={"require": ["exp", "sub"], "verify_aud": bool(audience)},
        )
        if not claims["sub"]:
            raise jwt.InvalidTokenError("an empty sub")
        return claims
