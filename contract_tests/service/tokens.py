"""Credentials for tests: tokens, keys, key sets."""

from __future__ import annotations

import json
import time
from functools import cache
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "a-secret-of-at-least-thirty-two-bytes"
VARIABLE = "TEST_JWT_SECRET"
HS256 = f"jwt:HS256:{VARIABLE}"
DAY = 86_400.0
"""Seconds: some tokens are made when tests are collected, and may be used much later."""


def token(name: str, role: str = "user", *, lasts: float = DAY, **claims: Any) -> str:
    """A token of HS256."""
    return jwt.encode(claimed(name, role, lasts=lasts) | claims, SECRET, "HS256")


def claimed(name: str, role: str = "user", *, lasts: float = DAY) -> dict[str, Any]:
    """The claims of a caller."""
    return {"sub": name, "role": role, "exp": time.time() + lasts}


def bearer(name: str, role: str = "user", **claims: Any) -> tuple[tuple[str, str], ...]:
    """Metadata that proves a caller."""
    return (("authorization", f"Bearer {token(name, role, **claims)}"),)


@cache
def key(algorithm: str, kid: str) -> Any:  # noqa: ARG001 (the cache tells them apart)
    """A private key; the same for the same names."""
    if algorithm == "RS256":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1())


def signed(algorithm: str, kid: str, name: str, role: str = "user") -> str:
    """A token of RS256 or ES256."""
    return jwt.encode(claimed(name, role), key(algorithm, kid), algorithm, {"kid": kid})


def write_keys(path: Path, algorithm: str, *kids: str) -> None:
    """A key set in a file."""
    form = RSAAlgorithm if algorithm == "RS256" else ECAlgorithm
    keys = [form.to_jwk(key(algorithm, kid).public_key(), as_dict=True) for kid in kids]
    named = [one | {"kid": kid} for one, kid in zip(keys, kids, strict=True)]
    path.write_text(json.dumps({"keys": named}))
