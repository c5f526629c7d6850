"""Faults of the streams."""

# ruff: noqa: N802 - servicer methods carry the names of their RPCs

from __future__ import annotations

from typing import Any

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
