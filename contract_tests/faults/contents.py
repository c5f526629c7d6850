"""Faults of contents: values that crash, are refused, are lost or come back as others."""

from __future__ import annotations

import html
import unicodedata
from typing import Any

from api.user.v1 import user_pb2

from contract_tests.faults.making import Servicer, around, crashing, sending, taking, together
from service import errors


def name_with(mark: str) -> Servicer:
    """A display_name that holds *mark* makes the handler throw."""
    return crashing("CreateUser", lambda request: mark in request.user.display_name)


def _astral(request: Any) -> bool:
    return any(ord(letter) > 0xFFFF for letter in request.user.display_name)


def _long(request: Any) -> bool:
    return len(request.user.display_name) > 64


ASTRAL_CRASHES = crashing("CreateUser", _astral)
LONG_CRASHES = crashing("CreateUser", _long)
EMPTY_VALUE_CRASHES = crashing("CreateUser", lambda r: "" in r.user.metadata.values())
SUSPENDED_CRASHES = crashing(
    "CreateUser", lambda request: request.user.status == user_pb2.USER_STATUS_SUSPENDED
)
NO_PROFILE_CRASHES = crashing("CreateUser", lambda request: not request.user.HasField("profile"))


async def _counted_in_bytes(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    if len(request.user.display_name.encode()) > 100:
        raise errors.invalid("REQUEST_INVALID", [errors.Violation("user.display_name", "too long")])
    return await healthy(request, context)


LENGTH_IN_BYTES = around("CreateUser", _counted_in_bytes)


async def _fewer_letters(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    if "-" in request.user.user_id:
        raise errors.invalid("REQUEST_INVALID", [errors.Violation("user.user_id", "no hyphens")])
    return await healthy(request, context)


HYPHENS_REFUSED = around("CreateUser", _fewer_letters)


def _lose_entry(request: Any) -> None:
    for key in sorted(request.user.metadata)[-1:]:
        del request.user.metadata[key]


def _lose_item(request: Any) -> None:
    del request.user.profile.skills[-1:]


def _swap(request: Any) -> None:
    profile = request.user.profile
    profile.bio, profile.location = profile.location[:2000], profile.bio[:200]


def _moderators_are_users(request: Any) -> None:
    if request.user.role == user_pb2.USER_ROLE_MODERATOR:
        request.user.role = user_pb2.USER_ROLE_USER


def _escape(request: Any) -> None:
    request.user.display_name = html.escape(request.user.display_name)[:100]


def _one_byte_letters(request: Any) -> None:
    profile = request.user.profile
    profile.location = profile.location.encode("latin-1", "replace").decode("latin-1")


def _first_line(request: Any) -> None:
    request.user.profile.bio = request.user.profile.bio.partition("\n")[0]


def _shorten(request: Any) -> None:
    request.user.profile.bio = request.user.profile.bio[:255]


FIRST_LINE_ONLY = taking("CreateUser", _first_line)
TEXT_STORED_CUT = taking("CreateUser", _shorten)
TEXT_ESCAPED = taking("CreateUser", _escape)
TEXT_IN_LATIN_1 = taking("CreateUser", _one_byte_letters)
MAP_ENTRY_LOST = taking("CreateUser", _lose_entry)
LIST_ITEM_LOST = taking("CreateUser", _lose_item)
FIELDS_SWAPPED = taking("CreateUser", _swap)
ENUM_VALUE_LOST = taking("CreateUser", _moderators_are_users)


def _whole_seconds(reply: Any, _: Any) -> None:
    reply.created_at.nanos = 0


def _normalised(reply: Any, _: Any) -> None:
    reply.display_name = unicodedata.normalize("NFC", reply.display_name)


def _latin(reply: Any, _: Any) -> None:
    reply.display_name = reply.display_name.encode("latin-1", "replace").decode("latin-1")


def _cut(reply: Any, _: Any) -> None:
    reply.profile.bio = reply.profile.bio[:255]


TIME_TRUNCATED = sending("GetUser", _whole_seconds)
UNICODE_NORMALISED = sending("GetUser", _normalised)
UNICODE_LOST = sending("GetUser", _latin)
TEXT_CUT = sending("GetUser", _cut)
ID_NOT_TOLD = sending("CreateUser", lambda reply, _: reply.ClearField("user_id"))


async def _unsaved(_: Any, __: Any, request: Any, ___: Any) -> Any:
    made = user_pb2.User()
    made.CopyFrom(request.user)
    made.user_id = made.user_id or "00000000-0000-4000-8000-000000000000"
    return made


async def _checked_and_unsaved(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    self._rules.check(request)
    return await _unsaved(self, healthy, request, context)


CREATE_SAVES_NOTHING = around("CreateUser", _checked_and_unsaved)


async def _last_read(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    found = await healthy(request, context)
    before = getattr(self, "_before", None) or found
    self._before = found
    return before


GET_TELLS_ANOTHER = around("GetUser", _last_read)


async def _remembered(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    known = self.__dict__.setdefault("_known", {})
    if request.user_id not in known:
        known[request.user_id] = await healthy(request, context)
    return known[request.user_id]


GET_IS_STALE = around("GetUser", _remembered)


async def _overwriting(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    try:
        return await healthy(request, context)
    except errors.Refusal as refusal:
        if refusal.reason != "USER_ID_TAKEN":
            raise
    made = user_pb2.User()
    made.CopyFrom(request.user)
    return made


DUPLICATE_ACCEPTED = around("CreateUser", _overwriting)


async def _kept(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    from service.v1 import convert

    try:
        self._rules.check(request)
    except errors.Refusal:
        if request.user.user_id:
            self.__dict__.setdefault("_refused", {})[request.user.user_id] = convert.from_user(
                convert.to_user(request.user)
            )
        raise
    return await healthy(request, context)


async def _also_refused(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    known = self.__dict__.get("_refused", {})
    return known.get(request.user_id) or await healthy(request, context)


REFUSED_IS_STORED = together(around("CreateUser", _kept), around("GetUser", _also_refused))
