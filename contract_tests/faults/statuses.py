"""Faults of statuses: the wrong one, details that say something else, texts that tell too much."""

from __future__ import annotations

from typing import Any

import grpc
from google.rpc import code_pb2, status_pb2

from contract_tests.faults.making import Servicer, around
from service import errors

DETAILS = "grpc-status-details-bin"


def answering(method: str, reason: str, code: int) -> Servicer:
    """The method's refusals for *reason* carry another code."""

    async def handle(_: Any, healthy: Any, request: Any, context: Any) -> Any:
        try:
            return await healthy(request, context)
        except errors.Refusal as refusal:
            if refusal.reason == reason:
                refusal.code = code
            raise

    return around(method, handle)


NOT_FOUND_IS_INVALID = answering("GetUser", "USER_NOT_FOUND", code_pb2.INVALID_ARGUMENT)
NOT_FOUND_IS_PRECONDITION = answering("DeleteUser", "USER_NOT_FOUND", code_pb2.FAILED_PRECONDITION)
TAKEN_IS_INTERNAL = answering("CreateUser", "USER_ID_TAKEN", code_pb2.INTERNAL)
TAKEN_IS_ABORTED = answering("CreateUser", "USER_ID_TAKEN", code_pb2.ABORTED)
IMPOSSIBLE_PATH_IS_INTERNAL = answering("UpdateUser", "UPDATE_MASK_INVALID", code_pb2.INTERNAL)
IMPOSSIBLE_PATH_IS_NOT_FOUND = answering("UpdateUser", "UPDATE_MASK_INVALID", code_pb2.NOT_FOUND)
INVALID_IS_OUT_OF_RANGE = answering("ListUsers", "REQUEST_INVALID", code_pb2.OUT_OF_RANGE)
INVALID_IS_UNKNOWN = answering("DeleteUser", "REQUEST_INVALID", code_pb2.UNKNOWN)


def aborting(method: str, trailer: Any, message: str | None = None) -> Servicer:
    """Refusals of the method travel with the details that `trailer(status)` makes."""

    async def handle(_: Any, healthy: Any, request: Any, context: Any) -> Any:
        try:
            return await healthy(request, context)
        except errors.Refusal as refusal:
            status = errors.status_of(refusal)
        code = next(c for c in grpc.StatusCode if c.value[0] == status.code)
        words = status.message if message is None else message
        return await context.abort(code, words, ((DETAILS, trailer(status)),))

    return around(method, handle)


def _bytes(status: status_pb2.Status) -> bytes:
    encoded: bytes = status.SerializeToString()
    return encoded


def _other_code(status: status_pb2.Status) -> bytes:
    status.code = code_pb2.UNAVAILABLE
    return _bytes(status)


def _twice(status: status_pb2.Status) -> bytes:
    status.details.extend(list(status.details))
    return _bytes(status)


DETAILS_DISAGREE = aborting("GetUser", _other_code)
DETAILS_ARE_GARBAGE = aborting("DeleteUser", lambda _: b"\x0a\xff\xff")
DETAILS_TWICE = aborting("CreateUser", _twice)
SQL_LEAKED = aborting("CreateUser", _bytes, "UNIQUE constraint failed: users.user_id")


async def _blames_metadata(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    try:
        return await healthy(request, context)
    except errors.Refusal as refusal:
        if not any(v.field == "user.display_name" for v in refusal.violations):
            raise
        raise errors.invalid(refusal.reason, [errors.Violation("user.metadata", "wrong")]) from None


VIOLATION_BLAMES_ANOTHER = around("CreateUser", _blames_metadata)
