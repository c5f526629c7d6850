"""Soft deletion in v2: the deleted are seen, and come back (AIP-164)."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

import grpc
import pytest
from api.user.v1 import user_pb2 as v1
from api.user.v1.user_requests_pb2 import CreateUserRequest as OlderCreate
from api.user.v1.user_requests_pb2 import DeleteUserRequest as OlderDelete
from api.user.v1.user_requests_pb2 import GetUserRequest as OlderGet
from api.user.v2 import user_pb2
from api.user.v2.user_bulk_pb2 import SyncUsersRequest
from api.user.v2.user_requests_pb2 import CreateUserRequest, UndeleteUserRequest

from contract_tests.service.support import Refused, ids, refused
from contract_tests.service.tokens import HS256, SECRET, VARIABLE, bearer
from contract_tests.service.v2 import Client, serving
from service.store import sqlite_schema

if TYPE_CHECKING:
    from pathlib import Path

NOT_FOUND = Refused("NOT_FOUND", "USER_NOT_FOUND")
DELETED = Refused("FAILED_PRECONDITION", "USER_DELETED")
SUSPENDED = user_pb2.USER_STATUS_SUSPENDED


async def test_a_deletion_answers_the_deleted_user(both_stores: Client) -> None:
    """
    As it was, with the time of its deletion, which is its last change.
    """
    created = await both_stores.create(user_id="u-1", status=SUSPENDED)
    deleted = await both_stores.delete("u-1")

    assert deleted.delete_time == deleted.update_time
    assert deleted.delete_time.ToNanoseconds() > created.update_time.ToNanoseconds()
    for own in ("delete_time", "update_time", "etag"):
        created.ClearField(own)
        deleted.ClearField(own)
    assert deleted == created


async def test_the_deleted_are_got(both_stores: Client) -> None:
    """
    Get shows what Delete answered.
    """
    await both_stores.create(user_id="u-1")
    deleted = await both_stores.delete("u-1")

    assert await both_stores.get("u-1") == deleted


async def test_an_undeletion_gives_back_what_was(both_stores: Client) -> None:
    """
    The status too: who was suspended still is.
    """
    created = await both_stores.create(user_id="u-1", status=SUSPENDED, metadata={"a": "b"})
    await both_stores.delete("u-1")
    back = await both_stores.undelete("u-1")

    assert not back.HasField("delete_time")
    assert await both_stores.get("u-1") == back
    for own in ("update_time", "etag"):
        created.ClearField(own)
        back.ClearField(own)
    assert back == created


async def test_nothing_but_an_undeletion_touches_the_deleted(both_stores: Client) -> None:
    """
    An update fails for their state, a second deletion finds nobody to delete.
    """
    await both_stores.create(user_id="u-1")
    deleted = await both_stores.delete("u-1")

    assert await refused(both_stores.update("u-1", display_name="x")) == DELETED
    assert await refused(both_stores.delete("u-1")) == NOT_FOUND
    assert await both_stores.get("u-1") == deleted


async def test_only_the_deleted_are_undeleted(both_stores: Client) -> None:
    """
    Nobody is NOT_FOUND; who is there is ALREADY_EXISTS, as AIP-164 has it.
    """
    await both_stores.create(user_id="u-1")

    assert await refused(both_stores.undelete("u-2")) == NOT_FOUND
    expected = Refused("ALREADY_EXISTS", "USER_NOT_DELETED")
    assert await refused(both_stores.undelete("u-1")) == expected


async def test_an_email_that_was_taken_meanwhile_keeps_a_user_deleted(both_stores: Client) -> None:
    """
    Addresses stay unique among those who are there.
    """
    await both_stores.create("ada", user_id="u-1")
    await both_stores.delete("u-1")
    await both_stores.create("ada", user_id="u-2")

    assert await refused(both_stores.undelete("u-1")) == Refused("ALREADY_EXISTS", "EMAIL_TAKEN")
    await both_stores.update("u-2", email="countess@example.org")
    assert (await both_stores.undelete("u-1")).email == "ada@example.org"
    assert (await refused(both_stores.create("ada"))).reason == "EMAIL_TAKEN"


async def test_of_many_who_undelete_one_succeeds(both_stores: Client) -> None:
    """
    And there is one event.
    """
    await both_stores.create(user_id="u-1")
    await both_stores.delete("u-1")
    calls = [both_stores.undelete("u-1") for _ in range(10)]

    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(one, grpc.aio.AioRpcError) for one in outcomes) == 9
    await both_stores.delete("u-1")
    (batch,) = await both_stores.batches(4)
    assert [event.WhichOneof("event") for event in batch.events] == [
        "user_created",
        "user_deleted",
        "user_undeleted",
        "user_deleted",
    ]


async def test_lists_show_the_deleted_where_asked(both_stores: Client) -> None:
    """
    Among the others, under the status that they had.
    """
    await both_stores.create("a", user_id="u-1")
    await both_stores.create("b", user_id="u-2", status=SUSPENDED)
    await both_stores.create("c", user_id="u-3", status=SUSPENDED)
    await both_stores.delete("u-2")

    async def listed(**asked: object) -> list[str]:
        page = await both_stores.page(order_by="user_id", **asked)
        assert page.total_size == len(page.users)
        return ids(page.users)  # type: ignore[arg-type]

    assert await listed() == ["u-1", "u-3"]
    assert await listed(show_deleted=True) == ["u-1", "u-2", "u-3"]
    assert await listed(status=SUSPENDED) == ["u-3"]
    assert await listed(status=SUSPENDED, show_deleted=True) == ["u-2", "u-3"]
    assert await listed(role=user_pb2.USER_ROLE_USER, show_deleted=True) == ["u-1", "u-2", "u-3"]


async def test_pages_that_show_the_deleted_are_pages_of_their_own(both_stores: Client) -> None:
    """
    A walk misses nobody; its token serves no other query.
    """
    for n in range(5):
        await both_stores.create(f"p{n}", user_id=f"u-{n}")
    await both_stores.delete("u-1")
    await both_stores.delete("u-3")

    seen, token = [], ""
    for _ in range(3):
        page = await both_stores.page(page_size=2, page_token=token, show_deleted=True)
        seen += [user.user_id for user in page.users]
        token = page.next_page_token or token
    assert (seen, page.next_page_token) == ([f"u-{n}" for n in range(5)], "")
    call = both_stores.page(page_size=2, page_token=token)
    assert (await refused(call)).reason == "PAGE_TOKEN_INVALID"


async def test_orders_may_name_the_times(both_stores: Client) -> None:
    """
    By the names that they have in this version.
    """
    for n in range(3):
        await both_stores.create(f"p{n}", user_id=f"u-{n}")
    await both_stores.update("u-0", display_name="last")

    by_change = await both_stores.page(order_by="update_time desc, create_time")
    assert [user.user_id for user in by_change.users] == ["u-0", "u-2", "u-1"]


async def test_operations_of_a_stream_undelete(v2: Client) -> None:
    """
    As the unary method does.
    """
    await v2.create(user_id="u-1")
    await v2.delete("u-1")
    undelete = SyncUsersRequest(undelete_user=UndeleteUserRequest(user_id="u-1"))
    call = v2.users.SyncUsers(iter([undelete, undelete]), timeout=60)

    first, second = [reply async for reply in call]
    assert first.user == await v2.get("u-1")
    assert second.error.code == grpc.StatusCode.ALREADY_EXISTS.value[0]


async def test_only_administrators_undelete(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Whom an administrator deleted does not bring themselves back, alone or in a stream.
    """
    monkeypatch.setenv(VARIABLE, SECRET)
    request = UndeleteUserRequest(user_id="ada")
    async with serving(auth=(HS256,)) as client:
        for who in (bearer("ada"), bearer("mod", "moderator")):
            call = client.users.UndeleteUser(request, metadata=who)
            assert await refused(call) == Refused("PERMISSION_DENIED", "NOT_ALLOWED")
            operation = SyncUsersRequest(undelete_user=request)
            replies = client.users.SyncUsers(iter([operation]), metadata=who, timeout=60)
            (reply,) = [reply async for reply in replies]
            assert reply.error.code == grpc.StatusCode.PERMISSION_DENIED.value[0]
        call = client.users.UndeleteUser(request, metadata=bearer("root", "admin"))
        assert await refused(call) == NOT_FOUND


async def test_what_one_version_writes_the_other_reads(both_stores: Client) -> None:
    """
    There is one set of users: who is deleted in one is deleted in the other, and who comes back is
    back in both.
    """
    user = v1.User(user_id="u-1", email="ada@example.org", display_name="Ada")
    user.status = v1.USER_STATUS_SUSPENDED
    await both_stores.older.CreateUser(OlderCreate(user=user))
    assert (await both_stores.get("u-1")).status == SUSPENDED

    get = OlderGet(user_id="u-1")
    await both_stores.delete("u-1")
    assert await refused(both_stores.older.GetUser(get)) == NOT_FOUND
    await both_stores.undelete("u-1")
    assert (await both_stores.older.GetUser(get)).status == v1.USER_STATUS_SUSPENDED

    await both_stores.older.DeleteUser(OlderDelete(user_id="u-1"))
    assert (await both_stores.get("u-1")).HasField("delete_time")
    assert (await both_stores.undelete("u-1")).status == SUSPENDED


async def test_idempotency_keys_are_the_callers_in_every_version(both_stores: Client) -> None:
    """
    A client that migrates between two attempts still creates one user.
    """
    old = OlderCreate(user=v1.User(email="a@b.c", display_name="a"), idempotency_key="k")
    first = await both_stores.older.CreateUser(old)
    new = both_stores.users.CreateUser(
        CreateUserRequest(user=user_pb2.User(email="a@b.c", display_name="a"), idempotency_key="k")
    )

    assert (await new).user.user_id == first.user_id


async def test_tables_of_the_first_release_are_brought_up_to_date(tmp_path: Path) -> None:
    """
    Who was deleted then comes back as they were: the events know.
    """
    path = tmp_path / "users.db"
    old = sqlite3.connect(path)
    old.executescript(sqlite_schema.MIGRATIONS[0])
    as_it_was = '{"user_id":"u-1","email":"a@b.c","status":3,"role":1,"display_name":"a",' + (
        '"metadata":{},"profile":null,"created_at":1,"updated_at":1}'
    )
    gone = as_it_was.replace('"status":3', '"status":4')
    old.execute("INSERT INTO users VALUES ('u-1','a@b.c','a',4,1,'{}',NULL,1,2)")
    old.execute("INSERT INTO users VALUES ('u-2','b@b.c','b',1,1,'{}',NULL,1,1)")
    for kind, user in ((1, as_it_was), (3, gone)):
        values = (kind, "u-1", user, 1, "")
        old.execute("INSERT INTO events (kind,user_id,user,at,changed) VALUES (?,?,?,?,?)", values)
    old.execute("INSERT INTO secret VALUES (x'00')")
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()

    async with serving(f"sqlite://{path}") as client:
        assert (await client.get("u-2")).status == user_pb2.USER_STATUS_ACTIVE
        assert (await client.get("u-1")).status == SUSPENDED
        assert (await client.undelete("u-1")).status == SUSPENDED
        (batch,) = await client.batches(3)
    assert [event.WhichOneof("event") for event in batch.events][2] == "user_undeleted"
