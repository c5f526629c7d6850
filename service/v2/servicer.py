"""api.user.v2 over the domain: messages in, checks, messages out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
from api.user.v2 import (
    user_bulk_pb2,
    user_event_pb2,
    user_pb2,
    user_service_pb2_grpc,
)
from api.user.v2 import (
    user_requests_pb2 as requests,
)

from service import access, errors, pages
from service.bulk import LARGEST_BATCH, outcomes
from service.callers import caller_of
from service.messages import RESUME_TOKEN, edit
from service.model import Caller, Role, Status, User
from service.rules import Rules
from service.v2 import convert

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service.users import Look, Users

Context = grpc.aio.ServicerContext[Any, Any]


class UserServiceV2(user_service_pb2_grpc.UserServiceServicer):
    """The nine RPCs; what they promise stands in the protos."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self._rules = Rules()
        user = user_pb2.User(
            profile=user_pb2.UserProfile(social_links={"a": user_pb2.SocialLink()})
        )
        self._rules.warm(
            requests.GetUserRequest(),
            requests.ListUsersRequest(),
            user_bulk_pb2.BatchCreateUsersRequest(user=user),
            user_bulk_pb2.SyncUsersRequest(create_user=requests.CreateUserRequest()),
            user_bulk_pb2.SyncUsersRequest(update_user=requests.UpdateUserRequest()),
            user_bulk_pb2.SyncUsersRequest(delete_user=requests.DeleteUserRequest()),
            user_bulk_pb2.SyncUsersRequest(undelete_user=requests.UndeleteUserRequest()),
            user_event_pb2.StreamUserEventsRequest(),
        )

    async def GetUser(
        self, request: requests.GetUserRequest, _: Context
    ) -> requests.GetUserResponse:
        self._rules.check(request)
        user = convert.from_user(await self._users.find(request.user_id))
        return requests.GetUserResponse(user=user)

    async def ListUsers(
        self, request: requests.ListUsersRequest, _: Context
    ) -> requests.ListUsersResponse:
        self._rules.check(request)
        query = pages.query(
            self._users.tokens,
            page_size=request.page_size,
            page_token=request.page_token,
            status=Status(request.status) if request.status else None,
            role=Role(request.role) if request.role else None,
            order_by=_in_words_of_the_model(request.order_by),
            show_deleted=request.show_deleted,
        )
        users, next_page_token, total = await self._users.page(query)
        return requests.ListUsersResponse(
            users=map(convert.from_user, users), next_page_token=next_page_token, total_size=total
        )

    async def CreateUser(
        self, request: requests.CreateUserRequest, context: Context
    ) -> requests.CreateUserResponse:
        self._rules.check(request)
        return requests.CreateUserResponse(user=await self._create(request, caller_of(context)))

    async def UpdateUser(
        self, request: requests.UpdateUserRequest, _: Context
    ) -> requests.UpdateUserResponse:
        self._rules.check(request)
        return requests.UpdateUserResponse(user=await self._update(request))

    async def DeleteUser(
        self, request: requests.DeleteUserRequest, _: Context
    ) -> requests.DeleteUserResponse:
        self._rules.check(request)
        return requests.DeleteUserResponse(user=await self._delete(request))

    async def UndeleteUser(
        self, request: requests.UndeleteUserRequest, _: Context
    ) -> requests.UndeleteUserResponse:
        self._rules.check(request)
        return requests.UndeleteUserResponse(user=await self._undelete(request))

    async def StreamUserEvents(
        self, request: user_event_pb2.StreamUserEventsRequest, context: Context
    ) -> AsyncIterator[user_event_pb2.StreamUserEventsResponse]:
        self._rules.check(request)
        users = self._users
        start = await users.start(request.resume_token, from_beginning=request.from_beginning)
        await context.send_initial_metadata([(RESUME_TOKEN, users.resume_token(start))])
        chosen = tuple(request.user_ids)
        async for events in users.batches(start, chosen, most=request.max_events):
            for reply, position in convert.from_batch(events):
                reply.resume_token = users.resume_token(position)
                yield reply

    async def BatchCreateUsers(
        self,
        request_iterator: AsyncIterator[user_bulk_pb2.BatchCreateUsersRequest],
        context: Context,
    ) -> user_bulk_pb2.BatchCreateUsersResponse:
        reply = user_bulk_pb2.BatchCreateUsersResponse()
        caller = caller_of(context)

        async def create(request: user_bulk_pb2.BatchCreateUsersRequest) -> user_pb2.User:
            self._rules.check(request)
            return await self._create(request, caller)

        async for one in outcomes(request_iterator, create, most=LARGEST_BATCH):
            if one.result is not None:
                reply.users.append(one.result)
            else:
                reply.failures.add(position=one.position, status=one.failure)
        return reply

    async def SyncUsers(
        self, request_iterator: AsyncIterator[user_bulk_pb2.SyncUsersRequest], context: Context
    ) -> AsyncIterator[user_bulk_pb2.SyncUsersResponse]:
        caller = caller_of(context)

        async def perform(request: user_bulk_pb2.SyncUsersRequest) -> user_pb2.User:
            access.require(access.operates, caller, request)
            self._rules.check(request)
            return await self._perform(request, caller)

        async for one in outcomes(request_iterator, perform):
            yield user_bulk_pb2.SyncUsersResponse(
                request_id=one.request.request_id,
                position=one.position,
                user=one.result,
                error=one.failure,
            )

    async def _perform(
        self, request: user_bulk_pb2.SyncUsersRequest, caller: Caller
    ) -> user_pb2.User:
        operation = request.WhichOneof("operation")
        try:
            if operation == "create_user":
                return await self._create(request.create_user, caller)
            if operation == "update_user":
                return await self._update(request.update_user)
            if operation == "delete_user":
                return await self._delete(request.delete_user)
            return await self._undelete(request.undelete_user)
        except errors.Refusal as refusal:
            raise refusal.within(str(operation)) from None

    async def _create(
        self,
        request: requests.CreateUserRequest | user_bulk_pb2.BatchCreateUsersRequest,
        caller: Caller,
    ) -> user_pb2.User:
        new = convert.to_user(request.user)
        created = await self._users.create(new, caller=caller.name, key=request.idempotency_key)
        return convert.from_user(created)

    async def _update(self, request: requests.UpdateUserRequest) -> user_pb2.User:
        edited = edit(request, self._rules, convert)
        current = _requiring(request.user.etag)

        def change(old: User) -> User:
            current(old)
            return edited(old)

        user_id = request.user.user_id
        changed = await self._users.update(user_id, change, deleted=errors.user_deleted)
        return convert.from_user(changed)

    async def _delete(self, request: requests.DeleteUserRequest) -> user_pb2.User:
        gone = await self._users.delete(request.user_id, _requiring(request.etag))
        return convert.from_user(gone)

    async def _undelete(self, request: requests.UndeleteUserRequest) -> user_pb2.User:
        back = await self._users.undelete(request.user_id, _requiring(request.etag))
        return convert.from_user(back)


def _requiring(etag: str) -> Look:
    """Refuse a user who is no longer as the etag says; nothing said, nothing required."""

    def look(user: User) -> None:
        if etag and etag != convert.from_user(user).etag:
            raise errors.etag_stale(user.user_id)

    return look


def _in_words_of_the_model(order_by: str) -> str:
    return order_by.replace("create_time", "created_at").replace("update_time", "updated_at")
