"""CreateUser: what a new user becomes, what is refused, and how a repetition is safe."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import grpc
import pytest
from api.user.v1 import user_pb2
from api.user.v1.user_requests_pb2 import CreateUserRequest, UpdateUserRequest
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2

from contract_tests.service.support import Client, Refused, person, refused, serving, status_of
from service.users import KEY_LIFETIME, identifier, microseconds

FULL = user_pb2.User(
    user_id="u-1",
    email="ada@example.org",
    display_name="Ada \u0000 Łovelace 💡",
    status=user_pb2.USER_STATUS_SUSPENDED,
    role=user_pb2.USER_ROLE_ADMIN,
    metadata={"team": "blue", "a.b": "", "ключ": "x"},
    profile=user_pb2.UserProfile(
        bio="b",
        avatar_url="https://example.org/a.png",
        location="London",
        skills=["b", "a"],
        social_links={
            "work": user_pb2.SocialLink(platform="p", url="https://example.org", verified=True),
            "empty": user_pb2.SocialLink(),
        },
    ),
)

pytestmark = pytest.mark.versions("v1", "v2")


async def test_what_is_created_is_what_is_got(either: Client) -> None:
    """
    Every field comes back as it was sent, the server's own aside.
    """
    created = await either.users.CreateUser(CreateUserRequest(user=FULL))

    got = await either.get("u-1")
    assert got == created
    got.ClearField("created_at")
    got.ClearField("updated_at")
    assert got == FULL


async def test_a_present_but_empty_profile_stays_present(client: Client) -> None:
    """
    Presence is data.
    """
    created = await client.create(profile=user_pb2.UserProfile())

    assert (await client.get(created.user_id)).HasField("profile")


async def test_what_is_left_out_gets_its_default(client: Client) -> None:
    """
    An id of the server's, an active account, the role of a user.
    """
    created = await client.create()

    assert len(created.user_id) == 36
    assert created.status == user_pb2.USER_STATUS_ACTIVE
    assert created.role == user_pb2.USER_ROLE_USER
    assert created.created_at == created.updated_at


async def test_output_only_fields_are_ignored_on_input(client: Client) -> None:
    """
    A client does not choose when its user was created.
    """
    created = await client.create(created_at=Timestamp(seconds=1), updated_at=Timestamp(seconds=2))

    assert created.created_at.seconds > 2
    assert created.updated_at == created.created_at


@pytest.mark.parametrize(
    ("user", "field"),
    [
        (person(user_id="ab"), "user.user_id"),
        (person(user_id="a_b"), "user.user_id"),
        (person(user_id="abc\n"), "user.user_id"),
        (person(user_id="a" * 65), "user.user_id"),
        (person(email=""), "user.email"),
        (person(email="nobody"), "user.email"),
        (person(display_name=""), "user.display_name"),
        (person(display_name="x" * 101), "user.display_name"),
        (person(status=9), "user.status"),
        (person(role=9), "user.role"),
        (person(status=user_pb2.USER_STATUS_DELETED), "user.status"),
        (person(metadata={"": "x"}), 'user.metadata[""]'),
        (person(profile=user_pb2.UserProfile(skills=["a", "a"])), "user.profile.skills"),
        (person(profile=user_pb2.UserProfile(skills=["a", ""])), "user.profile.skills[1]"),
        (person(profile=user_pb2.UserProfile(avatar_url="no uri")), "user.profile.avatar_url"),
        (
            person(
                profile=user_pb2.UserProfile(social_links={"x": user_pb2.SocialLink(url="no uri")})
            ),
            'user.profile.social_links["x"].url',
        ),
        (
            person(
                profile=user_pb2.UserProfile(
                    social_links={'"] \\': user_pb2.SocialLink(url="no uri")}
                )
            ),
            r'user.profile.social_links["\"] \\"].url',
        ),
    ],
)
async def test_a_broken_rule_is_refused_by_the_name_of_its_field(
    client: Client, user: user_pb2.User, field: str
) -> None:
    """
    The violation names the path in the request.
    """
    call = client.users.CreateUser(CreateUserRequest(user=user))

    assert await refused(call) == Refused("INVALID_ARGUMENT", "REQUEST_INVALID", (field,))


async def test_no_user_at_all_is_refused(client: Client) -> None:
    """
    A zero-byte request is a request without a user.
    """
    call = client.users.CreateUser(CreateUserRequest())

    assert await refused(call) == Refused("INVALID_ARGUMENT", "REQUEST_INVALID", ("user",))


async def test_a_taken_user_id_already_exists(either: Client) -> None:
    """
    Identifiers are unique.
    """
    await either.create("ada", user_id="u-1")

    again = either.create("bob", user_id="u-1")
    assert await refused(again) == Refused("ALREADY_EXISTS", "USER_ID_TAKEN")


async def test_a_taken_email_already_exists_in_whatever_case(either: Client) -> None:
    """
    Addresses are unique, and case does not tell people apart.
    """
    await either.create(email="ada@example.org")

    again = either.create(email="Ada@Example.org")
    assert await refused(again) == Refused("ALREADY_EXISTS", "EMAIL_TAKEN")


async def test_a_deleted_user_frees_its_email_and_keeps_its_id(either: Client) -> None:
    """
    Somebody new may have the address; nobody new takes over the identifier.
    """
    await either.create("ada", user_id="u-1")
    await either.delete("u-1")

    await either.create("ada", user_id="u-2")
    again = either.create("bob", user_id="u-1")
    assert await refused(again) == Refused("ALREADY_EXISTS", "USER_ID_TAKEN")


async def test_of_many_who_want_one_email_one_gets_it(either: Client) -> None:
    """
    Uniqueness holds among concurrent writers.
    """
    calls = [either.create(email="one@example.org") for _ in range(20)]

    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    errors = [outcome for outcome in outcomes if isinstance(outcome, grpc.aio.AioRpcError)]
    assert [error.code() for error in errors] == [grpc.StatusCode.ALREADY_EXISTS] * 19


async def test_of_many_who_want_one_id_one_gets_it(either: Client) -> None:
    """
    Uniqueness holds among concurrent writers.
    """
    calls = [either.create(f"p{n}", user_id="the-one") for n in range(20)]

    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    errors = [outcome for outcome in outcomes if isinstance(outcome, grpc.aio.AioRpcError)]
    assert [error.code() for error in errors] == [grpc.StatusCode.ALREADY_EXISTS] * 19


def keyed(client: Client, name: str = "ada", key: str = "k", caller: str = "me") -> Any:
    """A create call with an idempotency key."""
    request = CreateUserRequest(user=person(name), idempotency_key=key)
    return client.users.CreateUser(request, metadata=(("x-caller-id", caller),))


async def test_a_repeated_create_gets_the_first_reply(either: Client) -> None:
    """
    Same key, same user: the same reply, whatever happened since.
    """
    first = await keyed(either)
    changed = user_pb2.User(user_id=first.user_id, display_name="other")
    await either.users.UpdateUser(UpdateUserRequest(user=changed))

    assert await keyed(either) == first
    assert len(await either.events(2)) == 2  # created once, updated once


async def test_many_repetitions_at_once_create_one_user(either: Client) -> None:
    """
    Whoever retries before the first reply is served like whoever retries after it.
    """
    replies = await asyncio.gather(*(keyed(either) for _ in range(20)))

    assert len({reply.user_id for reply in replies}) == 1


async def test_a_key_with_another_user_is_refused(either: Client) -> None:
    """
    A key stands for one payload.
    """
    await keyed(either, "ada")

    expected = Refused("INVALID_ARGUMENT", "IDEMPOTENCY_KEY_REUSED", ("idempotency_key",))
    assert await refused(keyed(either, "bob")) == expected


async def test_output_only_fields_do_not_make_another_payload(client: Client) -> None:
    """
    What is ignored distinguishes nothing.
    """
    first = await keyed(client)
    request = CreateUserRequest(user=person(created_at=Timestamp(seconds=7)), idempotency_key="k")

    assert await client.users.CreateUser(request, metadata=(("x-caller-id", "me"),)) == first


async def test_another_callers_key_is_another_key(client: Client) -> None:
    """
    Callers cannot hit each other's keys.
    """
    first = await keyed(client, "ada", caller="me")

    assert (await keyed(client, "bob", caller="you")).user_id != first.user_id


async def test_a_failed_create_does_not_use_up_its_key(client: Client) -> None:
    """
    Only a success is remembered.
    """
    taken = await client.create("ada")
    assert (await refused(keyed(client, "ada"))).reason == "EMAIL_TAKEN"

    await client.delete(taken.user_id)
    assert (await keyed(client, "ada")).user_id != taken.user_id


async def test_a_key_is_forgotten_after_a_day() -> None:
    """
    And not a moment before.
    """
    now = microseconds()
    async with serving(clock=lambda: now) as client:
        first = await keyed(client, "ada")
        now += KEY_LIFETIME - 1
        assert await keyed(client, "ada") == first
        now += 1
        assert (await keyed(client, "bob")).user_id != first.user_id


async def test_a_key_outlives_a_restart(db: str) -> None:
    """
    Whoever did not see the reply because the server went away may repeat the call.
    """
    async with serving(db) as client:
        first = await keyed(client)
    async with serving(db) as client:
        assert await keyed(client) == first


async def test_an_error_says_which_resource_is_meant(client: Client) -> None:
    """
    ALREADY_EXISTS carries ResourceInfo, and words for whoever chose the name.
    """
    await client.create("ada", user_id="u-1")

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await client.create("bob", user_id="u-1")
    found = error_details_pb2.ResourceInfo()
    assert [d.Unpack(found) for d in status_of(caught.value).details] == [False, True, False]
    assert (found.resource_type, found.resource_name) == ("user.wireproof.dev/User", "u-1")


def test_identifiers_are_uuids_that_sort_by_their_time() -> None:
    """
    RFC 9562, version 7: 48 bits of milliseconds first; their fraction follows (6.2, method 3).
    """
    times = [1_700_000_000_000_000 + 250 * n for n in range(8)]
    texts = [identifier(now) for now in times]
    found = [uuid.UUID(text) for text in texts]
    assert [str(one) for one in found] == texts == sorted(texts)
    assert {(one.version, one.variant) for one in found} == {(7, uuid.RFC_4122)}
    assert [one.int >> 80 for one in found] == [now // 1000 for now in times]
    assert len({one.int & (1 << 62) - 1 for one in found}) == len(found)
