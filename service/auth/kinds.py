"""From settings to authenticators: `jwt:ALGORITHM:KEYS`, `mtls[:NAME=ROLE,…]`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from service.auth.certificates import Certificates
from service.callers import ROLES
from service.settings import UnusableSettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.callers import Authenticator
    from service.settings import Settings

SYMMETRIC = ("HS256", "HS384", "HS512")
ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
SHORTEST = 32  # bytes of a secret: as long as the hash (RFC 7518, 3.2)
FORMS = "jwt:HS256:VARIABLE, jwt:ALGORITHM:JWKS or mtls[:NAME=ROLE,…]"


def authenticators(
    settings: Settings, environment: Mapping[str, str] = os.environ
) -> list[Authenticator]:
    """The kinds that the settings ask for, in their order; raises UnusableSettingError."""
    return [_kind(text, settings, environment) for text in settings.auth]


def _kind(text: str, settings: Settings, environment: Mapping[str, str]) -> Authenticator:
    kind, _, rest = text.partition(":")
    algorithm, _, source = rest.partition(":")
    if kind == "mtls":
        if not settings.tls_client_ca:
            raise UnusableSettingError("auth", "mtls needs --tls-client-ca")
        return Certificates(_roles(rest))
    if kind == "jwt" and source and algorithm in (*SYMMETRIC, *ASYMMETRIC):
        return _tokens(algorithm, source, settings, environment)
    raise UnusableSettingError("auth", f"{text!r} is none of {FORMS}")


def _tokens(
    algorithm: str, source: str, settings: Settings, environment: Mapping[str, str]
) -> Authenticator:
    # Here and not above: cryptography is slow to load, and development does without it.
    from service.auth.jwks import Jwks, Secret
    from service.auth.jwt import Tokens

    if algorithm in SYMMETRIC:
        return Tokens(Secret(_secret(source, environment)), algorithm, settings)
    return Tokens(Jwks(source), algorithm, settings)


def _secret(variable: str, environment: Mapping[str, str]) -> str:
    secret = environment.get(variable, "")
    if len(secret.encode()) < SHORTEST:
        why = f"the environment variable {variable} must hold a secret of {SHORTEST} bytes or more"
        raise UnusableSettingError("auth", why)
    return secret


def _roles(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split(",") if pair]
    for name, _, role in pairs:
        if not name or role not in ROLES:
            why = f"{name}={role}: a name and one of {', '.join(ROLES)} are wanted"
            raise UnusableSettingError("auth", why)
    return {name: role for name, _, role in pairs}
