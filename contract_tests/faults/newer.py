"""Faults of what only v2 promises: etags, undeletion, batches of events."""

# ruff: noqa: N802 - servicer methods carry the names of their RPCs

from __future__ import annotations

from typing import Any

from api.user.v2 import user_requests_pb2 as requests

from contract_tests.faults.fault import Fault
from service.v2.servicer import UserServiceV2


class EtagIgnored(UserServiceV2):
    """An update goes through whatever its etag says."""

    async def UpdateUser(self, request: Any, context: Any) -> Any:
        request.user.ClearField("etag")
        return await super().UpdateUser(request, context)


class EtagIgnoredOnDelete(UserServiceV2):
    """So does a deletion."""

    async def DeleteUser(self, request: Any, context: Any) -> Any:
        request.ClearField("etag")
        return await super().DeleteUser(request, context)


class UndeleteLost(UserServiceV2):
    """An undeletion answers as if it had brought the user back."""

    async def UndeleteUser(self, request: Any, context: Any) -> Any:
        get = requests.GetUserRequest(user_id=request.user_id)
        found = (await self.GetUser(get, context)).user
        found.ClearField("delete_time")
        return requests.UndeleteUserResponse(user=found)


class ShowDeletedIgnored(UserServiceV2):
    """Lists hide the deleted even from those who ask for them."""

    async def ListUsers(self, request: Any, context: Any) -> Any:
        request.ClearField("show_deleted")
        return await super().ListUsers(request, context)


class DefaultPageEmpty(UserServiceV2):
    """A list without a page size is taken by its word: no users."""

    async def ListUsers(self, request: Any, context: Any) -> Any:
        reply = await super().ListUsers(request, context)
        return reply if request.page_size else requests.ListUsersResponse()


class BatchLosesAnEvent(UserServiceV2):
    """The last event of a batch with others is not told."""

    async def StreamUserEvents(self, request: Any, context: Any) -> Any:
        async for reply in super().StreamUserEvents(request, context):
            if len(reply.events) > 1:
                del reply.events[-1]
            yield reply


class BatchResumesTooLate(UserServiceV2):
    """A reader that resumes misses the event after its batch."""

    async def StreamUserEvents(self, request: Any, context: Any) -> Any:
        if request.resume_token:
            position = await self._users.start(request.resume_token, from_beginning=False)
            request.resume_token = self._users.resume_token(position + 1)
        async for reply in super().StreamUserEvents(request, context):
            yield reply


HEALTHY = Fault("v2-healthy", UserServiceV2, (), api="v2")
FAULTS: tuple[Fault, ...] = tuple(
    Fault(name, servicer, found_by, api="v2")
    for name, servicer, found_by in (
        ("v2-etag-ignored", EtagIgnored, ("STALE_ETAG_ABORTED",)),
        ("v2-etag-ignored-on-delete", EtagIgnoredOnDelete, ("STALE_ETAG_ABORTED",)),
        ("v2-undelete-lost", UndeleteLost, ("UNDELETE_RESTORES",)),
        ("v2-show-deleted-ignored", ShowDeletedIgnored, ("SHOW_DELETED_HONOURED",)),
        ("v2-default-page-empty", DefaultPageEmpty, ("DEFAULT_PAGE_SIZE",)),
        ("v2-batch-loses-an-event", BatchLosesAnEvent, ("EVENTS_COMPLETE",)),
        ("v2-batch-resumes-too-late", BatchResumesTooLate, ("RESUME_WITHOUT_GAP",)),
    )
)
