"""Who calls, and how that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from service.current import CURRENT
from service.model import Caller, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    import grpc

    from service.current import Metadata

NAME = "x-caller-id"
ROLE = "x-role"

ROLES = {"user": Role.USER, "moderator": Role.MODERATOR, "admin": Role.ADMIN}


class Authenticator(Protocol):
    """One kind of credentials."""

    async def caller(self, metadata: Metadata, peer: Callable[[], Any]) -> Caller | None:
        """Who the credentials prove, None where there are none of this kind.

        `peer` gives what the connection itself proves (gRPC's auth context, a mapping). Bad
        credentials are refused.
        """

    async def close(self) -> None:
        """Let go of what it holds."""


def as_they_say(metadata: Metadata) -> Caller:
    """The caller as its metadata says, for development: nothing is proven, all is allowed."""
    role = ROLES.get(str(metadata.get(ROLE, "")), Role.USER)
    return Caller(name=str(metadata.get(NAME, "")), role=role, bound=False)


def caller_of(context: grpc.aio.ServicerContext[Any, Any]) -> Caller:  # noqa: ARG001 (of this call)
    """Whoever makes the call that is being served."""
    current = CURRENT.get()
    return current.caller if current and current.caller else Caller(name="")
