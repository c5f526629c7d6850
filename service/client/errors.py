"""What calls end with when they do not succeed, by type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import grpc
from google.rpc import error_details_pb2, status_pb2

if TYPE_CHECKING:
    from collections.abc import Mapping

DETAILS = "grpc-status-details-bin"


@dataclass(eq=False)
class ServiceError(Exception):
    """A status of the service; `reason` is stable, `message` is for people."""

    code: grpc.StatusCode
    message: str
    reason: str = ""
    violations: Mapping[str, str] = field(default_factory=dict)  # what is wrong, by field
    resource: str = ""
    retry_after: float | None = None  # seconds
    localized: str = ""  # a sentence that may be shown to a user
    request_id: str = ""

    def __str__(self) -> str:
        named = f" [{self.reason}]" if self.reason else ""
        return f"{self.code.name}{named}: {self.message} (request {self.request_id})"


class Invalid(ServiceError):
    """The request itself is wrong."""


class NotFound(ServiceError):
    """There is no such thing."""


class AlreadyExists(ServiceError):
    """The name or the address is taken."""


class Unauthorized(ServiceError):
    """The credentials are missing, wrong or expired."""


class Forbidden(ServiceError):
    """The caller may not do this."""


class Conflict(ServiceError):
    """The state of things does not allow it."""


class Exhausted(ServiceError):
    """Too many calls, or no room; `retry_after` says when to come again."""


class Unavailable(ServiceError):
    """Nobody answers at the moment."""


class CircuitOpen(Unavailable):
    """Nobody answered lately, so the call was not tried."""


class TimedOut(ServiceError):
    """No answer in time; the call may have taken effect."""


TYPES: Mapping[grpc.StatusCode, type[ServiceError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: Invalid,
    grpc.StatusCode.OUT_OF_RANGE: Invalid,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExists,
    grpc.StatusCode.UNAUTHENTICATED: Unauthorized,
    grpc.StatusCode.PERMISSION_DENIED: Forbidden,
    grpc.StatusCode.FAILED_PRECONDITION: Conflict,
    grpc.StatusCode.ABORTED: Conflict,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Exhausted,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: TimedOut,
}


def typed(error: grpc.RpcError, request_id: str) -> ServiceError:
    """The error of its type, with what its details say."""
    code, message = error.code(), error.details() or ""
    found = TYPES.get(code, ServiceError)(code, message, request_id=request_id)
    trailers: dict[str, bytes] = dict(error.trailing_metadata() or ())  # type: ignore[arg-type] # pairs
    if DETAILS in trailers:
        _read(found, status_pb2.Status.FromString(trailers[DETAILS]))
    return found


def _read(found: ServiceError, status: status_pb2.Status) -> None:
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    what, retry = error_details_pb2.ResourceInfo(), error_details_pb2.RetryInfo()
    words = error_details_pb2.LocalizedMessage()
    for detail in status.details:
        if detail.Unpack(info):
            found.reason = info.reason
        elif detail.Unpack(bad):
            found.violations = {v.field: v.description for v in bad.field_violations}
        elif detail.Unpack(what):
            found.resource = what.resource_name
        elif detail.Unpack(retry):
            found.retry_after = retry.retry_delay.ToNanoseconds() / 1e9
        elif detail.Unpack(words):
            found.localized = words.message
