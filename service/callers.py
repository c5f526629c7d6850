"""Who calls. The one place to change when callers are authenticated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.model import Caller

if TYPE_CHECKING:
    import grpc

NAME = "x-caller-id"
ROLE = "x-role"


def caller_of(context: grpc.aio.ServicerContext[Any, Any]) -> Caller:
    """The caller as its metadata says; nothing is proven."""
    said: dict[str, str | bytes] = {}
    for key, value in context.invocation_metadata() or ():
        said.setdefault(key, value)  # the first of several counts
    return Caller(name=str(said.get(NAME, "")), admin=said.get(ROLE) == "admin")
