"""Faults of the streams."""

# ruff: noqa: N802 - servicer methods carry the names of their RPCs

from __future__ import annotations

import asyncio
from typing import Any

from google.rpc import status_pb2

from contract_tests.faults.making import BrokenError, around, around_stream, together
from service.v1.servicer import UserServiceV1


class BatchLosesLast(UserServiceV1):
    """The last message of a batch is neither created nor reported."""

    async def BatchCreateUsers(self, request_iterator: Any, context: Any) -> Any:
        async def but_the_last() -> Any:
            held = None
            async for request in request_iterator:
                if held is not None:
                    yield held
                held = request

        return await super().BatchCreateUsers(but_the_last(), context)


class BatchHidesFailures(UserServiceV1):
    """A batch does not tell of the items that failed."""

    async def BatchCreateUsers(self, request_iterator: Any, context: Any) -> Any:
        reply = await super().BatchCreateUsers(request_iterator, context)
        reply.ClearField("failures")
        reply.ClearField("errors")
        reply.failed_count = 0
        return reply


class SyncReorders(UserServiceV1):
    """Replies come in pairs, the second first."""

    async def SyncUsers(self, request_iterator: Any, context: Any) -> Any:
        held = None
        async for reply in super().SyncUsers(request_iterator, context):
            if held is None:
                held = reply
                continue
            yield reply
            yield held
            held = None
        if held is not None:
            yield held


class SyncLeaks(UserServiceV1):
    """A stream is told of the operation that another stream asked for last."""

    def __init__(self, users: Any) -> None:
        super().__init__(users)
        self._last: Any = None

    async def SyncUsers(self, request_iterator: Any, context: Any) -> Any:
        mine = None
        async for reply in super().SyncUsers(request_iterator, context):
            if self._last is not None and mine is not None and self._last is not mine:
                yield self._last
            self._last = mine = reply
            yield reply


class EventsDuplicatedOnResume(UserServiceV1):
    """A reader that resumes gets its last event again."""

    async def StreamUserEvents(self, request: Any, context: Any) -> Any:
        token = request.resume_token
        if token:
            position = await self._users.start(token, from_beginning=False)
            request.resume_token = self._users.resume_token(position - 1)
        async for event in super().StreamUserEvents(request, context):
            yield event


class EventsDroppedOnResume(UserServiceV1):
    """A reader that resumes misses the next event."""

    async def StreamUserEvents(self, request: Any, context: Any) -> Any:
        skip = bool(request.resume_token)
        async for event in super().StreamUserEvents(request, context):
            if skip:
                skip = False
                continue
            yield event


class UpdatesNotTold(UserServiceV1):
    """No event for an update."""

    async def StreamUserEvents(self, request: Any, context: Any) -> Any:
        async for event in super().StreamUserEvents(request, context):
            if event.WhichOneof("event") != "user_updated":
                yield event


class EventsTwice(UserServiceV1):
    """Every creation is told twice."""

    async def StreamUserEvents(self, request: Any, context: Any) -> Any:
        async for event in super().StreamUserEvents(request, context):
            yield event
            if event.WhichOneof("event") == "user_created":
                yield event


async def _stops_at_failure(self: Any, _: Any, requests: Any, context: Any) -> Any:
    """Whatever follows an item that fails is neither made nor reported."""

    async def until_failure() -> Any:
        failed = False
        async for request in requests:
            if not failed:
                yield request
                failed = failed or bool(self._rules._validator.collect_violations(request))

    return await UserServiceV1.BatchCreateUsers(self, until_failure(), context)


BATCH_STOPS_AT_FAILURE = around("BatchCreateUsers", _stops_at_failure)


async def _some(healthy: Any, requests: Any, context: Any, most: int) -> Any:
    async def first() -> Any:
        count = 0
        async for request in requests:
            count += 1
            if count <= most:
                yield request

    return await healthy(first(), context)


async def _loses_after_ten(_: Any, healthy: Any, requests: Any, context: Any) -> Any:
    return await _some(healthy, requests, context, 10)


BATCH_LOSES_AFTER_TEN = around("BatchCreateUsers", _loses_after_ten)


async def _crashes_empty(_: Any, healthy: Any, requests: Any, context: Any) -> Any:
    reply = await healthy(requests, context)
    if not reply.created_users and not reply.failed_count:
        raise BrokenError("no first item")
    return reply


BATCH_CRASHES_EMPTY = around("BatchCreateUsers", _crashes_empty)


async def _hangs_empty(_: Any, healthy: Any, requests: Any, context: Any) -> Any:
    reply = await healthy(requests, context)
    if not reply.created_users and not reply.failed_count:
        await asyncio.Event().wait()
    return reply


BATCH_HANGS_EMPTY = around("BatchCreateUsers", _hangs_empty)


async def _unsaved(self: Any, healthy: Any, requests: Any, context: Any) -> Any:
    """The reply tells of users that were never stored."""
    reply = await healthy(requests, context)
    for user in reply.created_users[1:]:
        await self._users.delete(user.user_id)
    return reply


BATCH_SAVES_FIRST_ONLY = around("BatchCreateUsers", _unsaved)


async def _hides_late_failures(_: Any, healthy: Any, requests: Any, context: Any) -> Any:
    """Items that fail after the fourth are told of as if they had gone well: not at all."""
    reply = await healthy(requests, context)
    kept = [failure for failure in reply.failures if failure.position < 4]
    del reply.failures[:]
    reply.failures.extend(kept)
    del reply.errors[len(kept) :]
    reply.failed_count = len(kept)
    return reply


BATCH_HIDES_LATE_FAILURES = around("BatchCreateUsers", _hides_late_failures)


async def _ends_early(_: Any, healthy: Any, requests: Any, context: Any) -> Any:
    count = 0
    async for reply in healthy(requests, context):
        count += 1
        yield reply
        if count == 3:
            return


SYNC_ENDS_EARLY = around_stream("SyncUsers", _ends_early)


async def _ends_late(_: Any, healthy: Any, requests: Any, context: Any) -> Any:
    count = 0
    async for reply in healthy(requests, context):
        count += 1
        yield reply
        if count == 16:
            return


SYNC_ENDS_AFTER_SIXTEEN = around_stream("SyncUsers", _ends_late)


async def _never_ends(_: Any, healthy: Any, requests: Any, context: Any) -> Any:
    async for reply in healthy(requests, context):
        yield reply
    await asyncio.Event().wait()


SYNC_NEVER_ENDS = around_stream("SyncUsers", _never_ends)


async def _silent_on_error(_: Any, healthy: Any, requests: Any, context: Any) -> Any:
    async for reply in healthy(requests, context):
        if not reply.HasField("error"):
            yield reply


SYNC_SILENT_ON_ERROR = around_stream("SyncUsers", _silent_on_error)


async def _repeats_reply(_: Any, healthy: Any, requests: Any, context: Any) -> Any:
    async for reply in healthy(requests, context):
        yield reply
        if reply.position == 2:
            yield reply


SYNC_REPEATS_REPLY = around_stream("SyncUsers", _repeats_reply)


async def _greets(_: Any, healthy: Any, requests: Any, context: Any) -> Any:
    """Something is said before anything is asked."""
    from api.user.v1 import user_bulk_pb2

    yield user_bulk_pb2.SyncUserResponse(error=status_pb2.Status(code=0, message="ready"))
    async for reply in healthy(requests, context):
        yield reply


SYNC_SPEAKS_UNASKED = around_stream("SyncUsers", _greets)


async def _only_says_so(self: Any, healthy: Any, requests: Any, context: Any) -> Any:
    """What a sync creates is told of, and not kept."""
    async for reply in healthy(requests, context):
        if reply.WhichOneof("result") == "user":
            await self._users.delete(reply.user.user_id)
        yield reply


SYNC_KEEPS_NOTHING = around_stream("SyncUsers", _only_says_so)


async def _as_created(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    async for event in healthy(request, context):
        if event.WhichOneof("event") == "user_updated":
            event.user_created.user.CopyFrom(event.user_updated.user)
        yield event


UPDATES_TOLD_AS_CREATED = around_stream("StreamUserEvents", _as_created)


async def _without_deletes(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    async for event in healthy(request, context):
        if event.WhichOneof("event") != "user_deleted":
            yield event


DELETES_NOT_TOLD = around_stream("StreamUserEvents", _without_deletes)


async def _swapped_on_resume(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    held = None
    async for event in healthy(request, context):
        if not request.resume_token:
            yield event
        elif held is None:
            held = event
        else:
            yield event
            yield held
            held = None


EVENTS_SWAPPED_ON_RESUME = around_stream("StreamUserEvents", _swapped_on_resume)


async def _few_events(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    count = 0
    async for event in healthy(request, context):
        count += 1
        yield event
        if count == 3:
            return


EVENTS_END_EARLY = around_stream("StreamUserEvents", _few_events)


async def _everybody(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    request.ClearField("user_ids")
    async for event in healthy(request, context):
        yield event


EVENTS_OF_EVERYBODY = around_stream("StreamUserEvents", _everybody)


async def _token_of_before(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    """Every event carries the token of the one before: resuming repeats it."""
    before = ""
    async for event in healthy(request, context):
        token, event.resume_token = event.resume_token, before or event.resume_token
        before = token
        yield event


EVENTS_WITH_EARLIER_TOKEN = around_stream("StreamUserEvents", _token_of_before)


async def _of_unary_only(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    untold = self.__dict__.setdefault("_batched", set())
    async for event in healthy(request, context):
        if event.user_created.user.user_id not in untold or not event.HasField("user_created"):
            yield event


async def _remembers(self: Any, _: Any, requests: Any, context: Any) -> Any:
    untold = self.__dict__.setdefault("_batched", set())

    async def noted() -> Any:
        async for request in requests:
            untold.add(request.user.user_id)
            yield request

    return await UserServiceV1.BatchCreateUsers(self, noted(), context)


BATCH_UNTOLD = together(
    around_stream("StreamUserEvents", _of_unary_only), around("BatchCreateUsers", _remembers)
)
