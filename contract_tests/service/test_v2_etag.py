"""Etags of v2: nobody overwrites what they have not seen (AIP-154)."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from api.user.v1 import user_pb2 as v1
from api.user.v1.user_requests_pb2 import UpdateUserRequest as OlderUpdate
from api.user.v2 import user_pb2
from api.user.v2.user_bulk_pb2 import SyncUsersRequest
from api.user.v2.user_requests_pb2 import DeleteUserRequest, ListUsersRequest, UpdateUserRequest
from google.protobuf.field_mask_pb2 import FieldMask

from contract_tests.service.support import Refused, refusal, refused
from contract_tests.service.v2 import Client

STALE = Refused("ABORTED", "ETAG_STALE")


async def test_every_change_makes_another_etag(both_stores: Client) -> None:
    """
    Created, changed, changed back, deleted, undeleted: five states, five names.
    """
    users = [await both_stores.create(user_id="u-1", display_name="Ada")]
    users.append(await both_stores.update("u-1", display_name="Countess"))
    users.append(await both_stores.update("u-1", display_name="Ada"))
    users.append(await both_stores.delete("u-1"))
    users.append(await both_stores.undelete("u-1"))

    assert len({user.etag for user in users}) == 5
    assert all(user.etag.startswith('"') and user.etag.endswith('"') for user in users)


async def test_all_who_look_at_one_state_see_one_etag(both_stores: Client) -> None:
    """
    Whichever method tells of it; maps have no order that could show in it.
    """
    labels = {f"k{n}": "v" for n in range(50)}
    created = await both_stores.create(user_id="u-1", metadata=labels)
    (listed,) = (await both_stores.page()).users
    (batch,) = await both_stores.batches(1)

    seen = [created, await both_stores.get("u-1"), listed, batch.events[0].user_created.user]
    assert len({user.etag for user in seen}) == 1


async def test_an_update_that_changes_nothing_keeps_the_etag(v2: Client) -> None:
    """
    The state is the same, and so is its name.
    """
    created = await v2.create(user_id="u-1", display_name="Ada")

    assert (await v2.update("u-1", display_name="Ada")).etag == created.etag


async def test_a_current_etag_lets_a_change_through(both_stores: Client) -> None:
    """
    Each reply carries the etag that the next change needs.
    """
    user = await both_stores.create(user_id="u-1")
    user = await both_stores.update("u-1", etag=user.etag, display_name="New")
    user = await both_stores.delete("u-1", user.etag)
    user = await both_stores.undelete("u-1", user.etag)

    assert user.display_name == "New"


async def test_a_stale_etag_changes_nothing(both_stores: Client) -> None:
    """
    ABORTED, for an update, a deletion and an undeletion alike.
    """
    old = await both_stores.create(user_id="u-1")
    new = await both_stores.update("u-1", display_name="New")

    assert await refused(both_stores.update("u-1", etag=old.etag, display_name="Lost")) == STALE
    assert await refused(both_stores.delete("u-1", old.etag)) == STALE
    assert await both_stores.get("u-1") == new
    await both_stores.delete("u-1")
    assert await refused(both_stores.undelete("u-1", new.etag)) == STALE


async def test_a_stale_etag_goes_before_the_judgement_of_the_merged_user(v2: Client) -> None:
    """
    What the caller has not seen is no ground to blame their request.
    """
    await v2.create(user_id="u-1")

    assert await refused(v2.update("u-1", etag='"old"', display_name="")) == STALE


async def test_a_change_by_the_older_version_makes_an_etag_stale(v2: Client) -> None:
    """
    There is one user, whichever version changes it.
    """
    seen = await v2.create(user_id="u-1")
    await v2.older.UpdateUser(OlderUpdate(user=v1.User(user_id="u-1", display_name="Old")))

    assert await refused(v2.update("u-1", etag=seen.etag, display_name="New")) == STALE


async def test_of_many_who_change_what_they_saw_one_succeeds(both_stores: Client) -> None:
    """
    The comparison and the change are one step.
    """
    seen = await both_stores.create(user_id="u-1")
    calls = [both_stores.update("u-1", etag=seen.etag, display_name=f"n{n}") for n in range(20)]

    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    refusals = [one for one in outcomes if isinstance(one, grpc.aio.AioRpcError)]
    assert [one.code() for one in refusals] == [grpc.StatusCode.ABORTED] * 19


async def test_an_etag_is_no_part_of_what_is_created(v2: Client) -> None:
    """
    Sent with a new user it is ignored, also by an idempotency key.
    """
    created = await v2.create(user_id="u-1", etag='"mine"')

    assert created.etag not in ("", '"mine"')


async def test_a_mask_may_name_the_etag(v2: Client) -> None:
    """
    It is compared, not set; so is one among the populated fields of an update without a mask.
    """
    created = await v2.create(user_id="u-1")
    user = user_pb2.User(user_id="u-1", etag=created.etag)

    for paths in ([], ["etag"], ["user_id", "create_time", "delete_time", "etag"]):
        request = UpdateUserRequest(user=user, update_mask=FieldMask(paths=paths))
        assert (await v2.users.UpdateUser(request)).user == created


async def test_etags_are_judged_in_a_stream_too(v2: Client) -> None:
    """
    In band, as by the unary method.
    """
    await v2.create(user_id="u-1")
    stale = DeleteUserRequest(user_id="u-1", etag='"old"')
    call = v2.users.SyncUsers(iter([SyncUsersRequest(delete_user=stale)]), timeout=60)

    (reply,) = [reply async for reply in call]
    assert refusal(reply.error) == STALE


@pytest.mark.parametrize("page_size", [101, 1000, 2**31 - 1])
async def test_a_page_size_too_large_is_coerced(v2: Client, page_size: int) -> None:
    """
    To a hundred users (AIP-158).
    """
    for n in range(101):
        await v2.create(f"p{n}")

    page = await v2.page(page_size=page_size)
    assert (len(page.users), page.total_size) == (100, 101)
    assert len((await v2.page(page_token=page.next_page_token)).users) == 1


async def test_a_negative_page_size_is_refused(v2: Client) -> None:
    """
    There is nothing to coerce it to.
    """
    expected = Refused("INVALID_ARGUMENT", "REQUEST_INVALID", ("page_size",))

    assert await refused(v2.users.ListUsers(ListUsersRequest(page_size=-1))) == expected


async def test_the_status_of_the_deleted_is_no_status_here(v2: Client) -> None:
    """
    v1's number for it is kept free, and refused.
    """
    user = user_pb2.User.FromString(b"\x12\x05a@b.c\x1a\x01a\x20\x04")
    assert user.status == 4

    call = v2.create(status=user.status)
    assert await refused(call) == Refused("INVALID_ARGUMENT", "REQUEST_INVALID", ("user.status",))
