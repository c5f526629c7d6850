"""UpdateUser: the judgement of the merged user, and what leaves no trace."""

from __future__ import annotations

import asyncio

import pytest
from api.user.v1.user_pb2 import (
    USER_STATUS_DELETED,
    SocialLink,
    User,
    UserProfile,
)
from api.user.v1.user_requests_pb2 import CreateUserRequest, UpdateUserRequest

from contract_tests.service.support import BEFORE, Client, Refused, refused, told, update

pytestmark = pytest.mark.versions("v1", "v2")


@pytest.mark.parametrize(
    ("change", "paths", "field"),
    [
        (User(display_name=""), ["display_name"], "user.display_name"),
        (User(display_name="x" * 101), [], "user.display_name"),
        (User(email="nobody"), ["email"], "user.email"),
        (User(email="ada@example.org"), ["*"], "user.display_name"),
        (User.FromString(b"\x20\x09"), ["status"], "user.status"),
        (
            User(profile=UserProfile(social_links={"x": SocialLink(url="no uri")})),
            ["profile.social_links.x.url"],
            'user.profile.social_links["x"].url',
        ),
        (User(user_id="x"), ["email"], "user.user_id"),
    ],
)
async def test_the_user_that_an_update_would_make_is_held_to_the_rules(
    client: Client, change: User, paths: list[str], field: str
) -> None:
    """
    The violation names the path within the request.
    """
    await client.users.CreateUser(CreateUserRequest(user=BEFORE))
    call = update(client, change, *paths)

    assert await refused(call) == Refused("INVALID_ARGUMENT", "REQUEST_INVALID", (field,))


async def test_fields_outside_the_mask_are_held_to_no_rule(client: Client) -> None:
    """
    A partial user may say nonsense in what it does not change.
    """
    await client.users.CreateUser(CreateUserRequest(user=BEFORE))

    changed = await update(client, User(email="nonsense", display_name="New"), "display_name")
    assert (changed.email, changed.display_name) == ("ada@example.org", "New")


async def test_a_request_without_a_user_names_the_missing_id(client: Client) -> None:
    """
    What a zero-byte update lacks is the user to change.
    """
    call = client.users.UpdateUser(UpdateUserRequest())

    expected = Refused("INVALID_ARGUMENT", "REQUEST_INVALID", ("user.user_id",))
    assert await refused(call) == expected


@pytest.mark.versions("v1")
async def test_an_update_cannot_delete(client: Client) -> None:
    """
    DELETED is a state that only DeleteUser reaches.
    """
    await client.users.CreateUser(CreateUserRequest(user=BEFORE))

    call = update(client, User(status=USER_STATUS_DELETED), "status")
    assert await refused(call) == Refused("FAILED_PRECONDITION", "STATUS_NOT_SETTABLE")


async def test_an_update_of_nobody_is_not_found(client: Client) -> None:
    """
    UpdateUser never creates.
    """
    call = update(client, User(display_name="New"), "display_name")

    assert await refused(call) == Refused("NOT_FOUND", "USER_NOT_FOUND")


async def test_an_update_to_anothers_email_already_exists(either: Client) -> None:
    """
    Uniqueness holds for changes, too; one's own address in other case is free.
    """
    await either.users.CreateUser(CreateUserRequest(user=BEFORE))
    await either.create("bob")

    call = update(either, User(email="BOB@example.org"), "email")
    assert await refused(call) == Refused("ALREADY_EXISTS", "EMAIL_TAKEN")
    assert (await update(either, User(email="ADA@example.org"))).email == "ADA@example.org"


async def test_an_update_that_changes_nothing_leaves_no_trace(client: Client) -> None:
    """
    No new updated_at, no event: the same update twice is the same as once.
    """
    await client.users.CreateUser(CreateUserRequest(user=BEFORE))
    once = await update(client, User(display_name="New"), "display_name")
    twice = await update(client, User(display_name="New"), "display_name")
    assert twice == once

    await client.delete("u-1")
    kinds = [kind for kind, _ in told(await client.events(3))]
    assert kinds == ["user_created", "user_updated", "user_deleted"]


async def test_concurrent_updates_of_different_fields_lose_nothing(either: Client) -> None:
    """
    Reading, merging and writing are one step.
    """
    await either.users.CreateUser(CreateUserRequest(user=BEFORE))
    calls = [update(either, User(metadata={f"k{n}": "v"}), f"metadata.k{n}") for n in range(30)]

    await asyncio.gather(*calls)
    assert len((await either.get("u-1")).metadata) == 32
