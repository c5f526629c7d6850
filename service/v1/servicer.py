"""api.user.v1 over the domain: messages in, checks, messages out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
from api.user.v1 import (
    user_bulk_pb2,
    user_event_pb2,
    user_pb2,
    user_requests_pb2,
    user_service_pb2_grpc,
)
from google.protobuf.empty_pb2 import Empty

from service import access, errors, pages
from service.bulk import LARGEST_BATCH, outcomes
from service.callers import caller_of
from service.messages import RESUME_TOKEN, edit
from service.model import Caller, Role, Status
from service.rules import Rules
from service.v1 import convert

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service.users import Users

Context = grpc.aio.ServicerContext[Any, Any]


class UserServiceV1(user_service_pb2_grpc.UserServiceServicer):
    """The eight RPCs; what they promise stands in the protos."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self._rules = Rules()
        self._rules.warm(
            user_requests_pb2.GetUserRequest(),
            user_requests_pb2.ListUsersRequest(),
            user_pb2.User(profile=user_pb2.UserProfile(social_links={"a": user_pb2.SocialLink()})),
            user_bulk_pb2.SyncUserRequest(create_user=user_requests_pb2.CreateUserRequest()),
            user_bulk_pb2.SyncUserRequest(update_user=user_requests_pb2.UpdateUserRequest()),
            user_bulk_pb2.SyncUserRequest(delete_user=user_requests_pb2.DeleteUserRequest()),
            user_event_pb2.StreamUserEventsRequest(),
        )

    async def GetUser(self, request: user_requests_pb2.GetUserRequest, _: Context) -> user_pb2.User:
        self._rules.check(request)
        return convert.from_user(await self._users.get(request.user_id))

    async def ListUsers(
        self, request: user_requests_pb2.ListUsersRequest, context: Context
    ) -> user_requests_pb2.ListUsersResponse:
        if request.status == user_pb2.USER_STATUS_DELETED and not caller_of(context).admin:
            raise errors.admin_required()
        self._rules.check(request)
        query = pages.query(
            self._users.tokens,
            page_size=request.page_size,
            page_token=request.page_token,
            status=Status(request.status) if request.status else None,
            role=Role(request.role) if request.role else None,
            order_by=request.order_by,
        )
        users, next_page_token, total = await self._users.page(query)
        return user_requests_pb2.ListUsersResponse(
            users=map(convert.from_user, users), next_page_token=next_page_token, total_count=total
        )

    async def CreateUser(
        self, request: user_requests_pb2.CreateUserRequest, context: Context
    ) -> user_pb2.User:
        self._rules.check(request)
        return await self._create(request, caller_of(context))

    async def UpdateUser(
        self, request: user_requests_pb2.UpdateUserRequest, _: Context
    ) -> user_pb2.User:
        self._rules.check(request)
        return await self._update(request)

    async def DeleteUser(self, request: user_requests_pb2.DeleteUserRequest, _: Context) -> Empty:
        self._rules.check(request)
        await self._users.delete(request.user_id)
        return Empty()

    async def StreamUserEvents(
        self, request: user_event_pb2.StreamUserEventsRequest, context: Context
    ) -> AsyncIterator[user_event_pb2.UserEvent]:
        self._rules.check(request)
        users = self._users
        start = await users.start(request.resume_token, from_beginning=request.from_beginning)
        await context.send_initial_metadata([(RESUME_TOKEN, users.resume_token(start))])
        sent = 0
        async for event in users.events(start, tuple(request.user_ids)):
            yield convert.from_event(event, users.resume_token(event.position))
            sent += 1
            if sent == request.max_events:
                return

    async def BatchCreateUsers(
        self,
        request_iterator: AsyncIterator[user_requests_pb2.CreateUserRequest],
        context: Context,
    ) -> user_bulk_pb2.BatchCreateUsersResponse:
        reply = user_bulk_pb2.BatchCreateUsersResponse()
        caller = caller_of(context)

        async def create(request: user_requests_pb2.CreateUserRequest) -> user_pb2.User:
            self._rules.check(request)
            return await self._create(request, caller)

        async for one in outcomes(request_iterator, create, most=LARGEST_BATCH):
            if one.result is not None:
                reply.created_users.append(one.result)
            elif one.failure is not None:
                reply.failed_count += 1
                reply.errors.append(f"request {one.position}: {one.failure.message}")
                reply.failures.add(position=one.position, status=one.failure)
        return reply

    async def SyncUsers(
        self, request_iterator: AsyncIterator[user_bulk_pb2.SyncUserRequest], context: Context
    ) -> AsyncIterator[user_bulk_pb2.SyncUserResponse]:
        caller = caller_of(context)

        async def perform(request: user_bulk_pb2.SyncUserRequest) -> user_pb2.User | None:
            access.require(access.operates, caller, request)
            self._rules.check(request)
            return await self._perform(request, caller)

        async for one in outcomes(request_iterator, perform):
            request = one.request
            reply = user_bulk_pb2.SyncUserResponse(
                request_id=request.request_id, position=one.position
            )
            if one.failure is not None:
                reply.error.CopyFrom(one.failure)
            elif one.result is not None:
                reply.user.CopyFrom(one.result)
            else:
                reply.deleted_user_id = request.delete_user.user_id
            yield reply

    async def _perform(
        self, request: user_bulk_pb2.SyncUserRequest, caller: Caller
    ) -> user_pb2.User | None:
        """The user after the operation, None after a deletion."""
        operation = request.WhichOneof("operation")
        try:
            if operation == "create_user":
                return await self._create(request.create_user, caller)
            if operation == "update_user":
                return await self._update(request.update_user)
            await self._users.delete(request.delete_user.user_id)
        except errors.Refusal as refusal:
            raise refusal.within(str(operation)) from None
        return None

    async def _create(
        self, request: user_requests_pb2.CreateUserRequest, caller: Caller
    ) -> user_pb2.User:
        new = convert.to_user(request.user)
        created = await self._users.create(new, caller=caller.name, key=request.idempotency_key)
        return convert.from_user(created)

    async def _update(self, request: user_requests_pb2.UpdateUserRequest) -> user_pb2.User:
        edited = edit(request, self._rules, convert)
        return convert.from_user(await self._users.update(request.user.user_id, edited))
