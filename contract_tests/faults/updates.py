"""Faults of update and delete, and of what happens at the same time."""

from __future__ import annotations

import asyncio
from typing import Any

from api.user.v1 import user_pb2, user_requests_pb2
from google.protobuf.empty_pb2 import Empty

from contract_tests.faults.making import around, taking, together
from service import errors


async def _answers_old(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    asked = user_requests_pb2.GetUserRequest(user_id=request.user.user_id)
    try:
        before = await self.GetUser(asked, context)
    except errors.Refusal:
        before = None
    after = await healthy(request, context)
    return before or after


UPDATE_ANSWERS_OLD = around("UpdateUser", _answers_old)


async def _upserts(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    try:
        return await healthy(request, context)
    except errors.Refusal as refusal:
        if refusal.reason != "USER_NOT_FOUND":
            raise
    return request.user


UPDATE_OF_NOTHING_OK = around("UpdateUser", _upserts)


def _widens(request: Any) -> None:
    paths = [path.partition(".")[0] for path in request.update_mask.paths]
    del request.update_mask.paths[:]
    request.update_mask.paths.extend(dict.fromkeys(paths))


NESTED_PATH_REPLACES_PARENT = taking("UpdateUser", _widens)


async def _first_path_only(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    del request.update_mask.paths[1:]
    return await healthy(request, context)


SECOND_PATH_IGNORED = around("UpdateUser", _first_path_only)


async def _half_done(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    """Paths are written one by one, until one is refused."""
    paths = list(request.update_mask.paths)
    reply = None
    for path in paths or [""]:
        one = user_requests_pb2.UpdateUserRequest(user=request.user)
        one.update_mask.paths.extend([path] if path else [])
        reply = await healthy(one, context)
    return reply


REFUSED_UPDATE_HALF_DONE = around("UpdateUser", _half_done)


async def _renews(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    reply = await healthy(request, context)
    self.__dict__.setdefault("_renewed", {})[reply.user_id] = reply.updated_at
    return reply


async def _tells_renewed(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    reply = await healthy(request, context)
    if request.user_id in self.__dict__.get("_renewed", {}):
        reply.created_at.CopyFrom(self._renewed[request.user_id])
    return reply


CREATION_TIME_MOVES = together(around("UpdateUser", _renews), around("GetUser", _tells_renewed))


async def _deletes_again(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    try:
        return await healthy(request, context)
    except errors.Refusal as refusal:
        if refusal.reason != "USER_NOT_FOUND":
            raise
    return Empty()


DELETE_OF_NOTHING_OK = around("DeleteUser", _deletes_again)


async def _changes_the_dead(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    known = self.__dict__.setdefault("_changed", {})
    try:
        known[request.user.user_id] = reply = await healthy(request, context)
    except errors.Refusal as refusal:
        gone = await self._users._store.user(request.user.user_id)
        if refusal.reason != "USER_NOT_FOUND" or gone is None:
            raise
        reply = user_pb2.User()
        reply.CopyFrom(request.user)
    return reply


UPDATE_OF_DELETED_OK = around("UpdateUser", _changes_the_dead)


async def _deletes_newest(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    await self.GetUser(user_requests_pb2.GetUserRequest(user_id=request.user_id), context)
    listed = user_requests_pb2.ListUsersRequest(page_size=1)
    page = await self.ListUsers(listed, context)
    return await healthy(
        user_requests_pb2.DeleteUserRequest(user_id=page.users[0].user_id), context
    )


DELETES_THE_OLDEST = around("DeleteUser", _deletes_newest)


async def _checks_then_acts(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    """Looks whether the name is taken, waits, and writes without looking again."""
    self._rules.check(request)
    waiting = self.__dict__.setdefault("_waiting", set())
    user_id = request.user.user_id
    if not user_id or user_id not in waiting:
        waiting.add(user_id)
        try:
            await asyncio.sleep(0.02)
            return await healthy(request, context)
        finally:
            waiting.discard(user_id)
    await asyncio.sleep(0.02)
    made = user_pb2.User()
    made.CopyFrom(request.user)
    return made


CREATES_RACE = around("CreateUser", _checks_then_acts)


async def _read_modify_write(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    """Writes the whole user as it was when the update began: what happened meanwhile is lost."""
    asked = user_requests_pb2.GetUserRequest(user_id=request.user.user_id)
    before = await self.GetUser(asked, context)
    await asyncio.sleep(0.02)
    reply = await healthy(request, context)
    paths = {path.partition(".")[0] for path in request.update_mask.paths}
    others = [n for n in ("display_name", "metadata", "profile", "role") if n not in paths]
    if paths and "*" not in paths:
        undo = user_requests_pb2.UpdateUserRequest(user=before)
        undo.update_mask.paths.extend(others)
        reply = await healthy(undo, context)
    return reply


UPDATES_RACE = around("UpdateUser", _read_modify_write)


async def _key_races(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    """The key is looked up before the user is stored, and remembered afterwards."""
    self._rules.check(request)
    known = self.__dict__.setdefault("_keys", {})
    key = request.idempotency_key
    if key and key in known:
        return await healthy(request, context)
    if key:
        pending = self.__dict__.setdefault("_pending", set())
        if key in pending:
            request.ClearField("idempotency_key")
            request.user.ClearField("user_id")
            request.user.email = f"{len(pending)}{request.user.email}"[:254]
            return await healthy(request, context)
        pending.add(key)
        await asyncio.sleep(0.02)
        reply = await healthy(request, context)
        pending.discard(key)
        known[key] = True
        return reply
    return await healthy(request, context)


KEYS_RACE = around("CreateUser", _key_races)


async def _merged(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    """What a mask names is added to the pairs that are there."""
    if "metadata" in request.update_mask.paths:
        asked = user_requests_pb2.GetUserRequest(user_id=request.user.user_id)
        before = await self.GetUser(asked, context)
        for key, value in before.metadata.items():
            if key not in request.user.metadata and len(request.user.metadata) < _PAIRS:
                request.user.metadata[key] = value
    return await healthy(request, context)


_PAIRS = 100
PAIRS_ADDED = around("UpdateUser", _merged)


async def _told_as_created(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    """The time of the last update is that of creation."""
    reply = await healthy(request, context)
    reply.updated_at.CopyFrom(reply.created_at)
    return reply


UPDATE_TIME_STILL = together(
    around("UpdateUser", _told_as_created), around("GetUser", _told_as_created)
)
