"""Faults of lists: pages, sizes, orders, filters, tokens."""

from __future__ import annotations

from typing import Any

from api.user.v1 import user_requests_pb2

from contract_tests.faults.making import around, sending, taking
from service import pages


async def _boundary_again(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    last = self.__dict__.setdefault("_last", {})
    reply = await healthy(request, context)
    if request.page_token in last:
        reply.users.insert(0, last[request.page_token])
        if len(reply.users) > (request.page_size or pages.DEFAULT_SIZE):
            del reply.users[-1]
    if reply.next_page_token and reply.users:
        last[reply.next_page_token] = reply.users[-1]
    return reply


PAGE_REPEATS_BOUNDARY = around("ListUsers", _boundary_again)
PAGE_SIZE_IGNORED = taking("ListUsers", lambda request: request.ClearField("page_size"))


async def _one_more(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    self._rules.check(request)
    if 0 < request.page_size < 100:
        request.page_size += 1
    return await healthy(request, context)


PAGE_HOLDS_ONE_MORE = around("ListUsers", _one_more)


async def _literal_zero(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    reply = await healthy(request, context)
    return reply if request.page_size else user_requests_pb2.ListUsersResponse()


SIZE_ZERO_IS_EMPTY = around("ListUsers", _literal_zero)


async def _bounded(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    request.page_size = min(request.page_size, 100)
    return await healthy(request, context)


LARGEST_PAGE_COERCED = around("ListUsers", _bounded)
ORDER_IGNORED = taking("ListUsers", lambda request: request.ClearField("order_by"))


def _ascending(request: Any) -> None:
    request.order_by = request.order_by.replace(" desc", "")


DESCENDING_IGNORED = taking("ListUsers", _ascending)


async def _without_ties(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    """A cursor that holds only what it sorts by: what ties with the last item is passed over."""
    seen = self.__dict__.setdefault("_ends", {})
    reply = await healthy(request, context)
    field = request.order_by.partition(" ")[0]
    if field and request.page_token in seen:
        kept = [one for one in reply.users if getattr(one, field) != seen[request.page_token]]
        del reply.users[:]
        reply.users.extend(kept)
    if field and reply.next_page_token:
        whole = reply.users[-1] if reply.users else None
        seen[reply.next_page_token] = getattr(whole, field) if whole else seen[request.page_token]
    return reply


TIES_LOST = around("ListUsers", _without_ties)


async def _by_offset(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    """Pages by offset: what is deleted before the cursor moves the rest."""
    size, start = request.page_size or pages.DEFAULT_SIZE, 0
    if request.page_token:
        start = int(request.page_token) if request.page_token.isdigit() else 10**9
    everything = user_requests_pb2.ListUsersResponse()
    asked = user_requests_pb2.ListUsersRequest()
    asked.CopyFrom(request)
    asked.page_size, asked.page_token = request.page_size and 100, ""
    while True:
        page = await healthy(asked, context)
        everything.users.extend(page.users)
        asked.page_token = page.next_page_token
        if not asked.page_token:
            break
    reply = user_requests_pb2.ListUsersResponse(users=everything.users[start : start + size])
    reply.total_count = len(everything.users)
    if start + size < len(everything.users):
        reply.next_page_token = str(start + size)
    return reply


PAGES_BY_OFFSET = around("ListUsers", _by_offset)


def unbound(asked: Any, status: Any, role: Any) -> list[object]:  # noqa: ARG001 (as the original)
    """A page token that does not tell which filters it belongs to."""
    return [",".join(name for name, _ in asked), 0, 0]


async def _starts_over(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    """A token of another order is ignored."""
    from service import errors

    try:
        return await healthy(request, context)
    except errors.Refusal as refusal:
        if refusal.reason != "PAGE_TOKEN_INVALID" or not request.order_by:
            raise
    request.ClearField("page_token")
    return await healthy(request, context)


TOKEN_OF_OTHER_ORDER = around("ListUsers", _starts_over)


def _count_page(reply: Any, _: Any) -> None:
    reply.total_count = len(reply.users)


TOTAL_OF_PAGE = sending("ListUsers", _count_page)


async def _some(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    """A filter by role loses a match."""
    reply = await healthy(request, context)
    if request.role and not request.page_token:
        del reply.users[:1]
    return reply


FILTER_LOSES_MATCH = around("ListUsers", _some)


def _neighbours(reply: Any, _: Any) -> None:
    """Every item carries the name of the one before it."""
    names = [one.display_name for one in reply.users]
    for one, name in zip(reply.users, names[-1:] + names[:-1], strict=True):
        one.display_name = name


LIST_MIXES_ITEMS = sending("ListUsers", _neighbours)


async def _frozen(self: Any, healthy: Any, request: Any, context: Any) -> Any:
    """What was created after the first full listing never shows."""
    reply = await healthy(request, context)
    known = self.__dict__.setdefault("_frozen", set())
    if len(known) < 3:
        known |= {one.user_id for one in reply.users}
    kept = [one for one in reply.users if one.user_id in known]
    del reply.users[:]
    reply.users.extend(kept)
    return reply


LIST_NEVER_GROWS = around("ListUsers", _frozen)
