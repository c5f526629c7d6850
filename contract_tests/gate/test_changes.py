"""A change that breaks someone is found, whatever it is; one that breaks nobody passes.

No contract, check or configuration knows of these changes: each is made in a clone, and the clone's
own gate judges it. What it must find follows from what the change does.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

USER = "schemas/api/user/v1/user.proto"
REQUESTS = "schemas/api/user/v1/user_requests.proto"
SERVICE = "schemas/api/user/v1/user_service.proto"
SERVICER = "service/v1/servicer.py"
USERS = "service/users.py"


@dataclass(frozen=True)
class Change:
    """An edit, and the finding that it must make."""

    name: str
    file: str
    old: str
    new: str
    id: str
    subject: str


SCHEMA_CHANGES = (
    Change(
        "a field removed",
        USER,
        "  // Whether the account is known to be the user's.\n  bool verified = 3;\n",
        "",
        "FIELD_REMOVED",
        "api.user.v1.SocialLink.verified",
    ),
    Change(
        "a field's type changed",
        REQUESTS,
        "int32 total_count = 3;",
        "string total_count = 3;",
        "FIELD_TYPE_CHANGED",
        "api.user.v1.ListUsersResponse.total_count",
    ),
    Change(
        "a validation rule tightened on a request",
        REQUESTS,
        "idempotency_key = 2 [(buf.validate.field).string.max_len = 128]",
        "idempotency_key = 2 [(buf.validate.field).string.max_len = 64]",
        "VALIDATION_NARROWED",
        "api.user.v1.CreateUserRequest.idempotency_key",
    ),
    Change(
        "an RPC made streaming",
        SERVICE,
        "rpc GetUser(GetUserRequest) returns (User)",
        "rpc GetUser(GetUserRequest) returns (stream User)",
        "RPC_STREAMING_CHANGED",
        "api.user.v1.UserService.GetUser",
    ),
    Change(
        "an enum value removed",
        USER,
        "  // Read everyone.\n  USER_ROLE_MODERATOR = 2;\n",
        "",
        "ENUM_VALUE_REMOVED",
        "api.user.v1.UserRole.USER_ROLE_MODERATOR",
    ),
    Change(
        "a REST path moved",
        SERVICE,
        'get: "/v1/users/{user_id}"',
        'get: "/v1/people/{user_id}"',
        "HTTP_BINDING_REMOVED",
        "api.user.v1.UserService.GetUser",
    ),
    Change(
        "a field renamed, which JSON clients write",
        USER,
        "string platform = 1",
        "string site = 1",
        "FIELD_RENAMED",
        "api.user.v1.SocialLink.platform",
    ),
)

SERVICE_CHANGES = (
    Change(
        "GetUser answering INTERNAL instead of NOT_FOUND",
        "service/errors.py",
        "_about(code_pb2.NOT_FOUND,",
        "_about(code_pb2.INTERNAL,",
        "SERVER_FAULT",
        "api.user.v1.UserService.GetUser",
    ),
    Change(
        "BatchCreateUsers losing the last message",
        SERVICER,
        "status=one.failure)\n        return reply\n",
        "status=one.failure)\n        del reply.created_users[-1:]\n        return reply\n",
        "BATCH_ACCOUNTS_FOR_ALL",
        "api.user.v1.UserService.BatchCreateUsers",
    ),
    Change(
        "an update that ignores its mask",
        "service/messages.py",
        "masks.update(merged, request.user, paths)",
        "merged.MergeFrom(request.user)",
        "MASK_LIMITS_UPDATE",
        "api.user.v1.UserService.UpdateUser: email",
    ),
    Change(
        "a consumer's needed field no longer filled",
        "service/v1/convert.py",
        "UserEvent(resume_token=resume_token)",
        "UserEvent()",
        "CONTRACT_FIELD_MISSING",
        "api.user.v1.UserEvent.resume_token",
    ),
    Change(
        "an idempotency key ignored",
        USERS,
        "if key else None",
        "if not key else None",
        "IDEMPOTENCY_KEY_HONOURED",
        "api.user.v1.UserService.CreateUser",
    ),
    Change(
        "a deleted user that lives on",
        USERS,
        "    if user.deleted:\n",
        "    if user.deleted and not user_id:\n",
        "DELETE_AGAIN_NOT_FOUND",
        "api.user.v1.UserService.DeleteUser",
    ),
    Change(
        "a page that skips its boundary",
        USERS,
        "pages.next_token(self.tokens, query, users[-1])",
        "pages.next_token(self.tokens, query, users.pop())",
        "PAGES_COMPLETE",
        "api.user.v1.UserService.ListUsers",
    ),
    Change(
        "requests of a batch that are not validated",
        SERVICER,
        "            self._rules.check(request)\n            return await self._create",
        "            return await self._create",
        "INVALID_ITEM_REFUSED",
        "api.user.v1.UserService.BatchCreateUsers: user",
    ),
    Change(
        "an event that a resuming reader never gets",
        USERS,
        'return int(self.tokens.open("events", resume_token))',
        'return int(self.tokens.open("events", resume_token)) + 1',
        "RESUME_WITHOUT_GAP",
        "api.user.v1.UserService.StreamUserEvents",
    ),
)


def failed(clone, change: Change) -> bool:
    """Whether the gate says no, and names what the change breaks."""
    code, report = clone.gate()
    found = {(f["id"], f["subject"]) for stage in report["stages"] for f in stage["findings"]}
    assert (change.id, change.subject) in found
    return (code, report["verdict"]) == (1, "breaking")


@pytest.mark.parametrize("change", SCHEMA_CHANGES, ids=lambda c: c.name)
def test_a_change_of_the_schema_fails_the_gate(changed, change):
    """The schema alone tells, so the service is not even started."""
    clone = changed(change.file, change.old, change.new)
    (clone.root / "wireproof.yaml").write_text("modules: [schemas]\n")
    assert failed(clone, change)


@pytest.mark.parametrize("change", SERVICE_CHANGES, ids=lambda c: c.name)
def test_a_change_of_the_service_fails_the_gate(changed, change):
    assert failed(changed(change.file, change.old, change.new), change)


def test_a_field_added_ships_as_a_minor_version(changed):
    clone = changed(
        USER, "  bool verified = 3;\n", "  bool verified = 3;\n  // Public.\n  bool public = 4;\n"
    )
    code, report = clone.gate()
    assert (code, report["verdict"], report["bump"]) == (0, "compatible", "minor")


def test_a_comment_changed_ships_without_a_version(changed):
    clone = changed(USER, "// The platform's name.", "// The name of the platform.")
    code, report = clone.gate()
    assert (code, report["verdict"], report["bump"]) == (0, "compatible", "none")
