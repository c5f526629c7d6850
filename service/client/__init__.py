"""Clients of the UserService, for asyncio and for threads, that behave alike."""

from service.client.aio import AsyncUserClient
from service.client.errors import (
    AlreadyExists,
    CircuitOpen,
    Conflict,
    Exhausted,
    Forbidden,
    Invalid,
    NotFound,
    ServiceError,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from service.client.options import Options
from service.client.sync import UserClient

__all__ = [
    "AlreadyExists",
    "AsyncUserClient",
    "CircuitOpen",
    "Conflict",
    "Exhausted",
    "Forbidden",
    "Invalid",
    "NotFound",
    "Options",
    "ServiceError",
    "TimedOut",
    "Unauthorized",
    "Unavailable",
    "UserClient",
]
