"""Opaque tokens: what the server remembers in its clients' hands."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

MARK = 12  # bytes of the seal


class ForeignTokenError(ValueError):
    """A token that this server has not issued."""


class Tokens:
    """Seals and opens tokens with the store's secret, so that only its own are ever trusted."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(self, kind: str, content: Any) -> str:
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mark(kind, body) + body).decode().rstrip("=")

    def open(self, kind: str, token: str) -> Any:
        try:
            padded = token + "=" * (-len(token) % 4)
            raw = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error) as error:
            raise ForeignTokenError from error
        mark, body = raw[:MARK], raw[MARK:]
        if not hmac.compare_digest(mark, self._mark(kind, body)):
            raise ForeignTokenError
        return json.loads(body)

    def _mark(self, kind: str, body: bytes) -> bytes:
        return hmac.digest(self._secret, kind.encode() + b"\0" + body, hashlib.sha256)[:MARK]
