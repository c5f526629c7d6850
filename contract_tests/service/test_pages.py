"""ListUsers: every page of every order, while others write."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from api.user.v1 import user_pb2
from api.user.v1.user_requests_pb2 import ListUsersRequest, ListUsersResponse

from contract_tests.service.support import Client, Refused, ids, refused, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

pytestmark = pytest.mark.versions("v1", "v2")

ORDERS = [
    "",
    "user_id desc",
    "email",
    "display_name",
    "display_name desc",
    "created_at desc",
    "updated_at",
    "status, display_name desc",
    "role desc,display_name asc , status",
    "display_name, user_id desc",
    "display_name desc, display_name",
]

STATUSES = [user_pb2.USER_STATUS_ACTIVE, user_pb2.USER_STATUS_SUSPENDED]


def asking(**fields: Any) -> ListUsersRequest:
    """A request, also one with numbers that name no enum value."""
    return ListUsersRequest(**fields)


async def populate(client: Client, count: int = 12) -> list[user_pb2.User]:
    """Users with many ties in everything but id and email."""
    return [
        await client.create(
            f"p{n:02}",
            user_id=f"m-{n:02}",
            display_name="abc"[n % 3],
            role=1 + n % 2,
            status=STATUSES[n // 6],
        )
        for n in range(count)
    ]


async def pages(client: Client, **asked: Any) -> AsyncIterator[ListUsersResponse]:
    """Every page, the next one asked for only after the one before was dealt with."""
    token = ""
    for _ in range(100):
        request = ListUsersRequest(page_token=token, **asked)
        page = await client.users.ListUsers(request)
        yield page
        token = page.next_page_token
        if not token:
            return
    raise AssertionError("the pages have no end")


def sort_key(order_by: str) -> Callable[[user_pb2.User], list[Any]]:
    """The order that the text asks for, as Python sorts."""

    def value(user: user_pb2.User, name: str, *, down: bool) -> Any:
        found = getattr(user, name)
        if name.endswith("_at"):
            found = found.ToNanoseconds()
        if isinstance(found, int):
            return -found if down else found
        return [-ord(c) for c in found] + [1] if down else [ord(c) for c in found]

    def key(user: user_pb2.User) -> list[Any]:
        parts = [part.split() for part in (order_by or "created_at").split(",")]
        found = [value(user, part[0], down=part[1:] == ["desc"]) for part in parts]
        return [*found, user.user_id]

    return key


@pytest.fixture(params=["a clock", "a standing clock"])
async def populated(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """Twelve users, also with all times equal."""
    ticks = itertools.count(1_700_000_000_000_000, 0 if "standing" in request.param else 1)
    async with serving(clock=lambda: next(ticks)) as client:
        await populate(client)
        yield client


@pytest.mark.parametrize("order_by", ORDERS)
async def test_pages_are_complete_and_in_order(populated: Client, order_by: str) -> None:
    """
    Together they are what one page would be; the last token is empty.
    """
    whole = await populated.users.ListUsers(ListUsersRequest(order_by=order_by))
    walked = [page async for page in pages(populated, order_by=order_by, page_size=5)]

    found = [user for page in walked for user in page.users]
    assert found == list(whole.users) == sorted(whole.users, key=sort_key(order_by))
    assert [len(page.users) for page in walked] == [5, 5, 2]
    assert [page.total_count for page in walked] == [12, 12, 12]


@pytest.mark.parametrize("order_by", ORDERS)
async def test_others_who_write_make_pages_neither_skip_nor_repeat(
    populated: Client, order_by: str
) -> None:
    """
    Between pages users are inserted before, at and after the cursor, with ties, and one is deleted.
    """
    at_first = {f"m-{n:02}" for n in range(12)}
    seen: list[str] = []
    fresh = itertools.count()
    async for page in pages(populated, order_by=order_by, page_size=3):
        seen += ids(page.users)
        last = page.users[-1]
        for user_id in ("a", last.user_id + "-", last.user_id + "0", "z"):
            n = next(fresh)
            if n < 20:
                name = {"a": "a", "z": "c"}.get(user_id, last.display_name)
                await populated.create(
                    f"new{n}",
                    user_id=f"{user_id}-x{n}",
                    display_name=name,
                    role=last.role,
                    status=last.status,
                )
        if len(seen) == 3:
            await populated.delete(seen[0])
    assert len(seen) == len(set(seen))
    assert at_first <= set(seen)


async def test_a_full_last_page_has_no_next_one(client: Client) -> None:
    """
    No empty page follows.
    """
    await populate(client, 4)

    walked = [page async for page in pages(client, page_size=2)]
    assert [len(page.users) for page in walked] == [2, 2]


async def test_nobody_makes_one_empty_page(client: Client) -> None:
    """
    No user, no token, a count of 0.
    """
    assert await client.users.ListUsers(ListUsersRequest()) == ListUsersResponse()


@pytest.mark.parametrize(("page_size", "expected"), [(0, 50), (1, 1), (99, 99), (100, 100)])
async def test_a_page_holds_what_was_asked_for(page_size: int, expected: int) -> None:
    """
    0 means 50.
    """
    async with serving() as client:
        for n in range(101):
            await client.create(f"p{n}")

        page = await client.users.ListUsers(ListUsersRequest(page_size=page_size))
        assert (len(page.users), page.total_count) == (expected, 101)


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (ListUsersRequest(page_size=-1), "page_size"),
        (asking(status=9), "status"),
        (asking(role=9), "role"),
        (ListUsersRequest(order_by="nope"), "order_by"),
        (ListUsersRequest(order_by="email descending"), "order_by"),
        (ListUsersRequest(order_by="email,"), "order_by"),
        (ListUsersRequest(order_by="email; DROP TABLE users"), "order_by"),
    ],
)
async def test_an_impossible_list_is_refused(
    client: Client, request_: ListUsersRequest, field: str
) -> None:
    """
    The violation names the field.
    """
    call = client.users.ListUsers(request_)

    assert await refused(call) == Refused("INVALID_ARGUMENT", "REQUEST_INVALID", (field,))


@pytest.mark.versions("v1")
async def test_more_than_a_page_holds_is_refused(client: Client) -> None:
    """
    As the schema's rule says.
    """
    call = client.users.ListUsers(ListUsersRequest(page_size=101))
    expected = Refused("INVALID_ARGUMENT", "REQUEST_INVALID", ("page_size",))
    assert await refused(call) == expected


async def test_filters_select(client: Client) -> None:
    """
    Status and role, together and alone, in pages and count.
    """
    users = await populate(client)
    for status, role in itertools.product((0, 1, 3), (0, 1, 2)):
        expected = [u.user_id for u in users if status in (0, u.status) and role in (0, u.role)]
        request = asking(status=status, role=role)
        page = await client.users.ListUsers(request)
        assert (ids(page.users), page.total_count) == (expected, len(expected))


async def test_a_changed_page_size_is_honoured(client: Client) -> None:
    """
    A page's size is no part of its query.
    """
    users = ids(await populate(client))
    first = await client.users.ListUsers(ListUsersRequest(page_size=2))
    request = ListUsersRequest(page_size=7, page_token=first.next_page_token)

    second = await client.users.ListUsers(request)
    assert ids(first.users) + ids(second.users) == users[:9]


@pytest.mark.parametrize(
    "change", [{"status": 1}, {"role": 2}, {"order_by": "email"}, {"order_by": "created_at desc"}]
)
async def test_a_token_of_another_query_is_refused(client: Client, change: dict[str, Any]) -> None:
    """
    Filters and order stay the same from page to page.
    """
    await populate(client)
    first = await client.users.ListUsers(ListUsersRequest(page_size=2))

    call = client.users.ListUsers(ListUsersRequest(page_token=first.next_page_token, **change))
    expected = Refused("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID", ("page_token",))
    assert await refused(call) == expected


async def test_the_same_order_in_other_words_is_the_same_query(client: Client) -> None:
    """
    Spaces and a spelled-out default change nothing.
    """
    await populate(client)
    first = await client.users.ListUsers(ListUsersRequest(page_size=2))
    words = " created_at  asc ,user_id"

    request = ListUsersRequest(page_token=first.next_page_token, order_by=words)
    assert len((await client.users.ListUsers(request)).users) == 10


async def foreign_tokens(client: Client) -> list[str]:
    """A page token of this server, damaged; its other tokens; and text that never was one."""
    page = await client.users.ListUsers(ListUsersRequest(page_size=1))
    token = page.next_page_token
    flipped = ("A" if token[0] != "A" else "B") + token[1:]
    resume = (await client.events(1))[0].resume_token
    return [flipped, token[:-4], token + "AAAA", resume, "0", "null", "ü", "====", "a b"]


async def test_a_token_that_was_never_issued_is_refused(client: Client) -> None:
    """
    Whatever is wrong with it.
    """
    await populate(client, 3)

    for token in await foreign_tokens(client):
        call = client.users.ListUsers(ListUsersRequest(page_token=token))
        assert (await refused(call)).reason == "PAGE_TOKEN_INVALID", token


async def test_a_token_outlives_a_restart(db: str) -> None:
    """
    A walk goes on where it was.
    """
    async with serving(db) as client:
        users = ids(await populate(client, 4))
        first = await client.users.ListUsers(ListUsersRequest(page_size=2))
    async with serving(db) as client:
        request = ListUsersRequest(page_token=first.next_page_token)
        second = await client.users.ListUsers(request)
    assert ids(first.users) + ids(second.users) == users
