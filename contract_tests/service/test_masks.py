"""UpdateUser's masks: what each changes, and which are refused."""

from __future__ import annotations

from typing import Any

import pytest
from api.user.v1.user_pb2 import (
    USER_ROLE_USER,
    USER_STATUS_ACTIVE,
    SocialLink,
    User,
    UserProfile,
)
from api.user.v1.user_requests_pb2 import CreateUserRequest
from google.protobuf.timestamp_pb2 import Timestamp

from contract_tests.service.support import (
    BEFORE,
    HOME,
    WORK,
    Client,
    Refused,
    person,
    refused,
    update,
)

pytestmark = pytest.mark.versions("v1", "v2")


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
