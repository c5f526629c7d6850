"""Faults of the unary methods and the lists."""

# ruff: noqa: N802 - servicer methods carry the names of their RPCs

from __future__ import annotations

from typing import Any

import grpc
from api.user.v1 import user_pb2, user_requests_pb2
from google.protobuf.empty_pb2 import Empty

from service import errors
from service.v1.servicer import UserServiceV1


class GetOfNothingInternal(UserServiceV1):
    """INTERNAL where NOT_FOUND is owed."""

    async def GetUser(self, request: Any, context: Any) -> Any:
        try:
            return await super().GetUser(request, context)
        except errors.Refusal as refusal:
            if refusal.reason == "USER_NOT_FOUND":
                await context.abort(grpc.StatusCode.INTERNAL, "the server is at fault")
            raise


class GetOfNothingOk(UserServiceV1):
    """An empty user where NOT_FOUND is owed."""

    async def GetUser(self, request: Any, context: Any) -> Any:
        try:
            return await super().GetUser(request, context)
        except errors.Refusal as refusal:
            if refusal.reason == "USER_NOT_FOUND":
                return user_pb2.User()
            raise


class ExceptionTextLeaked(UserServiceV1):
    """The text of an exception in the status message."""

    async def GetUser(self, request: Any, context: Any) -> Any:
        try:
            return await super().GetUser(request, context)
        except errors.Refusal as refusal:
            text = f"KeyError: '{request.user_id}' at /srv/app/service/users.py"
            if refusal.reason == "USER_NOT_FOUND":
                await context.abort(grpc.StatusCode.NOT_FOUND, text)
            raise


class UpdateIgnoresMask(UserServiceV1):
    """Every populated field is written, whatever the mask says."""

    async def UpdateUser(self, request: Any, context: Any) -> Any:
        if list(request.update_mask.paths) != ["no_such_field_anywhere"]:
            request.ClearField("update_mask")
        return await super().UpdateUser(request, context)


class MaskClearsUnlisted(UserServiceV1):
    """A mask of one path clears the metadata too."""

    async def UpdateUser(self, request: Any, context: Any) -> Any:
        if request.update_mask.paths and "metadata" not in request.update_mask.paths:
            request.user.ClearField("metadata")
            request.update_mask.paths.append("metadata")
        return await super().UpdateUser(request, context)


class UnsetTreatedAsZero(UserServiceV1):
    """Without a mask, a profile that the request leaves out is cleared."""

    async def UpdateUser(self, request: Any, context: Any) -> Any:
        if not request.update_mask.paths and not request.user.HasField("profile"):
            populated = [field.name for field, _ in request.user.ListFields()]
            request.update_mask.paths.extend([*populated, "profile"])
        return await super().UpdateUser(request, context)


class OutputOnlyWritable(UserServiceV1):
    """The caller's created_at is taken over in the reply."""

    async def CreateUser(self, request: Any, context: Any) -> Any:
        created = await super().CreateUser(request, context)
        if request.user.HasField("created_at"):
            created.created_at.CopyFrom(request.user.created_at)
        return created


class DeletedStillListed(UserServiceV1):
    """A list that shows what it has once shown."""

    def __init__(self, users: Any) -> None:
        super().__init__(users)
        self._ghosts: dict[str, user_pb2.User] = {}

    async def DeleteUser(self, request: Any, context: Any) -> Any:
        found = await self.GetUser(
            user_requests_pb2.GetUserRequest(user_id=request.user_id), context
        )
        done = await super().DeleteUser(request, context)
        self._ghosts[request.user_id] = found
        return done

    async def ListUsers(self, request: Any, context: Any) -> Any:
        reply = await super().ListUsers(request, context)
        if not request.page_token:
            reply.users.extend(self._ghosts.values())
        return reply


class DeleteDoesNothing(UserServiceV1):
    """Delete says OK and leaves the user."""

    async def DeleteUser(self, request: Any, context: Any) -> Any:
        await self.GetUser(user_requests_pb2.GetUserRequest(user_id=request.user_id), context)
        return Empty()


class KeyIgnored(UserServiceV1):
    """The idempotency key is not looked at."""

    async def CreateUser(self, request: Any, context: Any) -> Any:
        request.ClearField("idempotency_key")
        return await super().CreateUser(request, context)


class PageSkipsBoundary(UserServiceV1):
    """The first item of each further page is lost."""

    async def ListUsers(self, request: Any, context: Any) -> Any:
        reply = await super().ListUsers(request, context)
        if request.page_token and reply.users:
            del reply.users[0]
        return reply


class LastPageHasToken(UserServiceV1):
    """The last page repeats the token that led to it, which leads to an empty page."""

    async def ListUsers(self, request: Any, context: Any) -> Any:
        if request.page_token.endswith("!"):
            return user_requests_pb2.ListUsersResponse()
        reply = await super().ListUsers(request, context)
        if not reply.next_page_token:
            reply.next_page_token = "end!"
        return reply


class FilterIgnored(UserServiceV1):
    """A list narrowed by role shows everyone."""

    async def ListUsers(self, request: Any, context: Any) -> Any:
        request.ClearField("role")
        return await super().ListUsers(request, context)


class CreateDropsProfile(UserServiceV1):
    """What the caller says of the profile is dropped."""

    async def CreateUser(self, request: Any, context: Any) -> Any:
        request.user.ClearField("profile")
        return await super().CreateUser(request, context)
