"""Faults of validation: rules that are off by one, left out, or answered with another status."""

# ruff: noqa: N802 - servicer methods carry the names of their RPCs

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message
from google.rpc import code_pb2

from contract_tests.faults.making import around
from service import errors
from service.rules import Rules
from service.v1.servicer import UserServiceV1


class Lenient(Rules):
    """Rules that overlook violations of one rule at one field."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__()
        self.field = field
        self.rule = rule

    def check(self, message: Message, *, within: str = "") -> None:
        found = self._validator.collect_violations(message)
        if any(not self._overlooked(violation) for violation in found):
            super().check(message, within=within)

    def _overlooked(self, violation: Any) -> bool:
        proto = violation.proto
        names = [e.field_name for e in proto.field.elements] if proto.field else [""]
        return self.field in names and str(proto.rule_id).startswith(self.rule)


def overlooking(field: str, rule: str) -> type[UserServiceV1]:
    """The servicer without one rule at one field; without a field, at whole messages."""

    class Overlooking(UserServiceV1):
        def __init__(self, users: Any) -> None:
            super().__init__(users)
            self._rules = Lenient(field, rule)

    return Overlooking


class MinimumOffByOne(UserServiceV1):
    """A user_id of two characters passes for one of three."""

    def __init__(self, users: Any) -> None:
        super().__init__(users)
        self._rules = Lenient("user_id", "string.min_len")


class MinimumOneTooMany(UserServiceV1):
    """A display_name of one character is refused."""

    async def CreateUser(self, request: Any, context: Any) -> Any:
        if len(request.user.display_name) == 1:
            blame = errors.Violation("user.display_name", "must be longer")
            raise errors.invalid("REQUEST_INVALID", [blame])
        return await super().CreateUser(request, context)


class EmailUnchecked(UserServiceV1):
    """Anything passes for an email address."""

    def __init__(self, users: Any) -> None:
        super().__init__(users)
        self._rules = Lenient("email", "string.email")


class ItemsUnchecked(UserServiceV1):
    """The items of a repeated field are not looked at."""

    def __init__(self, users: Any) -> None:
        super().__init__(users)
        self._rules = Lenient("skills", "string.")


class WrongStatus(UserServiceV1):
    """FAILED_PRECONDITION where INVALID_ARGUMENT is owed."""

    async def CreateUser(self, request: Any, context: Any) -> Any:
        try:
            return await super().CreateUser(request, context)
        except errors.Refusal as refusal:
            if refusal.code == code_pb2.INVALID_ARGUMENT:
                refusal.code = code_pb2.FAILED_PRECONDITION
            raise


class BatchChecksFirstOnly(UserServiceV1):
    """Only the first message of a batch is validated."""

    async def BatchCreateUsers(self, request_iterator: Any, context: Any) -> Any:
        strict = self._rules

        async def watched() -> Any:
            first = True
            async for request in request_iterator:
                yield request
                if first:
                    self._rules = Unchecked()
                    first = False

        try:
            return await super().BatchCreateUsers(watched(), context)
        finally:
            self._rules = strict


class SyncUnchecked(UserServiceV1):
    """Operations of a sync stream are not validated."""

    async def SyncUsers(self, request_iterator: Any, context: Any) -> Any:
        strict, self._rules = self._rules, Unchecked()
        try:
            async for reply in super().SyncUsers(request_iterator, context):
                yield reply
        finally:
            self._rules = strict


class UpdateUnchecked(UserServiceV1):
    """What an update makes of a user is not validated."""

    async def UpdateUser(self, request: Any, context: Any) -> Any:
        strict, self._rules = self._rules, Unchecked()
        try:
            return await super().UpdateUser(request, context)
        finally:
            self._rules = strict


class Unchecked(Rules):
    """Rules that let everything by."""

    def check(self, message: Message, *, within: str = "") -> None:
        del message, within


class EventsUnchecked(UserServiceV1):
    """A request for events is not validated."""

    async def StreamUserEvents(self, request: Any, context: Any) -> Any:
        strict, self._rules = self._rules, Unchecked()
        try:
            async for event in super().StreamUserEvents(request, context):
                yield event
        finally:
            self._rules = strict


class NulCrashes(UserServiceV1):
    """A display_name with NUL makes the handler throw."""

    async def CreateUser(self, request: Any, context: Any) -> Any:
        if "\0" in request.user.display_name:
            raise ValueError("embedded null byte")
        return await super().CreateUser(request, context)


async def _one_letter_more(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    if len(request.user.display_name) == 101:
        request.user.display_name = request.user.display_name[:100]
    return await healthy(request, context)


async def _one_item_more(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    if request.page_size == 101:
        request.page_size = 100
    return await healthy(request, context)


async def _unchecked(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    strict, self._rules = self._rules, Unchecked()
    try:
        return await healthy(request, context)
    finally:
        self._rules = strict


MAXIMUM_OFF_BY_ONE = around("CreateUser", _one_letter_more)
PAGE_CAP_OFF_BY_ONE = around("ListUsers", _one_item_more)
DELETE_UNCHECKED = around("DeleteUser", _unchecked)


async def _shown_whatever(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    """Anything passes for a page token, an order or a filter: what does not fit is left out."""
    for name in ("page_token", "order_by", "status", "role", "page_size"):
        try:
            return await healthy(request, context)
        except errors.Refusal:
            request.ClearField(name)
    return await healthy(request, context)


LIST_UNCHECKED = around("ListUsers", _shown_whatever)
