"""What the service refuses, and how a refusal travels: google.rpc.Status with stable reasons."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.message import Message

DOMAIN = "user.wireproof.dev"
USER = f"{DOMAIN}/User"
LONGEST = 200  # characters of a client's own text that an error repeats
ROOM = 3_000  # bytes of violations: statuses travel in trailers, which peers limit to 8 KiB

log = logging.getLogger("service")


@dataclass(frozen=True, slots=True)
class Violation:
    """A field that is to blame, and why."""

    field: str
    description: str

    def __str__(self) -> str:
        return f"{self.field}: {self.description}" if self.field else self.description


@dataclass(eq=False)
class Refusal(Exception):
    """A request that is answered with an error, on purpose."""

    code: int
    reason: str
    message: str
    details: tuple[Message, ...] = ()
    violations: tuple[Violation, ...] = ()

    def __str__(self) -> str:
        return str(self.violations[0]) if self.violations else self.message

    def within(self, path: str) -> Refusal:
        """The same about a message that stands at this path of another."""
        violations = (Violation(f"{path}.{v.field}", v.description) for v in self.violations)
        return replace(self, violations=tuple(violations))


def status_of(error: Exception) -> status_pb2.Status:
    """The status that a client may see; the text of an unforeseen error goes to the log alone."""
    if not isinstance(error, Refusal):
        log.error("unforeseen error", exc_info=error)
        error = Refusal(code_pb2.INTERNAL, "INTERNAL_ERROR", "the server is at fault")
    status = status_pb2.Status(code=error.code, message=str(error))
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN)
    bad = error_details_pb2.BadRequest()
    for v in error.violations:
        bad.field_violations.add(field=v.field, description=v.description)
    for detail in (info, bad, *error.details) if error.violations else (info, *error.details):
        status.details.add().Pack(detail)
    return status


def invalid(reason: str, violations: Iterable[Violation]) -> Refusal:
    """INVALID_ARGUMENT that names the fields to blame, as many as there is room for."""
    kept: list[Violation] = []
    room = ROOM
    for v in violations:
        kept.append(Violation(short(v.field), short(v.description)))
        room -= len(str(kept[-1]).encode())
        if room < 0:
            break
    return Refusal(code_pb2.INVALID_ARGUMENT, reason, "", violations=tuple(kept))


def undecodable() -> Refusal:
    return Refusal(
        code_pb2.INVALID_ARGUMENT,
        "REQUEST_UNDECODABLE",
        "the bytes are no message of the request's type",
    )


def page_token_invalid(why: str) -> Refusal:
    return invalid("PAGE_TOKEN_INVALID", [Violation("page_token", why)])


def resume_token_invalid() -> Refusal:
    return invalid("RESUME_TOKEN_INVALID", [Violation("resume_token", "not issued by this server")])


def update_mask_invalid(why: str) -> Refusal:
    return invalid("UPDATE_MASK_INVALID", [Violation("update_mask", why)])


def key_reused() -> Refusal:
    why = "came with another user before"
    return invalid("IDEMPOTENCY_KEY_REUSED", [Violation("idempotency_key", why)])


def user_not_found(user_id: str) -> Refusal:
    return _about(code_pb2.NOT_FOUND, "USER_NOT_FOUND", user_id, f"there is no user {user_id}")


def user_deleted(user_id: str) -> Refusal:
    why = f"the user {user_id} is deleted"
    subject = f"{USER}/{user_id}"
    detail = error_details_pb2.PreconditionFailure()
    detail.violations.add(type="DELETED", subject=subject, description="undelete the user first")
    return Refusal(code_pb2.FAILED_PRECONDITION, "USER_DELETED", why, (detail,))


def user_not_deleted(user_id: str) -> Refusal:
    message = f"the user {user_id} is not deleted"
    return _about(code_pb2.ALREADY_EXISTS, "USER_NOT_DELETED", user_id, message)


def etag_stale(user_id: str) -> Refusal:
    message = f"the user {user_id} has changed since it had this etag"
    refusal = _about(code_pb2.ABORTED, "ETAG_STALE", user_id, message)
    return _for_people(refusal, "Somebody has changed this meanwhile. Load it again.")


def user_id_taken(user_id: str) -> Refusal:
    message = f"the user_id {user_id} is taken"
    refusal = _about(code_pb2.ALREADY_EXISTS, "USER_ID_TAKEN", user_id, message)
    return _for_people(refusal, "Somebody already has this name. Choose another.")


def email_taken(email: str) -> Refusal:
    message = f"the email {email} is taken"
    refusal = _about(code_pb2.ALREADY_EXISTS, "EMAIL_TAKEN", email, message)
    return _for_people(refusal, "Somebody already uses this email address.")


def status_not_settable() -> Refusal:
    why = "USER_STATUS_DELETED is reached by DeleteUser alone"
    detail = error_details_pb2.PreconditionFailure()
    detail.violations.add(type="STATUS", subject="user.status", description=why)
    return Refusal(code_pb2.FAILED_PRECONDITION, "STATUS_NOT_SETTABLE", why, (detail,))


def admin_required() -> Refusal:
    why = "only an administrator may list deleted users"
    return Refusal(code_pb2.PERMISSION_DENIED, "ADMIN_REQUIRED", why)


def credentials_missing() -> Refusal:
    why = "this method wants credentials: authorization: Bearer TOKEN, or a client certificate"
    return Refusal(code_pb2.UNAUTHENTICATED, "CREDENTIALS_MISSING", why)


def credentials_invalid() -> Refusal:
    why = "the credentials are not ones that this server trusts"
    return Refusal(code_pb2.UNAUTHENTICATED, "CREDENTIALS_INVALID", why)


def credentials_expired() -> Refusal:
    why = "the credentials were good once and have expired"
    return Refusal(code_pb2.UNAUTHENTICATED, "CREDENTIALS_EXPIRED", why)


def not_allowed() -> Refusal:
    """The same words whatever is there or not, so that they tell nothing of it."""
    why = "the caller may not do this"
    refusal = Refusal(code_pb2.PERMISSION_DENIED, "NOT_ALLOWED", why)
    return _for_people(refusal, "You are not allowed to do this.")


def rate_limited(seconds: float) -> Refusal:
    why = f"too many calls of this method; the next one is free in {seconds:.3f} s"
    return Refusal(code_pb2.RESOURCE_EXHAUSTED, "RATE_LIMITED", why, (_retry(seconds),))


def rate_unknown() -> Refusal:
    why = "nobody knows how many calls the caller has made: the counts cannot be reached"
    return Refusal(code_pb2.UNAVAILABLE, "RATE_UNKNOWN", why, (_retry(1),))


def too_many_calls() -> Refusal:
    why = "the server has as many calls in progress as it takes"
    return Refusal(code_pb2.RESOURCE_EXHAUSTED, "TOO_MANY_CALLS", why, (_retry(0.1),))


def out_of_time() -> Refusal:
    why = "the server has given this call all the time that it gives"
    return Refusal(code_pb2.DEADLINE_EXCEEDED, "OUT_OF_TIME", why)


def batch_too_large(most: int) -> Refusal:
    why = f"a batch holds at most {most} requests; these were dealt with, the rest was not"
    return Refusal(code_pb2.RESOURCE_EXHAUSTED, "BATCH_TOO_LARGE", why)


def store_full() -> Refusal:
    why = "the store has no room left"
    return Refusal(code_pb2.RESOURCE_EXHAUSTED, "STORE_FULL", why)


def store_unavailable() -> Refusal:
    why = "the store does not answer at the moment"
    return Refusal(code_pb2.UNAVAILABLE, "STORE_UNAVAILABLE", why, (_retry(1),))


def store_outcome_unknown() -> Refusal:
    why = "the store did not say in time whether the change was made; ask, or repeat with a key"
    return Refusal(code_pb2.DEADLINE_EXCEEDED, "STORE_OUTCOME_UNKNOWN", why)


def server_stopping() -> Refusal:
    return Refusal(code_pb2.UNAVAILABLE, "SERVER_STOPPING", "the server is shutting down")


def short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _retry(seconds: float) -> Message:
    delay = Duration()
    delay.FromNanoseconds(int(seconds * 1e9))
    found: Message = error_details_pb2.RetryInfo(retry_delay=delay)
    return found


def _for_people(refusal: Refusal, sentence: str) -> Refusal:
    """With a sentence that a program may show to its user."""
    words = error_details_pb2.LocalizedMessage(locale="en", message=sentence)
    return replace(refusal, details=(*refusal.details, words))


def _about(code: int, reason: str, name: str, message: str) -> Refusal:
    what = error_details_pb2.ResourceInfo(
        resource_type=USER, resource_name=name, description=message
    )
    return Refusal(code, reason, message, (what,))
