"""UpdateUser: masks, the judgement of the merged user, and what leaves no trace."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from api.user.v1.user_pb2 import (
    USER_ROLE_ADMIN,
    USER_ROLE_USER,
    USER_STATUS_ACTIVE,
    USER_STATUS_DELETED,
    USER_STATUS_SUSPENDED,
    SocialLink,
    User,
    UserProfile,
)
from api.user.v1.user_requests_pb2 import CreateUserRequest, UpdateUserRequest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from contract_tests.service.support import Client, Refused, person, refused, told

WORK = SocialLink(platform="p", url="https://example.org/work")
HOME = SocialLink(platform="q", url="https://example.org/home")

BEFORE = User(
    user_id="u-1",
    email="ada@example.org",
    display_name="Ada",
    status=USER_STATUS_SUSPENDED,
    role=USER_ROLE_ADMIN,
    metadata={"team": "blue", "a.b": "c"},
    profile=UserProfile(
        bio="old", location="London", skills=["a", "b"], social_links={"work": WORK, "home": HOME}
    ),
)


def update(client: Client, change: User, *paths: str) -> Any:
    """An update of the user with BEFORE's id."""
    change.user_id = change.user_id or "u-1"
    mask = FieldMask(paths=paths)
    return client.users.UpdateUser(UpdateUserRequest(user=change, update_mask=mask))


def after(**changes: Any) -> User:
    """BEFORE with some top-level fields set otherwise; None clears."""
    expected = User()
    expected.CopyFrom(BEFORE)
    for name, value in changes.items():
        expected.ClearField(name)
        if value is not None:
            expected.MergeFrom(User(**{name: value}))
    return expected


def profile(**changes: Any) -> UserProfile:
    """BEFORE's profile with some fields set otherwise; None clears."""
    expected = UserProfile()
    expected.CopyFrom(BEFORE.profile)
    for name, value in changes.items():
        expected.ClearField(name)
        if value is not None:
            expected.MergeFrom(UserProfile(**{name: value}))
    return expected


CHANGE = User(
    email="new@example.org",
    display_name="New",
    metadata={"team": "red"},
    created_at=Timestamp(seconds=1),
    profile=UserProfile(bio="new", social_links={"work": HOME, "more": WORK}),
)

NEITHER_LINK_BUT_HOME = {"home": HOME, "work": SocialLink(url=HOME.url, platform=WORK.platform)}

MASKS = [
    pytest.param(["display_name"], after(display_name="New"), id="one field"),
    pytest.param(
        ["email", "display_name"], after(email="new@example.org", display_name="New"), id="two"
    ),
    pytest.param(["metadata"], after(metadata={"team": "red"}), id="a map is replaced"),
    pytest.param(
        ["metadata.team"], after(metadata={"team": "red", "a.b": "c"}), id="a map's entry"
    ),
    pytest.param(
        ["metadata.`a.b`"], after(metadata={"team": "blue"}), id="a quoted entry, unset: removed"
    ),
    pytest.param(["metadata.none"], after(), id="an entry that neither side has"),
    pytest.param(["status"], after(status=USER_STATUS_ACTIVE), id="unset status: the default"),
    pytest.param(["role"], after(role=USER_ROLE_USER), id="unset role: the default"),
    pytest.param(["profile"], after(profile=CHANGE.profile), id="a message is replaced"),
    pytest.param(["profile.bio"], after(profile=profile(bio="new")), id="a message's field"),
    pytest.param(
        ["profile.location"], after(profile=profile(location=None)), id="unset there: cleared"
    ),
    pytest.param(["profile.skills"], after(profile=profile(skills=None)), id="a list is replaced"),
    pytest.param(
        ["profile.social_links.more"],
        after(profile=profile(social_links={"work": WORK, "home": HOME, "more": WORK})),
        id="an entry of a map of messages, added",
    ),
    pytest.param(
        ["profile.social_links.home"],
        after(profile=profile(social_links={"work": WORK})),
        id="an entry of a map of messages, removed",
    ),
    pytest.param(
        ["profile.social_links.work.url"],
        after(profile=profile(social_links=NEITHER_LINK_BUT_HOME)),
        id="a field of an entry",
    ),
    pytest.param(
        ["user_id", "created_at", "updated_at"], after(), id="what an update cannot set is kept"
    ),
    pytest.param(
        [],
        after(
            email="new@example.org",
            display_name="New",
            metadata={"team": "red"},
            profile=profile(bio="new", social_links={"work": HOME, "more": WORK}),
        ),
        id="no mask: what is populated",
    ),
    pytest.param(
        ["*"],
        after(
            email="new@example.org",
            display_name="New",
            status=USER_STATUS_ACTIVE,
            role=USER_ROLE_USER,
            metadata={"team": "red"},
            profile=CHANGE.profile,
        ),
        id="the wildcard: everything",
    ),
]


@pytest.mark.parametrize(("paths", "expected"), MASKS)
async def test_a_mask_changes_its_paths_and_nothing_else(
    client: Client, paths: list[str], expected: User
) -> None:
    """
    The reply, and what Get answers afterwards, is the old user with the named fields replaced.
    """
    before = await client.users.CreateUser(CreateUserRequest(user=BEFORE))
    change = User()
    change.CopyFrom(CHANGE)

    replied = await update(client, change, *paths)
    got = await client.get("u-1")
    assert got == replied
    assert got.created_at == before.created_at
    got.ClearField("created_at")
    got.ClearField("updated_at")
    assert got == expected


@pytest.mark.parametrize(
    "path",
    [
        "nope",
        "",
        ".",
        "email.",
        "email.x",
        "profile.nope",
        "profile..bio",
        "profile.skills.0",
        "metadata.team.x",
        "metadata.`team",
        "metadata.`te`am",
        "profile.social_links.work.nope",
        "profile.*",
        "displayName",
    ],
)
async def test_an_impossible_path_is_refused(client: Client, path: str) -> None:
    """
    Even where possible paths stand beside it; nothing is changed.
    """
    created = await client.users.CreateUser(CreateUserRequest(user=BEFORE))

    call = update(client, User(display_name="New"), "display_name", path)
    expected = Refused("INVALID_ARGUMENT", "UPDATE_MASK_INVALID", ("update_mask",))
    assert await refused(call) == expected
    assert await client.get("u-1") == created


async def test_the_wildcard_stands_alone(client: Client) -> None:
    """
    A mask is everything or a list.
    """
    await client.users.CreateUser(CreateUserRequest(user=BEFORE))

    call = update(client, person(), "*", "email")
    assert (await refused(call)).reason == "UPDATE_MASK_INVALID"


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
