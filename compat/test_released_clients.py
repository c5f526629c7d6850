"""Every released client still works: built from the released image, it calls today's service.

Messages are made from the released descriptors at run time, so what is sent and read here is what a
client compiled from that release sends and reads; today's schema plays no part.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wireproof.contracts.states import CallFailed, Client
from wireproof.exchange.channel import target_of
from wireproof.exchange.door import Door
from wireproof.schema.release import releases
from wireproof.schema.source import load
from wireproof.testing.launch import launched

ROOT = Path(__file__).parent.parent
V1 = "api.user.v1.UserService"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with launched("python -m service --port {port} --db sqlite://", folder=ROOT) as address:
        yield address


@pytest.fixture(scope="module", params=releases(ROOT))
def client(request: pytest.FixtureRequest, address: str) -> Iterator[Client]:
    """A client of one release."""
    schema = load(f"release:{request.param}", root=ROOT)
    with Door(target_of(address)) as door:
        yield Client(door, schema, V1)


def new(client: Client, **fields: Any) -> dict[str, Any]:
    """A request for a user that nobody else has."""
    user = {"email": f"{client.unique()}@example.com", "displayName": "Ada", **fields}
    return {"user": user}


def created(client: Client, **fields: Any) -> dict[str, Any]:
    user: dict[str, Any] = client.call("CreateUser", new(client, **fields))
    return user


def test_create_user_returns_the_user_as_sent(client):
    """With what the server adds: identifier, defaults, times."""
    profile = {
        "bio": "Analyst",
        "avatarUrl": "https://example.com/ada.png",
        "location": "London",
        "skills": ["mathematics"],
        "socialLinks": {"work": {"platform": "web", "url": "https://ada.example.com"}},
    }
    request = new(client, role="USER_ROLE_MODERATOR", metadata={"team": "a"}, profile=profile)
    reply = client.call("CreateUser", {**request, "idempotencyKey": client.unique()})
    assert reply | request["user"] == reply
    assert reply["status"] == "USER_STATUS_ACTIVE"
    assert reply.keys() - request["user"].keys() == {"userId", "status", "createdAt", "updatedAt"}


def test_get_user_returns_what_was_created(client):
    """All of it."""
    user = created(client)
    assert client.call("GetUser", {"userId": user["userId"]}) == user


def test_get_user_tells_who_does_not_exist(client):
    """By the code that clients decide by."""
    with pytest.raises(CallFailed) as failed:
        client.call("GetUser", {"userId": client.unique("nobody")})
    assert failed.value.code == "NOT_FOUND"


def test_list_users_leads_through_all_pages(client):
    """A token leads to the next page, the last page has none, and every user comes once."""
    mine = {created(client)["userId"] for _ in range(3)}
    seen, token = [], ""
    while True:
        page = client.call("ListUsers", {"pageSize": 2, "pageToken": token, "orderBy": "user_id"})
        seen += [user["userId"] for user in page["users"]]
        if not (token := page.get("nextPageToken", "")):
            break
    assert sorted(set(seen)) == seen
    assert mine <= set(seen)
    assert page["totalCount"] == len(seen)


def test_update_user_changes_what_its_mask_names(client):
    """And nothing else but the time of the change."""
    user = created(client)
    change = {"userId": user["userId"], "displayName": "Countess", "email": "no@example.com"}
    reply = client.call("UpdateUser", {"user": change, "updateMask": "displayName"})
    assert reply == user | {"displayName": "Countess", "updatedAt": reply["updatedAt"]}


def test_delete_user_hides_the_user(client):
    """Once; a second time there is nobody to delete."""
    request = {"userId": created(client)["userId"]}
    assert client.call("DeleteUser", request) == {}
    for method in ("GetUser", "DeleteUser"):
        with pytest.raises(CallFailed) as failed:
            client.call(method, request)
        assert failed.value.code == "NOT_FOUND"


def test_stream_user_events_tells_a_user_s_life(client):
    """In order, each event with the time and a token to go on from."""
    user = created(client)
    name = {"userId": user["userId"]}
    change = {"user": {**name, "displayName": "Countess"}, "updateMask": "displayName"}
    renamed = client.call("UpdateUser", change)
    client.call("DeleteUser", name)
    mine = {"userIds": [user["userId"]]}
    events = client.call("StreamUserEvents", {**mine, "fromBeginning": True, "maxEvents": 3})
    assert [event["resumeToken"] and event["timestamp"] and _kind(event) for event in events] == [
        {"userCreated": {"user": user}},
        {"userUpdated": {"user": renamed, "updatedFields": "displayName"}},
        {"userDeleted": name},
    ]
    resumed = {**mine, "resumeToken": events[0]["resumeToken"], "maxEvents": 2}
    assert client.call("StreamUserEvents", resumed) == events[1:]


def test_batch_create_users_reports_each_failure(client):
    """By position and status, between the users that were created."""
    first, last = new(client), new(client)
    reply = client.call("BatchCreateUsers", first, new(client, email="nobody"), last)
    emails = [user["email"] for user in reply["createdUsers"]]
    assert emails == [first["user"]["email"], last["user"]["email"]]
    assert reply["failedCount"] == 1
    assert len(reply["errors"]) == 1
    assert [(f["position"], f["status"]["code"]) for f in reply["failures"]] == [(1, 3)]


def test_sync_users_answers_each_operation(client):
    """With the user, the identifier or the error, and the request's own identifier."""
    request = new(client)
    user_id = client.unique("user")
    request["user"]["userId"] = user_id
    change = {"user": {"userId": user_id, "displayName": "Countess"}, "updateMask": "displayName"}
    replies = client.call(
        "SyncUsers",
        {"requestId": "a", "createUser": request},
        {"requestId": "b", "updateUser": change},
        {"requestId": "c", "deleteUser": {"userId": user_id}},
        {"requestId": "d", "deleteUser": {"userId": user_id}},
    )
    assert [reply["requestId"] for reply in replies] == ["a", "b", "c", "d"]
    assert [int(reply.get("position", 0)) for reply in replies] == [0, 1, 2, 3]
    assert replies[0]["user"]["displayName"] == "Ada"
    assert replies[1]["user"]["displayName"] == "Countess"
    assert replies[2]["deletedUserId"] == user_id
    assert replies[3]["error"]["code"] == 5


def test_every_released_method_is_called_here(client):
    """A release that brings a method brings a test of it."""
    source = Path(__file__).read_text(encoding="utf-8")
    methods = [m.name for m in client.schema.methods() if m.containing_service.full_name == V1]
    assert [name for name in methods if f'"{name}"' not in source] == []


def _kind(event: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key.startswith("user")}
