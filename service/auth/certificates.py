"""Callers known by the certificate of their connection (mTLS)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.callers import ROLES
from service.model import Caller, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from service.current import Metadata

NAMES = ("x509_subject_alternative_name", "x509_common_name")


class Certificates:
    """The first of a certificate's names that has a role, else its first name, as a user.

    Chain and validity were checked by the handshake.
    """

    def __init__(self, roles: Mapping[str, str]) -> None:
        self._roles = {name: ROLES[role] for name, role in roles.items()}

    async def caller(self, metadata: Metadata, peer: Callable[[], Any]) -> Caller | None:  # noqa: ARG002
        proven = peer()
        names = [name.decode() for key in NAMES for name in proven.get(key, ())]
        if not names:
            return None
        name = next((name for name in names if name in self._roles), names[0])
        return Caller(name, self._roles.get(name, Role.USER))

    async def close(self) -> None:
        """Nothing is held."""
